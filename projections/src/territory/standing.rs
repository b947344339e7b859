//! What one parcours weighs in the figures, as known at some moment.

use crate::Value;
use crate::memory::FOR_EVER;
use crate::success::{self, Leaving};
use chrono::{Datelike, NaiveDate};
use parcours_model::codes::{BirthYear, Commune, Level, Siret};
use parcours_model::streams::parcours::{self, Channel, Gender, Situation};
use parcours_model::{Effective, Fact, History, calendar};

/// Ages in the year of the start, as the statistics of job seekers have them; each with the first age that it holds.
const AGES: [(u16, &str); 3] = [(50, "from_50"), (25, "from_25_to_49"), (0, "under_25")];

/// A parcours which started, as the figures see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The commune of residence as it was stated, and the day for which it was: today's geography is asked when figures are.
    commune: Commune,
    resident: NaiveDate,
    operator: Option<Siret>,
    channel: Channel,
    level: Level,
    situation: Situation,
    gender: Option<Gender>,
    born: Option<BirthYear>,
    start: NaiveDate,
    leaving: Option<Leaving>,
}

impl Standing {
    /// What the history says now; `None` while the parcours has not started: it weighs nothing.
    pub fn of(history: &History) -> Option<Self> {
        let facts: Vec<Effective<'_>> = history.effective().collect();
        let start = success::start(&facts)?;
        let (resident, oriented) = facts.iter().find_map(|fact| match fact.fact {
            Fact::Parcours(parcours::Fact::Oriented(oriented)) => Some((calendar::day(fact.time), oriented)),
            _ => None,
        })?;
        Some(Self {
            commune: oriented.commune,
            resident,
            operator: success::operator(&facts),
            channel: oriented.channel,
            level: oriented.level,
            situation: oriented.situation,
            gender: oriented.gender,
            born: oriented.birth_year,
            start,
            leaving: success::leaving(&facts),
        })
    }

    /// The other columns of a row of `territory_parcours`.
    pub fn columns(&self, until: Option<u64>) -> Vec<Value> {
        let leaving = self.leaving.unwrap_or_default();
        vec![
            Value::Integer(until.map_or(FOR_EVER, u64::cast_signed)),
            Value::from(self.commune.as_str()),
            Value::Integer(days(self.resident)),
            Value::from(self.operator.map(|operator| operator.to_string())),
            Value::from(channel(self.channel)),
            Value::Integer(self.level.get().into()),
            Value::from(situation(self.situation)),
            Value::from(self.gender.map(gender)),
            Value::from(self.age()),
            Value::Integer(days(self.start)),
            Value::from(self.leaving.map(|leaving| days(leaving.day))),
            Value::Boolean(leaving.neutral),
            Value::Boolean(leaving.certified),
            Value::Boolean(leaving.employed),
            Value::Boolean(leaving.created),
        ]
    }

    /// The years between that of the birth and that of the start, by their group.
    fn age(&self) -> Option<&'static str> {
        let born = i32::from(self.born?.get());
        let age = self.start.year().saturating_sub(born);
        let group = AGES.iter().find(|(first, _)| age >= i32::from(*first));
        group.map(|(_, name)| *name)
    }
}

fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Counsellor => "counsellor",
        Channel::Partner => "partner",
        Channel::Direct => "direct",
    }
}

fn situation(situation: Situation) -> &'static str {
    match situation {
        Situation::RegisteredJobSeeker => "registered_job_seeker",
        Situation::UnregisteredJobSeeker => "unregistered_job_seeker",
        Situation::WithoutJob => "without_job",
        Situation::PartTime => "part_time",
    }
}

fn gender(gender: Gender) -> &'static str {
    match gender {
        Gender::Female => "female",
        Gender::Male => "male",
        Gender::Other => "other",
    }
}

/// A day as the number of days since 1 January 1970.
pub fn days(day: NaiveDate) -> i64 {
    day.to_epoch_days().into()
}

/// The day that stands in a column.
pub fn day(days: i64) -> NaiveDate {
    let day = i32::try_from(days).ok().and_then(NaiveDate::from_epoch_days);
    day.expect("folds write days of the calendar")
}
