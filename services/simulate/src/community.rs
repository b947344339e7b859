//! Communities of trainees: who agreed joins one, and answers what is asked (R21).

use super::agenda::{Agenda, Step};
use super::dice::Dice;
use super::journey::{Journey, Telling};
use super::settings::Settings;
use super::workdays;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use parcours_model::streams::community::{Answered, Called, Created, Fact, Member};
use parcours_model::{StreamId, StreamKind, calendar};
use std::sync::Arc;

const NAMES: [[&str; 2]; 2] = [
    [
        "Anciens du programme",
        "S'entraider après la formation, et partager des offres",
    ],
    [
        "Stagiaires en formation",
        "Dire ce qui va et ce qui ne va pas, pour améliorer le service",
    ],
];

const QUESTIONS: [&str; 3] = [
    "Qu'est-ce qui vous a le plus aidé ?",
    "Que faudrait-il changer à l'accueil ?",
    "Comment venez-vous en formation ?",
];

/// Between two questions, in days.
const ROUND: u64 = 90;

/// A community, and when its members are asked something.
pub(super) struct Community {
    stream: StreamId,
    asked: Vec<NaiveDate>,
}

/// Plans the communities and what they are asked.
pub(super) fn gather(
    settings: &Settings,
    authority: &Arc<str>,
    mut dice: Dice,
    agenda: &mut Agenda,
) -> Vec<Community> {
    let mut communities = Vec::new();
    for (number, [name, purpose]) in (0..).zip(NAMES) {
        let uuid = dice.uuid(calendar::midnight(settings.from));
        let stream = StreamId::new(StreamKind::Community, uuid);
        let created = Created {
            name: name.to_owned(),
            purpose: purpose.to_owned(),
        };
        agenda.add([Step::on(
            &mut dice,
            settings.from,
            stream,
            authority,
            Fact::Created(created),
        )]);
        let first = settings.from + Days::new(70 + 20 * number);
        let rounds = first.iter_days().step_by(ROUND as usize);
        let days = rounds
            .take_while(|day| *day < settings.until)
            .map(workdays::from_on);
        let asked: Vec<NaiveDate> = days.filter(|day| *day < settings.until).collect();
        for (day, question) in asked.iter().zip(QUESTIONS.iter().cycle()) {
            let called = Called {
                question: (*question).to_owned(),
            };
            agenda.add([Step::on(&mut dice, *day, stream, authority, Fact::Called(called))]);
        }
        communities.push(Community { stream, asked });
    }
    communities
}

impl Community {
    /// The person joins after having agreed, answers now and then, and leaves when the consent ends, or for no reason.
    pub fn join(
        &self,
        journey: &mut Journey,
        agreed: DateTime<Utc>,
        withdrawn: Option<DateTime<Utc>>,
        over: NaiveDate,
    ) {
        let (portal, parcours) = (Arc::clone(&journey.region), journey.parcours.uuid);
        let tell = |journey: &mut Journey, at: DateTime<Utc>, fact: Fact| {
            journey.draft(self.stream, at, Telling::AtOnce, &portal, fact.into());
        };
        let joined = agreed + TimeDelta::minutes(journey.dice.between(2, 900));
        let bored = journey
            .dice
            .chance(0.1)
            .then(|| joined + TimeDelta::days(journey.dice.between(20, 90)));
        let left = match withdrawn {
            Some(withdrawn) if withdrawn <= joined => return,
            withdrawn => withdrawn.map(|at| at + TimeDelta::minutes(1)).or(bored),
        };
        tell(journey, joined, Fact::Joined(Member { parcours }));
        let asked = self
            .asked
            .iter()
            .copied()
            .filter(|day| *day > calendar::day(joined) && *day < over);
        for day in asked.take(2) {
            let at = workdays::waking_hours(&mut journey.dice, day + Days::new(1));
            if journey.dice.chance(0.5) && left.is_none_or(|left| at < left) {
                tell(journey, at, Fact::Answered(Answered { parcours, text: None }));
            }
        }
        if let Some(left) = left.filter(|left| calendar::day(*left) < over) {
            tell(journey, left, Fact::Left(Member { parcours }));
        }
    }
}
