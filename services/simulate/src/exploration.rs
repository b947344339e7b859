//! Trades met with professionals, and the project that comes of it (R6, R8).

use super::journey::Journey;
use super::stay::Stay;
use super::workdays;
use parcours_model::streams::parcours::{Discovery, Fact, Project, ProjectAim, TradeDiscovered};

/// Discoveries, mostly in the first half.
pub(super) fn discover(journey: &mut Journey, stay: &Stay<'_>) {
    let trades = stay.training.trades();
    let half = workdays::after(stay.start, (stay.exit - stay.start).num_days() * 3 / 5);
    let mut days = stay.days_at_the_operators();
    days.truncate(days.partition_point(|day| *day <= half));
    if days.is_empty() {
        return;
    }
    for _ in 0..journey.dice.between(1, 4).min(stay.weeks()) {
        let dice = &mut journey.dice;
        let day = *dice.pick(&days);
        let format = *dice.pick(Discovery::ALL);
        let hosted = matches!(format, Discovery::Visit | Discovery::Platform);
        let discovery = TradeDiscovered {
            rome: dice.pick(&trades).code(),
            format,
            host: hosted.then(|| *dice.pick(stay.companies)),
            branch: None,
        };
        journey
            .mention(&stay.operator.source, day, Fact::TradeDiscovered(discovery))
            .window = Some((day, stay.at_the_operators_until(day)));
    }
}

/// The project, stated early; confirmed later if it is, or has become, realistic for the person and for the territory.
pub(super) fn project(journey: &mut Journey, stay: &Stay<'_>) {
    if stay.weeks() < 4 {
        return;
    }
    let dice = &mut journey.dice;
    let third = (stay.exit - stay.start).num_days() / 3;
    let aim = match () {
        () if stay.fate.created => ProjectAim::Creation,
        () => dice.weighted(&[
            (50, ProjectAim::Employment),
            (47, ProjectAim::Qualification),
            (3, ProjectAim::Creation),
        ]),
    };
    let stated = workdays::between(
        dice,
        workdays::after(stay.start, 10),
        workdays::after(stay.start, third.max(10)),
    );
    let mut project = Project {
        rome: stay.trade.code(),
        aim,
        realistic_for_person: dice.chance(0.8),
        realistic_for_territory: dice.chance(0.75),
    };
    journey.say(
        &stay.operator.source,
        stated,
        Fact::ProjectStated(project.clone()),
    );
    let dice = &mut journey.dice;
    project.realistic_for_person |= dice.chance(0.7);
    project.realistic_for_territory |= dice.chance(0.7);
    let realistic = project.realistic_for_person && project.realistic_for_territory;
    let ripe = workdays::from_on(workdays::after(stated, 14));
    if realistic && ripe <= stay.exit && dice.chance(0.8) {
        let confirmed = workdays::between(dice, ripe, stay.exit);
        journey.mention(&stay.operator.source, confirmed, Fact::ProjectConfirmed(project));
    }
}
