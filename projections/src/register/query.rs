//! Questions to the register.

use super::document::{Document, Waits};
use super::name;
use crate::condition::Filter;
use crate::territory::{day, days};
use crate::{Reader, Row, Value, ViewError};
use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::geography::{Territory, TerritoryLevel};
use parcours_model::{StreamId, StreamKind, calendar};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// Entries as they stand at the moment ?1. `<where>` holds the filters, `<order>` what a page is ordered by.
const ENTRIES: &str = "
    SELECT r.id, r.state, r.begun_day, r.waits, r.due_day, r.commune, r.epci, r.departement, r.region, r.revision, r.document
    FROM {register} r
    WHERE r.since <= ?1 AND r.until > ?1 AND r.kind = ?2 <where>
    ORDER BY <order>
    LIMIT <limit>";

/// Entries a page holds when the question does not say.
const PAGE: usize = 50;
/// Entries a page holds at most.
const LARGEST_PAGE: usize = 500;

/// A question. What is left out does not filter.
#[derive(Clone, Debug)]
pub struct Query {
    /// Of this kind.
    pub kind: StreamKind,
    /// In this state.
    pub state: Option<String>,
    /// In a territory.
    pub territory: Option<Territory>,
    /// Those that wait for somebody today, the most urgent first.
    pub waits: Option<Waits>,
    /// The moment of the question.
    pub now: DateTime<Utc>,
    /// Entries a page holds; 50 when left out.
    pub limit: Option<usize>,
    /// Where the page begins: the `next` of the page before.
    pub cursor: Option<String>,
}

impl Query {
    /// Everything of a kind, as of `now`.
    pub fn all(kind: StreamKind, now: DateTime<Utc>) -> Self {
        Self {
            kind,
            state: None,
            territory: None,
            waits: None,
            now,
            limit: None,
            cursor: None,
        }
    }

    /// Whether `cursor` is one that a page gave.
    pub fn is_cursor(cursor: &str) -> bool {
        after(cursor).is_some()
    }
}

/// A page of the register.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "RegisterPage")]
pub struct Page {
    /// The entries: those that wait for somebody by urgency, else by the day on which they began.
    pub entries: Vec<Entry>,
    /// What to give as `cursor` for the next page; none after the last.
    pub next: Option<String>,
}

/// A request, a need, a convention…: where it stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "RegisterEntry")]
pub struct Entry {
    /// Its UUID; of an envelope its year.
    pub id: String,
    /// Where it stands, in a word.
    #[schemars(example = &"submitted")]
    pub state: String,
    /// The day on which it began.
    pub begun: NaiveDate,
    /// Who has to do something next.
    pub waits_for: Option<Waits>,
    /// From which day on.
    pub due: Option<NaiveDate>,
    /// Its commune (INSEE), where it is of one.
    pub commune: Option<String>,
    /// Its EPCI.
    pub epci: Option<String>,
    /// Its département.
    pub departement: Option<String>,
    /// Its région.
    pub region: Option<String>,
    /// The revision of its stream.
    pub revision: u64,
    /// The rest, by its kind.
    pub document: Document,
}

/// Answers a question. Complexity: the page, by an index; with a state or a territory the entries of the kind at most.
pub(crate) async fn page(reader: &Reader, query: &Query) -> Result<Page, ViewError> {
    let limit = query.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let mut filter = asked(query.kind, query.now);
    if let Some(state) = &query.state {
        filter.and("r.state = ?", [Value::from(state.as_str())]);
    }
    if let Some(territory) = query.territory {
        let column = match territory.level {
            TerritoryLevel::Commune => "r.commune = ?",
            TerritoryLevel::Epci => "r.epci = ?",
            TerritoryLevel::Departement => "r.departement = ?",
            TerritoryLevel::Region => "r.region = ?",
        };
        filter.and(column, [Value::from(territory.code)]);
    }
    if let Some(waits) = query.waits {
        let today = days(calendar::day(query.now));
        filter.and("r.waits = ?", [Value::from(waits.word())]);
        filter.and("r.due_day <= ?", [Value::Integer(today)]);
    }
    let by = if query.waits.is_some() {
        "r.due_day"
    } else {
        "r.begun_day"
    };
    if let Some(place) = query.cursor.as_deref().and_then(after) {
        filter.after(by, "r.id", place);
    }
    let sql = ENTRIES
        .replace("<where>", &filter.conditions)
        .replace("<order>", &format!("{by}, r.id"))
        .replace("<limit>", &(limit + 1).to_string());
    let mut rows = reader.query(&sql, &filter.parameters).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let place = if query.waits.is_some() { 4 } else { 2 };
    let last = rows.last().filter(|_| more);
    let next = last.map(|row| format!("{}_{}", row.optional_integer(place).unwrap_or(0), row.text(0)));
    Ok(Page {
        entries: rows.iter().map(entry).collect(),
        next,
    })
}

/// One entry; `None` if there is none of that name.
pub(crate) async fn one(
    reader: &Reader,
    stream: StreamId,
    now: DateTime<Utc>,
) -> Result<Option<Entry>, ViewError> {
    let mut filter = asked(stream.kind, now);
    filter.and("r.id = ?", [Value::from(name(stream))]);
    let sql = ENTRIES
        .replace("<where>", &filter.conditions)
        .replace("<order>", "r.id")
        .replace("<limit>", "1");
    let rows = reader.query(&sql, &filter.parameters).await?;
    Ok(rows.first().map(entry))
}

fn asked(kind: StreamKind, now: DateTime<Utc>) -> Filter {
    Filter::new(vec![
        Value::Integer(now.timestamp_micros()),
        Value::from(kind.name()),
    ])
}

fn entry(row: &Row) -> Entry {
    let text = |column| row.optional_text(column).map(str::to_owned);
    Entry {
        id: row.text(0).to_owned(),
        state: row.text(1).to_owned(),
        begun: day(row.integer(2)),
        waits_for: row.optional_text(3).and_then(Waits::named),
        due: row.optional_integer(4).map(day),
        commune: text(5),
        epci: text(6),
        departement: text(7),
        region: text(8),
        revision: row.integer(9).unsigned_abs(),
        document: serde_json::from_str(row.text(10)).expect("the fold writes documents"),
    }
}

/// The day and the name after which a page begins.
fn after(cursor: &str) -> Option<(i64, String)> {
    let (day, id) = cursor.split_once('_')?;
    let is_name = id.parse::<Uuid>().is_ok() || (id.len() == 4 && id.parse::<u16>().is_ok());
    is_name.then_some((day.parse().ok()?, id.to_owned()))
}
