//! Questions about cohorts.

use super::Memory;
use super::cohort::{Cohort, Sums, Until};
use super::held::Member;
use super::step::Step;
use crate::memory::{AsOf, Held, held_day};
use crate::territory::{day, last_matured};
use crate::{Reader, ViewError};
use chrono::{DateTime, Utc};
use hashbrown::HashMap;
use parcours_model::calendar;
use parcours_model::codes::{Month, Siret};
use parcours_model::geography::{Territory, TerritoryLevel};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// By which step people are in the cohort of a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CohortOf")]
pub enum Of {
    /// Their orientation.
    #[default]
    Orientation,
    /// The start of their training.
    Start,
}

/// A way to break a cohort down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CohortBreakdown")]
pub enum By {
    /// By month.
    Month,
    /// By operator, as a SIRET: that of the last admission.
    Operator,
    /// By commune of residence, of those within the territory.
    Commune,
    /// By EPCI of residence.
    Epci,
    /// By département of residence.
    Departement,
}

/// A question.
#[derive(Clone, Debug)]
pub struct Query {
    /// Where people live.
    pub territory: Territory,
    /// By which step they are in a cohort.
    pub of: Of,
    /// The first month in which they came.
    pub from: Month,
    /// The last one.
    pub to: Month,
    /// As of when.
    pub as_of: AsOf,
    /// Only those of this operator: that of their last admission.
    pub operator: Option<Siret>,
    /// How to break it down.
    pub by: Option<By>,
    /// Whether counts are told with a noise, so that nobody can tell from them who is in them.
    pub protected: bool,
}

/// An answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "CohortReport")]
pub struct Report {
    /// Where people live.
    pub territory: Territory,
    /// By which step they are in a cohort.
    pub of: Of,
    /// The first month in which they came.
    pub from: Month,
    /// The last one.
    pub to: Month,
    /// As of when.
    pub as_of: DateTime<Utc>,
    /// The number of entries of the log of which the answer is.
    #[serde(skip)]
    pub size: u64,
    /// Only those of this operator. Left out where they are of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<Siret>,
    /// Counts are told with a noise that protects who is in them. Left out where they are exact.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub protected: bool,
    /// Everybody who came in these months.
    pub cohort: Cohort,
    /// How it is broken down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// Its parts, in order of their keys: every month, or the operators and territories that somebody is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<Group>>,
}

/// A part of the whole.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "CohortPart")]
pub struct Group {
    /// The month (`2026-01`), SIRET or code of a territory; empty where it is unknown.
    pub key: String,
    /// Who is in it.
    pub cohort: Cohort,
}

/// Answers a question. Complexity: what was ever known of the parcours by the time that is asked about, some nanoseconds
/// each, and the sorting of the times of those who are in the cohorts.
pub(crate) async fn report(reader: &Reader, memory: &Memory, query: &Query) -> Result<Report, ViewError> {
    let query = query.clone();
    memory
        .ask(reader, query.protected, move |held| tell(held, query))
        .await
}

pub(super) fn tell(held: &Held<Member>, query: Query) -> Report {
    // What is dated after the day of the question has not happened yet, whenever it was recorded.
    let today = calendar::day(query.as_of.instant);
    let until = Until {
        last: held_day(today),
        matured: last_matured(today),
    };
    let size = query.as_of.size.unwrap_or(held.size());
    let (first, last) = (
        held_day(query.from.first_day()),
        held_day(query.to.last_day()).min(until.last),
    );
    let step = match query.of {
        Of::Orientation => Step::Oriented,
        Of::Start => Step::Started,
    };
    let within = held.texts.places.within(query.territory);
    let operator = query
        .operator
        .map(|siret| held.texts.operators.find(&siret.to_string()));
    let mut whole = Sums::default();
    let mut parts: HashMap<u32, Sums> = HashMap::new();
    for member in held.as_of(size) {
        let came = member.reached(step, last).filter(|came| *came >= first);
        let is_asked_for = operator.is_none_or(|operator| operator == Some(member.operator));
        let Some(came) =
            came.filter(|_| is_asked_for && !member.is_nowhere() && within[member.place as usize])
        else {
            continue;
        };
        whole.add(member, until);
        if let Some(by) = query.by {
            parts
                .entry(part(held, by, member, came))
                .or_default()
                .add(member, until);
        }
    }
    Report {
        territory: query.territory,
        of: query.of,
        from: query.from,
        to: query.to,
        as_of: query.as_of.instant,
        size,
        operator: query.operator,
        protected: query.protected,
        cohort: whole.cohort(query.protected),
        by: query.by,
        groups: query.by.map(|by| groups(held, by, parts, &query)),
    }
}

/// The number of the part in which somebody is who came on a day.
fn part(held: &Held<Member>, by: By, member: &Member, came: i32) -> u32 {
    let place = |level| held.texts.places.part(member.place, level);
    match by {
        By::Month => Month::of(day(came.into())).map_or(0, number),
        By::Operator => member.operator,
        By::Commune => place(TerritoryLevel::Commune),
        By::Epci => place(TerritoryLevel::Epci),
        By::Departement => place(TerritoryLevel::Departement),
    }
}

/// The number of a month.
fn number(month: Month) -> u32 {
    month.year().unsigned_abs() * 12 + month.number()
}

fn groups(held: &Held<Member>, by: By, mut parts: HashMap<u32, Sums>, query: &Query) -> Vec<Group> {
    if by == By::Month {
        let months = std::iter::successors(Some(query.from), |month| month.next());
        let months = months.take_while(|month| *month <= query.to);
        let groups = months.map(|month| Group {
            key: month.to_string(),
            cohort: parts
                .remove(&number(month))
                .unwrap_or_default()
                .cohort(query.protected),
        });
        return groups.collect();
    }
    let key = |part: u32| match by {
        By::Operator => held.texts.operators.name(part),
        _ => held.texts.places.code(part),
    };
    let groups = parts.into_iter().map(|(part, sums)| Group {
        key: key(part).to_owned(),
        cohort: sums.cohort(query.protected),
    });
    let mut groups: Vec<Group> = groups.filter(|group| group.cohort.is_of_anybody()).collect();
    groups.sort_by(|one, other| one.key.cmp(&other.key));
    groups
}
