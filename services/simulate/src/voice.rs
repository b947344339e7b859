//! The person's own voice, on the portal: consents, the profile, the review (R18 to R21).

use super::journey::Journey;
use super::stay::Stay;
use super::trades::Trade;
use super::workdays;
use chrono::{Days, TimeDelta};
use parcours_model::calendar;
use parcours_model::codes::Score;
use parcours_model::streams::parcours::{
    Consent, ExitReason, Fact, ProfilePublished, ProfileWithdrawn, Purpose, ReviewSubmitted,
};

const SHOWN: [&str; 6] = [
    "Sens du contact",
    "Rigueur",
    "Travail en équipe",
    "Autonomie",
    "Outils numériques",
    "Adaptation",
];

/// Consents, the profile near the end, and the review once it is over.
pub(super) fn speak(journey: &mut Journey, stay: &Stay<'_>) {
    for (purpose, share) in [
        (Purpose::Partners, 0.55),
        (Purpose::Contact, 0.4),
        (Purpose::Community, 0.15),
    ] {
        if journey.dice.chance(share) {
            let day = workdays::between(&mut journey.dice, stay.settled, stay.exit);
            let at = workdays::waking_hours(&mut journey.dice, day);
            journey.state(at, Fact::ConsentGiven(Consent { purpose }));
            let later = journey
                .dice
                .chance(0.06)
                .then(|| at + TimeDelta::days(journey.dice.between(20, 120)));
            let withdrawn = later.filter(|later| !stay.is_over(calendar::day(*later)));
            if let Some(withdrawn) = withdrawn {
                journey.state(withdrawn, Fact::ConsentWithdrawn(Consent { purpose }));
            }
            if purpose == Purpose::Community {
                let community = journey.dice.pick(stay.communities);
                community.join(journey, at, withdrawn, stay.last_day());
            }
        }
    }
    if stay.fate.reason == ExitReason::Deceased {
        return;
    }
    let looks_for_work = stay.fate.reason != ExitReason::Employment;
    if looks_for_work && stay.weeks() > 4 && journey.dice.chance(0.35) {
        publish_profile(journey, stay);
    }
    if journey.dice.chance(0.5) {
        review(journey, stay);
    }
}

fn publish_profile(journey: &mut Journey, stay: &Stay<'_>) {
    let dice = &mut journey.dice;
    let day = workdays::after(stay.exit, dice.between(-21, 14));
    let consented = workdays::waking_hours(dice, day);
    let published = consented + TimeDelta::seconds(dice.between(60, 200_000));
    let trades = stay.training.trades();
    let other = dice
        .several(&trades, 0, 1)
        .into_iter()
        .filter(|trade| trade.rome != stay.trade.rome);
    let rome = std::iter::once(stay.trade)
        .chain(other)
        .map(Trade::code)
        .collect();
    let profile = ProfilePublished {
        headline: format!("Recherche un poste : {}", stay.trade.title),
        skills: dice
            .several(&SHOWN, 2, 4)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        rome,
        radius_km: *dice.pick(&[10, 20, 30, 50]),
        available_from: stay.exit + Days::new(1),
    };
    let purpose = Purpose::Profile;
    journey.state(consented, Fact::ConsentGiven(Consent { purpose }));
    journey.state(published, Fact::ProfilePublished(Box::new(profile)));
    if journey.dice.chance(0.3) {
        let withdrawn = published + TimeDelta::days(journey.dice.between(10, 120));
        let reason = journey.dice.chance(0.6).then(|| "A trouvé un emploi".to_owned());
        journey.state(withdrawn, Fact::ProfileWithdrawn(ProfileWithdrawn { reason }));
        if journey.dice.chance(0.5) {
            journey.state(
                withdrawn + TimeDelta::minutes(2),
                Fact::ConsentWithdrawn(Consent { purpose }),
            );
        }
    }
}

/// Those who succeeded tend to be happier with it.
fn review(journey: &mut Journey, stay: &Stay<'_>) {
    let dice = &mut journey.dice;
    let day = workdays::after(stay.latest_exit(), dice.between(6, 36));
    let at = workdays::waking_hours(dice, day);
    let low = if stay.fate.succeeds() { 3 } else { 1 };
    let marks: [i64; 5] = std::array::from_fn(|_| dice.between(low, 5));
    // The mean of the marks, rounded up or down.
    let overall = (marks.iter().sum::<i64>() + dice.between(0, 4)) / 5;
    let [welcome, content, team, means, support] = marks.map(score);
    let review = ReviewSubmitted {
        welcome,
        content,
        team,
        means,
        support,
        overall: score(overall),
        comment: None,
    };
    journey.state(at, Fact::ReviewSubmitted(review));
}

fn score(mark: i64) -> Score {
    Score::try_from(mark).expect("marks are drawn from 1 to 5")
}
