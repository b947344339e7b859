//! What one parcours weighs in the figures, as known at some moment.

use crate::Value;
use crate::success::{self, Leaving};
use chrono::NaiveDate;
use parcours_model::codes::{Commune, Level, Siret};
use parcours_model::geography::CommuneRecord;
use parcours_model::streams::parcours::{self, Channel};
use parcours_model::{Effective, Fact, History, calendar};

/// The highest level that counts as a low qualification: the baccalauréat (R24).
pub const LOW_QUALIFICATION: i64 = 4;

/// Entries, low qualification, leavers, neutral, certified, employed, created, successes: as in `territory_day`.
pub type Sums = [i64; 8];

/// Where those count whose commune today's geography does not know, in the place of `level/code`.
pub const UNKNOWN: &str = "unknown";

/// What is open-ended is known in a log of any size.
const FOR_EVER: i64 = i64::MAX;

/// A parcours which started, as the figures see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The commune of residence as it is called today; an arrondissement counts in its commune.
    commune: Commune,
    /// What today's geography knows of it.
    place: Option<&'static CommuneRecord>,
    operator: Option<Siret>,
    channel: Channel,
    level: Level,
    start: NaiveDate,
    leaving: Option<Leaving>,
}

impl Standing {
    /// What the history says now; `None` while the parcours has not started: it weighs nothing.
    pub fn of(history: &History) -> Option<Self> {
        let facts: Vec<Effective<'_>> = history.effective().collect();
        let start = success::start(&facts)?;
        let (since, oriented) = facts.iter().find_map(|fact| match fact.fact {
            Fact::Parcours(parcours::Fact::Oriented(oriented)) => Some((calendar::day(fact.time), oriented)),
            _ => None,
        })?;
        Some(Self {
            commune: oriented.commune.current_on(since),
            place: oriented.commune.record_on(since),
            operator: success::operator(&facts),
            channel: oriented.channel,
            level: oriented.level,
            start,
            leaving: success::leaving(&facts),
        })
    }

    /// The key of a row of `territory_parcours`.
    pub fn key(parcours: &str, since: u64) -> Vec<Value> {
        vec![Value::from(parcours), Value::Integer(since.cast_signed())]
    }

    /// The other columns of a row of `territory_parcours`.
    pub fn columns(&self, until: Option<u64>) -> Vec<Value> {
        let leaving = self.leaving.unwrap_or_default();
        vec![
            Value::Integer(until.map_or(FOR_EVER, u64::cast_signed)),
            Value::from(self.commune.as_str()),
            Value::from(self.place.and_then(|place| place.epci)),
            Value::from(self.place.map(|place| place.departement)),
            Value::from(self.place.map(|place| place.region)),
            Value::from(self.operator.map(|operator| operator.to_string())),
            Value::from(word(self.channel)),
            Value::Integer(self.level.get().into()),
            Value::Integer(days(self.start)),
            Value::from(self.leaving.map(|leaving| days(leaving.day))),
            Value::Boolean(leaving.neutral),
            Value::Boolean(leaving.certified),
            Value::Boolean(leaving.employed),
            Value::Boolean(leaving.created),
        ]
    }

    /// The sums it adds to, by territory and dimension: on the day of the entry, and on that of the exit.
    pub fn tally(&self, mut add: impl FnMut(Vec<Value>, Sums)) {
        let entry = entry_sums(self.level.get().into());
        let exit = self.leaving.map(|leaving| {
            let outcomes = [leaving.certified, leaving.employed, leaving.created];
            (days(leaving.day), exit_sums(leaving.neutral, outcomes))
        });
        let days = std::iter::once((days(self.start), entry)).chain(exit);
        let dimensions = [
            ("", String::new()),
            (
                "operator",
                self.operator
                    .map_or_else(String::new, |operator| operator.to_string()),
            ),
            ("channel", word(self.channel).to_owned()),
            ("level", self.level.to_string()),
        ];
        let territories = match self.place {
            Some(place) => [
                Some(format!("commune/{}", place.code)),
                place.epci.map(|epci| format!("epci/{epci}")),
                Some(format!("departement/{}", place.departement)),
                Some(format!("region/{}", place.region)),
            ],
            None => [Some(UNKNOWN.to_owned()), None, None, None],
        };
        for (day, sums) in days {
            for territory in territories.iter().flatten() {
                for (dimension, value) in &dimensions {
                    let key = vec![
                        Value::from(territory.as_str()),
                        Value::from(*dimension),
                        Value::from(value.as_str()),
                        Value::Integer(day),
                    ];
                    add(key, sums);
                }
            }
        }
    }
}

/// What an entry adds.
pub fn entry_sums(level: i64) -> Sums {
    [1, i64::from(level <= LOW_QUALIFICATION), 0, 0, 0, 0, 0, 0]
}

/// What an exit adds. A neutral exit counts among the leavers and in no rate, whatever it obtained.
pub fn exit_sums(neutral: bool, outcomes: [bool; 3]) -> Sums {
    let [certified, employed, created] = outcomes.map(|obtained| i64::from(obtained && !neutral));
    [
        0,
        0,
        1,
        i64::from(neutral),
        certified,
        employed,
        created,
        certified | employed | created,
    ]
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

fn word(channel: Channel) -> &'static str {
    match channel {
        Channel::Counsellor => "counsellor",
        Channel::Partner => "partner",
        Channel::Direct => "direct",
    }
}
