//! What one parcours weighs in the figures, as known at some moment.

use crate::Value;
use crate::success::{self, Leaving};
use chrono::NaiveDate;
use parcours_model::codes::{Level, Siret};
use parcours_model::geography::CommuneRecord;
use parcours_model::streams::parcours::{self, Channel};
use parcours_model::{Effective, Fact, History};

/// The highest level that counts as a low qualification: the baccalauréat (R24).
pub const LOW_QUALIFICATION: i64 = 4;

/// Entries, low qualification, leavers, neutral, certified, employed, created, successes: as in `territory_day`.
pub type Sums = [i64; 8];

/// What is open-ended is known in a log of any size.
const FOR_EVER: i64 = i64::MAX;

/// A parcours which started, as the figures see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The commune of residence; an arrondissement counts in its commune.
    commune: &'static CommuneRecord,
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
        let oriented = facts.iter().find_map(|fact| match fact.fact {
            Fact::Parcours(parcours::Fact::Oriented(oriented)) => Some(oriented),
            _ => None,
        })?;
        Some(Self {
            commune: oriented.commune.record(),
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
            Value::from(self.commune.code),
            Value::from(self.commune.epci),
            Value::from(self.commune.departement),
            Value::from(self.commune.region),
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
        let territories = [
            Some(format!("commune/{}", self.commune.code)),
            self.commune.epci.map(|epci| format!("epci/{epci}")),
            Some(format!("departement/{}", self.commune.departement)),
            Some(format!("region/{}", self.commune.region)),
        ];
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

fn word(channel: Channel) -> &'static str {
    match channel {
        Channel::Counsellor => "counsellor",
        Channel::Partner => "partner",
        Channel::Direct => "direct",
    }
}
