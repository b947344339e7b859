//! The time of training: from the start to the exit, with the interruptions between (R14).

use super::community::Community;
use super::dice::Dice;
use super::fate::{Fate, Manner};
use super::journey::Journey;
use super::operators::Operator;
use super::orientation::Person;
use super::partners::Partner;
use super::trades::{Trade, Training};
use super::workdays;
use chrono::{Days, NaiveDate};
use parcours_model::calendar;
use parcours_model::codes::{Commune, Siret};
use parcours_model::streams::parcours::{
    ExitReason, Exited, Fact, Interruption, ReferentNamed, Resumption, Situation, Started,
};

/// What the steps of a training have to know of it.
pub(super) struct Stay<'a> {
    pub operator: &'a Operator,
    pub training: &'static Training,
    /// The trade the person comes to aim at.
    pub trade: &'static Trade,
    pub home: Commune,
    pub companies: &'a [Siret],
    pub partners: &'a [Partner],
    pub communities: &'a [Community],
    pub fate: Fate,
    pub person: &'a Person,
    /// Minutes of the whole training, as it is offered.
    pub offered_minutes: i64,
    /// Minutes of training in a week, as the plan has it.
    pub weekly_minutes: i64,
    /// First and last day of the session.
    pub session: (NaiveDate, NaiveDate),
    /// From this day on the commitment is signed and a référent named.
    pub settled: NaiveDate,
    pub start: NaiveDate,
    pub exit: NaiveDate,
    /// An interruption, and the day on which the training goes on; none if the person leaves instead.
    pub pause: Option<(NaiveDate, Option<NaiveDate>)>,
    /// First and last days of the immersions.
    pub away: Vec<(NaiveDate, NaiveDate)>,
}

/// Training days of a week.
const DAYS_OF_A_WEEK: i64 = 5;

/// Percent of a training's hours without which nobody is sent to an examination.
const LEAST_PREPARED: i64 = 60;

/// Days by which the exit is told too late, at most.
const EXIT_TOLD_LATE: i64 = 4;

/// Hours of training in a week, with how often: who prepares for an examination, or works as well, has less choice.
pub(super) fn weekly_hours(dice: &mut Dice, situation: Situation, certifying: bool) -> i64 {
    dice.weighted(match (situation, certifying) {
        (Situation::PartTime, true) => &[(1, 24)],
        (Situation::PartTime, false) => &[(2, 20), (1, 24)],
        (_, true) => &[(7, 35), (3, 30)],
        (_, false) => &[(6, 35), (3, 30), (2, 24), (1, 20)],
    })
}

/// The day of the exit, between the start and the planned end.
pub(super) fn exit_day(dice: &mut Dice, manner: Manner, start: NaiveDate, end: NaiveDate) -> NaiveDate {
    let length = (end - start).num_days();
    let days = match manner {
        Manner::Full => return end,
        Manner::Early => dice.between(length / 2, length),
        Manner::Dropout => dice.between(length / 20, length * 3 / 4),
        Manner::Neutral(_) => dice.between(length / 10, length * 4 / 5),
    };
    workdays::from_on(workdays::after(start, days.max(5))).min(end)
}

/// Whether and when the training is interrupted. The first five weeks are left whole for plan and bilan.
pub(super) fn pause(
    dice: &mut Dice,
    reason: ExitReason,
    start: NaiveDate,
    exit: NaiveDate,
) -> Option<(NaiveDate, Option<NaiveDate>)> {
    let length = (exit - start).num_days();
    let drifts_away = matches!(
        reason,
        ExitReason::Abandoned | ExitReason::Health | ExitReason::Excluded
    );
    if length > 50 && drifts_away && dice.chance(0.25) {
        return Some((workdays::up_to(workdays::after(exit, -dice.between(7, 14))), None));
    }
    if length < 75 || !dice.chance(0.09) {
        return None;
    }
    let from = workdays::from_on(workdays::after(start, dice.between(35, length - 35)));
    let to = workdays::from_on(workdays::after(from, dice.between(5, 20)));
    (to < exit).then_some((from, Some(to)))
}

impl Stay<'_> {
    /// The days on which there is training. A day of interruption still counts, a day of resumption does not: facts
    /// of one day stand in the vocabulary's order, in which most come before both.
    pub fn stretches(&self) -> Vec<(NaiveDate, NaiveDate)> {
        let first = self.start + Days::new(1);
        match self.pause {
            None => vec![(first, self.exit)],
            Some((from, None)) => vec![(first, from)],
            Some((from, Some(to))) => vec![(first, from), (to + Days::new(1), self.exit)],
        }
    }

    /// The days of training, those of the immersions among them.
    fn days_of_training(&self) -> impl Iterator<Item = NaiveDate> {
        self.stretches()
            .into_iter()
            .flat_map(|(low, high)| low.iter_days().take_while(move |day| *day <= high))
            .filter(|day| workdays::is_workday(*day))
    }

    /// The days of training at the operator's, in order.
    pub fn days_at_the_operators(&self) -> Vec<NaiveDate> {
        let away = |day: &NaiveDate| self.away.iter().any(|(from, to)| (from..=to).contains(&day));
        self.days_of_training().filter(|day| !away(day)).collect()
    }

    /// Minutes of training in a day, as planned.
    pub fn daily_minutes(&self) -> i64 {
        self.weekly_minutes / DAYS_OF_A_WEEK
    }

    /// The last day, from a day at the operator's on, before an immersion, an interruption or the exit.
    pub fn at_the_operators_until(&self, day: NaiveDate) -> NaiveDate {
        let stretch = self
            .stretches()
            .into_iter()
            .find(|(from, to)| (from..=to).contains(&&day));
        let last = stretch.map_or(day, |(_, to)| to);
        let leaves = self.away.iter().map(|(from, _)| *from).filter(|from| *from > day);
        leaves
            .min()
            .map_or(last, |from| last.min(workdays::after(from, -1)))
    }

    /// Whether the training prepares for a certification, and the person was there long enough to be examined.
    pub fn is_prepared(&self) -> bool {
        let planned = self.days_of_training().count() as i64 * self.daily_minutes();
        self.training.certification().is_some() && planned * 100 >= self.offered_minutes * LEAST_PREPARED
    }

    /// The latest day on which the exit may be told to have been.
    pub fn latest_exit(&self) -> NaiveDate {
        let told = workdays::from_on(workdays::after(self.exit, EXIT_TOLD_LATE));
        told.min(self.session.1).max(self.exit)
    }

    /// Whether nothing more is heard of the person after this day.
    pub fn is_over(&self, day: NaiveDate) -> bool {
        self.fate.reason == ExitReason::Deceased && day > self.exit
    }

    /// The day after which nothing can be told of the person any more.
    pub fn last_day(&self) -> NaiveDate {
        match self.fate.reason {
            ExitReason::Deceased => self.exit,
            _ => NaiveDate::MAX,
        }
    }

    pub fn weeks(&self) -> i64 {
        (self.exit - self.start).num_days() / 7
    }

    /// A worked day of training between two days, with the stretch it lies in; none if there is none.
    pub fn day_between(
        &self,
        dice: &mut Dice,
        low: NaiveDate,
        high: NaiveDate,
    ) -> Option<(NaiveDate, (NaiveDate, NaiveDate))> {
        let within: Vec<_> = self
            .stretches()
            .into_iter()
            .filter(|(from, to)| workdays::from_on(low.max(*from)) <= high.min(*to))
            .collect();
        let stretch = *within.get(dice.below(within.len().max(1) as u64) as usize)?;
        Some((
            workdays::between(dice, low.max(stretch.0), high.min(stretch.1)),
            stretch,
        ))
    }

    /// Any worked day of training.
    pub fn day(&self, dice: &mut Dice) -> Option<(NaiveDate, (NaiveDate, NaiveDate))> {
        self.day_between(dice, self.start, self.exit)
    }
}

const PAUSES: [&str; 4] = [
    "Arrêt maladie",
    "Contrat court",
    "Garde d'enfant",
    "Raisons familiales",
];

/// The start, the interruptions, another référent, the exit.
pub(super) fn frame(journey: &mut Journey, stay: &Stay<'_>, correction_rate: f64) {
    let sender = &stay.operator.source;
    let wrong_start = workdays::between(
        &mut journey.dice,
        stay.settled.max(stay.start - Days::new(6)).max(stay.session.0),
        stay.start,
    );
    let mistold = journey.dice.chance(correction_rate);
    let started = journey.say(sender, stay.start, Fact::Started(Started {}));
    if mistold && wrong_start != stay.start {
        started.first_told = Some(Box::new((
            calendar::midnight(wrong_start),
            Fact::Started(Started {}).into(),
        )));
    }
    if let Some((from, to)) = stay.pause {
        let reason = (*journey.dice.pick(&PAUSES)).to_owned();
        journey.say(
            sender,
            from,
            Fact::Suspended(Interruption {
                reason: reason.clone(),
            }),
        );
        if let Some(to) = to {
            let reason = Some(format!("Fin : {}", reason.to_lowercase()));
            journey.say(sender, to, Fact::Resumed(Resumption { reason }));
        }
    }
    if journey.dice.chance(0.1) && stay.weeks() > 3 {
        let day = workdays::between(&mut journey.dice, stay.start + Days::new(7), stay.exit);
        let referent = *journey.dice.pick(&stay.operator.referents);
        let organisation = stay.operator.siret;
        journey.say(
            sender,
            day,
            Fact::ReferentNamed(ReferentNamed {
                referent,
                organisation,
            }),
        );
    }
    let exited = Fact::Exited(Exited {
        reason: stay.fate.reason,
    });
    let wrong_exit = workdays::after(stay.exit, journey.dice.between(1, EXIT_TOLD_LATE));
    let wrong_exit = workdays::from_on(wrong_exit).min(stay.latest_exit());
    let mistold = journey.dice.chance(correction_rate);
    let exit = journey.say(sender, stay.exit, exited.clone());
    if mistold && wrong_exit != stay.exit {
        exit.first_told = Some(Box::new((calendar::midnight(wrong_exit), exited.into())));
    }
}
