//! Questions about a territory.

use super::figures::{Adder, Figures, SUCCESS_TARGET};
use super::standing::{Sums, UNKNOWN, days, entry_sums, exit_sums};
use crate::{Reader, Row, Value, ViewError};
use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::codes::Month;
use parcours_model::geography::{Territory, TerritoryLevel};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The sums of every day up to the end of the period (the earlier ones tell who is in progress), of a territory and of
/// those of no known one; and, of the territory ``, the number of entries of which they are, and whether some are of more.
const DAYS: &str = "
    SELECT territory, value, day, entries, low_qualification, leavers, neutral, certified, employed, created, successes
    FROM {territory_day}
    WHERE territory = ?1 AND dimension = ?2 AND day <= ?3
    UNION ALL
    SELECT territory, value, day, entries, low_qualification, leavers, neutral, certified, employed, created, successes
    FROM {territory_day}
    WHERE territory = '<unknown>' AND dimension = '' AND day <= ?3
    UNION ALL
    SELECT '', '', {territory_day:checkpoint}, {territory_day:crosses}, 0, 0, 0, 0, 0, 0, 0";

/// What every parcours of a territory weighed when the log had ?2 entries; `<territory>` says which, by ?1.
const PARCOURS: &str = "
    SELECT operator, channel, level, start_day, exit_day, neutral, certified, employed, created, commune, epci, departement
    FROM {territory_parcours}
    WHERE <territory> AND since < ?2 AND until >= ?2 AND start_day <= ?3";

/// A way to break figures down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Breakdown")]
pub enum By {
    /// By month of the period.
    Month,
    /// By quarter of the period.
    Quarter,
    /// By year of the period.
    Year,
    /// By operator, as a SIRET.
    Operator,
    /// By channel of orientation.
    Channel,
    /// By level of the highest diploma.
    Level,
    /// By commune of residence, of those within the territory.
    Commune,
    /// By EPCI of residence.
    Epci,
    /// By département of residence.
    Departement,
}

impl By {
    /// Its name, as questions and answers have it.
    pub fn as_str(self) -> &'static str {
        match self {
            By::Month => "month",
            By::Quarter => "quarter",
            By::Year => "year",
            By::Operator => "operator",
            By::Channel => "channel",
            By::Level => "level",
            By::Commune => "commune",
            By::Epci => "epci",
            By::Departement => "departement",
        }
    }

    /// Whether the parts are territories within the one that is asked about.
    pub fn is_of_place(self) -> bool {
        matches!(self, By::Commune | By::Epci | By::Departement)
    }

    /// Whether the parts are stretches of the period, and not of the people.
    pub fn is_of_time(self) -> bool {
        matches!(self, By::Month | By::Quarter | By::Year)
    }
}

/// What is known, and when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// The number of entries of the log then; `None` for all that is known now.
    pub size: Option<u64>,
    /// The instant: leavers are matured as of its day.
    pub instant: DateTime<Utc>,
}

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
    /// How to break it down.
    pub by: Option<By>,
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
    /// The share of successes to reach (R23).
    pub success_target: f64,
    /// The figures of the whole.
    pub figures: Figures,
    /// The figures of those whose commune today's geography does not know, wherever it may lie: they count in no
    /// territory. Left out where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Figures>,
    /// How it is broken down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// The figures of the parts, in order of their keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<Group>>,
}

/// A part of the whole.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "FiguresPart")]
pub struct Group {
    /// The month (`2026-01`), quarter (`2026-Q1`), year, SIRET, channel, level or code of a territory; empty where it is
    /// unknown.
    pub key: String,
    /// Its figures.
    pub figures: Figures,
}

/// What is known of a territory.
struct Known {
    /// The number of entries of the log that say so.
    size: u64,
    here: Vec<Brought>,
    /// Of the parcours whose commune is not known.
    nowhere: Vec<Brought>,
}

/// What a day brings to one value of a dimension.
struct Brought {
    value: String,
    day: i64,
    sums: Sums,
}

/// Answers a question. Complexity: as of now, the days of the log by the values of the dimension;
/// as of an earlier moment, or by place, the parcours that the territory had by then.
pub(crate) async fn report(reader: &Reader, query: &Query) -> Result<Report, ViewError> {
    let dimension = query.by.filter(|by| !by.is_of_time());
    let Known { size, here, nowhere } = match query.as_of.size {
        // Days are kept of each territory, not of those within it: parcours say where they are.
        None if dimension.is_some_and(By::is_of_place) => {
            let size = digested(reader).await?;
            known_as_of(reader, query, dimension, size).await?
        }
        None => known_now(reader, query, dimension).await?,
        Some(size) => known_as_of(reader, query, dimension, size).await?,
    };
    let as_of = parcours_model::calendar::day(query.as_of.instant);
    // What is dated after the day of the question has not happened yet, whenever it was recorded.
    let sum = |brought: &[Brought], from, to: NaiveDate| {
        let mut adder = Adder::new(from, to.min(as_of), as_of);
        brought
            .iter()
            .for_each(|brought| adder.add(brought.day, &brought.sums));
        adder.finish()
    };
    let whole = |from, to| sum(&here, from, to);
    let unknown = sum(&nowhere, query.from, query.to);
    let groups = query.by.map(|by| match by.is_of_time() {
        true => stretches(by, query.from, query.to)
            .into_iter()
            .map(|(key, from, to)| Group {
                key,
                figures: whole(from, to),
            })
            .collect(),
        false => {
            let mut adders: BTreeMap<&str, Adder> = BTreeMap::new();
            for part in &here {
                adders
                    .entry(&part.value)
                    .or_insert_with(|| Adder::new(query.from, query.to.min(as_of), as_of))
                    .add(part.day, &part.sums);
            }
            let groups = adders.into_iter().map(|(key, adder)| Group {
                key: key.to_owned(),
                figures: adder.finish(),
            });
            // A value that no longer, or not yet, has anybody in the period is left out.
            groups.filter(|group| anybody(&group.figures)).collect()
        }
    });
    Ok(Report {
        territory: query.territory,
        from: query.from,
        to: query.to,
        as_of: query.as_of.instant,
        size,
        success_target: SUCCESS_TARGET,
        figures: whole(query.from, query.to),
        unknown: Some(unknown).filter(anybody),
        by: query.by,
        groups,
    })
}

fn anybody(figures: &Figures) -> bool {
    figures.entries + figures.leavers + figures.in_progress > 0
}

fn months(from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = Month> {
    std::iter::successors(Month::of(from), |month| month.next())
        .take_while(move |month| month.first_day() <= to)
}

/// The months, quarters or years of a period, each with its first and its last day in it.
fn stretches(by: By, from: NaiveDate, to: NaiveDate) -> Vec<(String, NaiveDate, NaiveDate)> {
    let key = |month: Month| match by {
        By::Quarter => format!("{}-Q{}", month.year(), month.number().div_ceil(3)),
        By::Year => month.year().to_string(),
        _ => month.to_string(),
    };
    let mut stretches: Vec<(String, NaiveDate, NaiveDate)> = Vec::new();
    for month in months(from, to) {
        let (first, last) = (month.first_day().max(from), month.last_day().min(to));
        let key = key(month);
        match stretches.last_mut().filter(|(open, ..)| *open == key) {
            Some((_, _, end)) => *end = last,
            None => stretches.push((key, first, last)),
        }
    }
    stretches
}

/// Stretches of time are no dimension: days say them.
fn name(dimension: Option<By>) -> &'static str {
    dimension.filter(|by| !by.is_of_time()).map_or("", By::as_str)
}

/// The last day that counts.
fn last_day(query: &Query) -> i64 {
    days(query.to.min(parcours_model::calendar::day(query.as_of.instant)))
}

/// What the parcours of a territory and those of no known one bring, all of one state of the view: the state of its
/// checkpoint, while it is ahead of that in some streams.
async fn known_now(reader: &Reader, query: &Query, dimension: Option<By>) -> Result<Known, ViewError> {
    let territory = format!("{}/{}", query.territory.level, query.territory.code);
    let parameters = [
        Value::from(territory),
        Value::from(name(dimension)),
        Value::Integer(last_day(query)),
    ];
    let rows = reader
        .query(&DAYS.replace("<unknown>", UNKNOWN), &parameters)
        .await?;
    let mut crosses = false;
    let mut known = Known {
        size: 0,
        here: Vec::new(),
        nowhere: Vec::new(),
    };
    for row in &rows {
        let brought = Brought {
            value: row.text(1).to_owned(),
            day: row.integer(2),
            sums: std::array::from_fn(|index| row.integer(index + 3)),
        };
        match row.text(0) {
            "" => (known.size, crosses) = (row.integer(2).cast_unsigned(), row.integer(3) != 0),
            UNKNOWN => known.nowhere.push(brought),
            _ => known.here.push(brought),
        }
    }
    if crosses {
        return known_as_of(reader, query, dimension, known.size).await;
    }
    Ok(known)
}

/// The number of entries that the view has digested.
async fn digested(reader: &Reader) -> Result<u64, ViewError> {
    let rows = reader
        .query("SELECT {territory_parcours:checkpoint}", &[])
        .await?;
    Ok(rows.first().map_or(0, |row| row.integer(0).cast_unsigned()))
}

/// What they brought when the log had `size` entries.
async fn known_as_of(
    reader: &Reader,
    query: &Query,
    dimension: Option<By>,
    size: u64,
) -> Result<Known, ViewError> {
    Ok(Known {
        size,
        here: known_then(reader, query, Some(query.territory), dimension, size).await?,
        nowhere: known_then(reader, query, None, None, size).await?,
    })
}

/// What the parcours of a territory brought when the log had `size` entries, or those of no known one.
async fn known_then(
    reader: &Reader,
    query: &Query,
    territory: Option<Territory>,
    dimension: Option<By>,
    size: u64,
) -> Result<Vec<Brought>, ViewError> {
    let condition = match territory.map(|territory| territory.level) {
        Some(TerritoryLevel::Commune) => "commune = ?1",
        Some(TerritoryLevel::Epci) => "epci = ?1",
        Some(TerritoryLevel::Departement) => "departement = ?1",
        Some(TerritoryLevel::Region) => "region = ?1",
        // Whatever lies in a known commune lies in a département.
        None => "departement IS NULL AND ?1 = ''",
    };
    let sql = PARCOURS.replace("<territory>", condition);
    let parameters = [
        Value::from(territory.map_or("", |territory| territory.code)),
        Value::Integer(size.cast_signed()),
        Value::Integer(last_day(query)),
    ];
    let rows = reader.query(&sql, &parameters).await?;
    let mut brought = Vec::with_capacity(rows.len() * 2);
    for row in &rows {
        let value = match dimension {
            Some(By::Operator) => row.optional_text(0).unwrap_or_default().to_owned(),
            Some(By::Channel) => row.text(1).to_owned(),
            Some(By::Level) => row.integer(2).to_string(),
            Some(By::Commune) => row.text(9).to_owned(),
            Some(By::Epci) => row.optional_text(10).unwrap_or_default().to_owned(),
            Some(By::Departement) => row.optional_text(11).unwrap_or_default().to_owned(),
            Some(By::Month | By::Quarter | By::Year) | None => String::new(),
        };
        if let Some((day, sums)) = left(row) {
            brought.push(Brought {
                value: value.clone(),
                day,
                sums,
            });
        }
        brought.push(Brought {
            value,
            day: row.integer(3),
            sums: entry_sums(row.integer(2)),
        });
    }
    Ok(brought)
}

fn left(row: &Row) -> Option<(i64, Sums)> {
    let day = row.optional_integer(4)?;
    Some((
        day,
        exit_sums(row.boolean(5), [row.boolean(6), row.boolean(7), row.boolean(8)]),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_cut_into_months_quarters_and_years_and_nothing_of_it_is_lost() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let told = |by: By, from: &str, to: &str| {
            let stretches = stretches(by, day(from), day(to));
            stretches
                .into_iter()
                .map(|(key, from, to)| format!("{key} {from} {to}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            told(By::Quarter, "2025-11-15", "2026-04-02"),
            [
                "2025-Q4 2025-11-15 2025-12-31",
                "2026-Q1 2026-01-01 2026-03-31",
                "2026-Q2 2026-04-01 2026-04-02"
            ]
        );
        assert_eq!(
            told(By::Year, "2025-11-15", "2026-04-02"),
            ["2025 2025-11-15 2025-12-31", "2026 2026-01-01 2026-04-02"]
        );
        assert_eq!(
            told(By::Month, "2026-02-03", "2026-02-03"),
            ["2026-02 2026-02-03 2026-02-03"]
        );
    }
}
