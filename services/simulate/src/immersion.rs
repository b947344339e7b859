//! Immersions: agreed, started, completed or broken off (R7).

use super::journey::Journey;
use super::stay::Stay;
use super::training::appraisal;
use super::workdays;
use chrono::{Days, NaiveDate};
use parcours_model::calendar;
use parcours_model::streams::parcours::{
    Fact, ImmersionAgreed, ImmersionBrokenOff, ImmersionCompleted, ImmersionKind, ImmersionStarted,
};

const AIMS: [&str; 4] = [
    "Découvrir le métier",
    "Confirmer le projet",
    "Se confronter aux gestes professionnels",
    "Préparer une embauche",
];
const SHOWN: [&str; 4] = [
    "Ponctualité",
    "Respect des consignes",
    "Travail en équipe",
    "Autonomie",
];
const BROKEN: [&str; 3] = [
    "Le métier ne convient pas",
    "Arrêt maladie",
    "Activité insuffisante de l'entreprise",
];

/// Up to three immersions after the bilan, one after another, each within one stretch of training. Gives the days of
/// each, the first and the last.
pub(super) fn immerse(
    journey: &mut Journey,
    stay: &Stay<'_>,
    bilan: NaiveDate,
) -> Vec<(NaiveDate, NaiveDate)> {
    let wanted = journey.dice.weighted(&[(20, 0), (45, 1), (27, 2), (8, 3)]);
    let mut earliest = bilan + Days::new(5);
    let mut spent = Vec::new();
    for (low, high) in stay.stretches() {
        let mut left = wanted;
        while left > 0 {
            let from = workdays::from_on(workdays::after(earliest.max(low), journey.dice.between(1, 25)));
            let to = workdays::up_to(workdays::after(from, *journey.dice.pick(&[4, 4, 11, 11, 18, 25])));
            if to > high || to <= from {
                break;
            }
            spent.push((from, one(journey, stay, low, from, to)));
            (earliest, left) = (to + Days::new(1), left - 1);
        }
        if left < wanted {
            break;
        }
    }
    spent
}

/// An immersion between two days; gives the day on which it really ends.
fn one(journey: &mut Journey, stay: &Stay<'_>, low: NaiveDate, from: NaiveDate, to: NaiveDate) -> NaiveDate {
    let sender = &stay.operator.source;
    let dice = &mut journey.dice;
    let agreed = workdays::between(dice, low.max(workdays::after(from, -12)), from);
    let immersion = dice.uuid(calendar::midnight(agreed));
    let kind = dice.weighted(&[
        (70, ImmersionKind::Placement),
        (7, ImmersionKind::Temping),
        (3, ImmersionKind::Casual),
        (6, ImmersionKind::ShortContract),
        (4, ImmersionKind::Volunteering),
        (10, ImmersionKind::Platform),
    ]);
    let own = kind == ImmersionKind::Platform && dice.chance(0.5);
    let fact = ImmersionAgreed {
        immersion,
        kind,
        host: if own {
            stay.operator.siret
        } else {
            *dice.pick(stay.companies)
        },
        commune: if own || dice.chance(0.6) {
            stay.operator.commune
        } else {
            stay.home
        },
        rome: if dice.chance(0.6) {
            stay.trade.code()
        } else {
            dice.pick(&stay.training.trades()).code()
        },
        from,
        to,
        aims: dice.several(&AIMS, 1, 2).into_iter().map(str::to_owned).collect(),
    };
    journey.say(sender, agreed, Fact::ImmersionAgreed(Box::new(fact)));
    journey.say(
        sender,
        from,
        Fact::ImmersionStarted(ImmersionStarted { immersion }),
    );
    let dice = &mut journey.dice;
    if dice.chance(0.08) {
        let day = workdays::between(dice, from, to);
        let reason = (*dice.pick(&BROKEN)).to_owned();
        journey.say(
            sender,
            day,
            Fact::ImmersionBrokenOff(ImmersionBrokenOff { immersion, reason }),
        );
        return day;
    }
    let days = from
        .iter_days()
        .take_while(|day| *day <= to)
        .filter(|day| workdays::is_workday(*day))
        .count();
    let completed = ImmersionCompleted {
        immersion,
        days: days as u16,
        appraisal: appraisal(dice.between(1, 4)),
        skills: dice
            .several(&SHOWN, 1, 3)
            .into_iter()
            .map(str::to_owned)
            .collect(),
    };
    journey.say(sender, to, Fact::ImmersionCompleted(completed));
    to
}
