//! Questions about people's parcours.

use super::tasks::{self, Code};
use crate::timeline::Status;
use crate::{Reader, Row, Value, ViewError, condition};
use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::calendar;
use parcours_model::codes::Siret;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// Parcours as they stand at the moment ?1. `<where>` holds the filters, `<order>` what a page is ordered by.
const PARCOURS: &str = "
    SELECT p.parcours, p.trainee, p.operator, p.referent, p.session, p.commune, p.status, p.started_day, p.exited_day,
           p.revision, p.tasks, p.due_day
    FROM {people} p
    WHERE p.since <= ?1 AND p.until > ?1 <where>
    ORDER BY <order>
    LIMIT <limit>";

/// Parcours a page holds when the question does not say.
const PAGE: usize = 50;
/// Parcours a page holds at most.
const LARGEST_PAGE: usize = 500;

/// A question. What is left out does not filter.
#[derive(Clone, Debug)]
pub struct Query {
    /// Of one person.
    pub trainee: Option<Uuid>,
    /// Of an operator: that of the last admission.
    pub operator: Option<Siret>,
    /// Of a référent.
    pub referent: Option<Uuid>,
    /// Standing there.
    pub status: Option<Status>,
    /// Those about which something is to be done today, the most urgent first.
    pub due: bool,
    /// The moment of the question.
    pub now: DateTime<Utc>,
    /// Parcours a page holds; 50 when left out.
    pub limit: Option<usize>,
    /// Where the page begins: the `next` of the page before.
    pub cursor: Option<String>,
}

impl Query {
    /// Everybody, as of `now`.
    pub fn all(now: DateTime<Utc>) -> Self {
        Self {
            trainee: None,
            operator: None,
            referent: None,
            status: None,
            due: false,
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

/// A page of parcours.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ParcoursPage")]
pub struct Page {
    /// The parcours: those with something to do by urgency, else by their UUIDs.
    pub parcours: Vec<Listed>,
    /// What to give as `cursor` for the next page; none after the last.
    pub next: Option<String>,
}

/// A parcours in a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ListedParcours")]
pub struct Listed {
    /// The parcours.
    pub parcours: Uuid,
    /// Whose it is; none while it is not oriented.
    pub trainee: Option<Uuid>,
    /// The training operator (SIRET).
    #[schemars(with = "Option<Siret>")]
    pub operator: Option<String>,
    /// The référent.
    pub referent: Option<Uuid>,
    /// The session in which it holds a place.
    pub session: Option<Uuid>,
    /// Commune of residence (INSEE).
    pub commune: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// The day it started.
    pub started: Option<NaiveDate>,
    /// The day it ended.
    pub exited: Option<NaiveDate>,
    /// The revision of its stream.
    pub revision: u64,
    /// What is to be done today, the most urgent first.
    pub tasks: Vec<Task>,
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Task {
    /// A stable word for programs.
    pub code: Code,
    /// What it is, in English.
    pub english: &'static str,
    /// What it is, in French.
    pub french: &'static str,
    /// Since when it is due.
    pub due: NaiveDate,
    /// Of a follow-up, after how many months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub months: Option<u8>,
}

/// Answers a question. Complexity: the page, for a trainee, an operator or a référent; what is to be done is found by an
/// index of what has not lapsed.
pub(crate) async fn page(reader: &Reader, query: &Query) -> Result<Page, ViewError> {
    let limit = query.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let today = calendar::day(query.now);
    let day = Value::Integer(crate::territory::days(today));
    let mut filter = condition::Filter::new(vec![Value::Integer(query.now.timestamp_micros())]);
    for (column, wanted) in [
        ("p.trainee = ?", query.trainee.map(|trainee| trainee.to_string())),
        (
            "p.operator = ?",
            query.operator.map(|operator| operator.to_string()),
        ),
        (
            "p.referent = ?",
            query.referent.map(|referent| referent.to_string()),
        ),
        (
            "p.status = ?",
            query.status.map(|status| status.word().to_owned()),
        ),
    ] {
        wanted
            .into_iter()
            .for_each(|wanted| filter.and(column, [Value::from(wanted)]));
    }
    if query.due {
        filter.and("p.over_day > ?", [day.clone()]);
        filter.and("p.due_day <= ?", [day]);
    }
    if let Some((due, parcours)) = query.cursor.as_deref().and_then(after) {
        let parcours = parcours.to_string();
        match query.due {
            true => filter.after("p.due_day", "p.parcours", (due, parcours)),
            false => filter.and("p.parcours > ?", [Value::from(parcours)]),
        }
    }
    let order = if query.due {
        "p.due_day, p.parcours"
    } else {
        "p.parcours"
    };
    let sql = PARCOURS
        .replace("<where>", &filter.conditions)
        .replace("<order>", order)
        .replace("<limit>", &(limit + 1).to_string());
    let mut rows = reader.query(&sql, &filter.parameters).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more);
    let next = last.map(|row| format!("{}_{}", row.optional_integer(11).unwrap_or(0), row.text(0)));
    Ok(Page {
        parcours: rows.iter().map(|row| listed(row, today)).collect(),
        next,
    })
}

fn listed(row: &Row, today: NaiveDate) -> Listed {
    let uuid = |column| {
        row.optional_text(column)
            .map(|text| text.parse().expect("the fold writes UUIDs"))
    };
    let day = |column| row.optional_integer(column).map(crate::territory::day);
    let tasks: Vec<tasks::Task> = serde_json::from_str(row.text(10)).expect("the fold writes tasks");
    Listed {
        parcours: uuid(0).expect("a key is never null"),
        trainee: uuid(1),
        operator: row.optional_text(2).map(str::to_owned),
        referent: uuid(3),
        session: uuid(4),
        commune: row.optional_text(5).map(str::to_owned),
        status: Status::named(row.text(6)).expect("the fold writes words of its own"),
        started: day(7),
        exited: day(8),
        revision: row.integer(9).unsigned_abs(),
        tasks: tasks
            .into_iter()
            .filter(|task| task.is_due(today))
            .map(Task::from)
            .collect(),
    }
}

impl From<tasks::Task> for Task {
    fn from(task: tasks::Task) -> Self {
        let [english, french] = task.code.sentence();
        Self {
            code: task.code,
            english,
            french,
            due: task.due,
            months: task.months,
        }
    }
}

/// The day and the parcours after which a page begins.
fn after(cursor: &str) -> Option<(i64, Uuid)> {
    let (day, parcours) = cursor.split_once('_')?;
    Some((day.parse().ok()?, parcours.parse().ok()?))
}
