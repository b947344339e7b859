//! Questions about a territory.

use super::By;
use super::Memory;
use super::compare::{Comparison, compare};
use super::figures::{Figures, SUCCESS_TARGET};
use super::held::Parcours;
use super::tally::{Scope, Tally};
use crate::memory::{AsOf, Held};
use crate::{Reader, ViewError};
use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::calendar;
use parcours_model::geography::Territory;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A question.
#[derive(Clone, Debug)]
pub struct Query {
    /// Which territory.
    pub territory: Territory,
    /// First day of the period.
    pub from: NaiveDate,
    /// Last day of the period.
    pub to: NaiveDate,
    /// As of when.
    pub as_of: AsOf,
    /// How to break it down: each part of the first by the second. At most two, of which at most one is of time.
    pub by: Vec<By>,
    /// Whether to compare the whole with the territory around it, and with a year before.
    pub compare: bool,
    /// Whether counts are told with a noise, so that nobody can tell from them who is in them.
    pub protected: bool,
}

/// An answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "TerritoryReport")]
pub struct Report {
    /// Which territory.
    pub territory: Territory,
    /// First day of the period.
    pub from: NaiveDate,
    /// Last day of the period.
    pub to: NaiveDate,
    /// As of when.
    pub as_of: DateTime<Utc>,
    /// The number of entries of the log of which the figures are.
    #[serde(skip)]
    pub size: u64,
    /// Counts are told with a noise that protects who is in them. Left out where they are exact.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub protected: bool,
    /// The share of successes to reach (R23).
    pub success_target: f64,
    /// The figures of the whole.
    pub figures: Figures,
    /// The figures of those whose commune today's geography does not know, wherever it may lie: they count in no
    /// territory. Left out where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Figures>,
    /// What the figures are compared with, where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// How it is broken down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// How each of the parts is broken down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then_by: Option<By>,
    /// The figures of the parts, in order of their keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<Group>>,
}

/// A part of the whole.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "FiguresPart")]
pub struct Group {
    /// The month (`2026-01`), quarter (`2026-Q1`), year, SIRET, channel, level, gender, age, situation or code of a territory;
    /// empty where it is unknown.
    pub key: String,
    /// Its figures.
    pub figures: Figures,
    /// Its own parts, in order of their keys, where there is a second breakdown: only those that somebody is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<Subgroup>>,
}

/// A part of a part.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "FiguresSubpart")]
pub struct Subgroup {
    /// As the key of a part.
    pub key: String,
    /// Its figures.
    pub figures: Figures,
}

/// Answers a question. Complexity: what was ever known of the parcours that started, by the time that is asked about, some
/// tens of nanoseconds each.
pub(crate) async fn report(reader: &Reader, memory: &Memory, query: &Query) -> Result<Report, ViewError> {
    let query = query.clone();
    memory
        .ask(reader, query.protected, move |held| tell(held, query))
        .await
}

fn tell(held: &Held<Parcours>, query: Query) -> Report {
    let scope = Scope {
        territory: query.territory,
        from: query.from,
        to: query.to,
        // What is dated after the day of the question has not happened yet, whenever it was recorded.
        as_of: calendar::day(query.as_of.instant),
        size: query.as_of.size.unwrap_or(held.size()),
        protected: query.protected,
    };
    let tally = Tally::new(held, scope, &query.by);
    Report {
        territory: query.territory,
        from: query.from,
        to: query.to,
        as_of: query.as_of.instant,
        size: scope.size,
        protected: scope.protected,
        success_target: SUCCESS_TARGET,
        figures: tally.whole(),
        unknown: Some(tally.unknown()).filter(Figures::of_anybody),
        comparison: query.compare.then(|| compare(held, scope)),
        by: query.by.first().copied(),
        then_by: query.by.get(1).copied(),
        groups: groups(&tally, &query.by),
    }
}

fn groups(tally: &Tally<'_>, by: &[By]) -> Option<Vec<Group>> {
    let &first = by.first()?;
    let second = by.get(1).copied();
    Some(match second {
        _ if first.is_of_time() => by_time(tally, second.is_some()),
        Some(second) if !second.is_of_time() => by_two_traits(tally),
        second => by_trait(tally, second.is_some()),
    })
}

/// Stretches of time, each by a trait if there is one.
fn by_time(tally: &Tally<'_>, by_trait: bool) -> Vec<Group> {
    let parts = tally.parts();
    let within = |stretch: usize| {
        let parts = parts.iter();
        let told = parts.map(|(keys, _, stretches)| subgroup(keys[0], &stretches[stretch]));
        told.filter(|part| part.figures.of_anybody()).collect()
    };
    let stretches = tally.stretches.keys.iter().zip(tally.whole_by_stretch());
    let groups = stretches.enumerate().map(|(place, (key, figures))| Group {
        key: key.clone(),
        figures,
        groups: by_trait.then(|| within(place)),
    });
    groups.collect()
}

/// Parts by a trait, each by stretches of time if there are several.
fn by_trait(tally: &Tally<'_>, by_time: bool) -> Vec<Group> {
    let groups = tally.parts().into_iter().map(|(keys, figures, stretches)| Group {
        key: keys[0].to_owned(),
        figures,
        groups: by_time.then(|| {
            let stretches = tally.stretches.keys.iter().zip(&stretches);
            let told = stretches.map(|(key, figures)| subgroup(key, figures));
            told.filter(|part| part.figures.of_anybody()).collect()
        }),
    });
    groups.collect()
}

/// Parts by a trait, each by another.
fn by_two_traits(tally: &Tally<'_>) -> Vec<Group> {
    let mut within: BTreeMap<String, Vec<Subgroup>> = BTreeMap::new();
    for ([first, second], figures, _) in tally.parts() {
        let parts = within.entry(first.to_owned()).or_default();
        parts.push(subgroup(second, &figures));
    }
    let firsts = tally.firsts().into_iter();
    let groups = firsts.map(|(key, figures)| Group {
        groups: Some(within.remove(&key).unwrap_or_default()),
        key,
        figures,
    });
    groups.collect()
}

fn subgroup(key: &str, figures: &Figures) -> Subgroup {
    Subgroup {
        key: key.to_owned(),
        figures: figures.clone(),
    }
}
