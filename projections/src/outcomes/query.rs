//! The next messages of a reader.
//!
//! Each question is a walk along one index, in the order of the list, from the cursor on, up to the instant that the list
//! has come to: what is read is at most what has been told since then in one département, of one operator, or of one kind. Other conditions are written so
//! that no index fits them: a planner without statistics would gather all that match, and sort.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use parcours_model::geography::{self, TerritoryLevel};
use parcours_model::{StreamId, StreamKind, TerritoryCode};

use super::row::COLUMNS;
use super::{Cursor, Filter, Key, OutcomeKind, OutcomeRow};
use crate::{Reader, Value, ViewError};

/// `<along>` is the index, `<where>` the other conditions. The first three parameters are the cursor, the fourth is the
/// instant that the list has come to.
///
/// Whoever is erased is told of by notices only. What is in no territory, the notices aside, is for nobody.
const NEXT: &str = "
    SELECT <columns>
    FROM {outcome} t
    WHERE <along> (t.told, t.position, t.ordinal) > (?1, ?2, ?3) AND t.told <= ?4 <where>
      AND (t.until IS NULL OR t.until > ?4)
      AND (t.departement IS NOT NULL OR t.kind || '' = 'forget')
      AND (t.kind || '' = 'forget' OR (
          SELECT e.told FROM {outcome_erased} e WHERE e.trainee = t.trainee AND e.told <= ?4
      ) IS NULL)
    ORDER BY t.told, t.position, t.ordinal
    LIMIT <limit>";

/// When the first message is told that is told after an instant.
const NEXT_TOLD: &str = "SELECT min(t.told) FROM {outcome} t WHERE t.told > ?1";

/// The index walked along.
enum Along<'a> {
    /// The list itself.
    All,
    Kind(OutcomeKind),
    Departement(&'a str),
    Operator(String),
}

/// At most `limit` messages after `cursor` that are told until `until`, in order; fewer only if there are no more.
pub(crate) async fn after(
    reader: &Reader,
    filter: &Filter,
    cursor: Option<Cursor>,
    until: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<OutcomeRow>, ViewError> {
    let mut found = match along(filter) {
        Along::All => {
            let mut question = Question::new(cursor, until);
            // Notices of erasures are of no territory.
            let choice = question.choice(filter);
            let conditions = match choice.is_empty() || !filter.people {
                true => choice,
                false => format!("AND (t.commune IS NULL OR (TRUE {choice}))"),
            };
            question.ask(reader, "", &conditions, filter, limit).await?
        }
        along => {
            let mut question = Question::new(cursor, until);
            let column = match along {
                Along::Kind(kind) => question.equal("t.kind", kind.as_str()),
                Along::Departement(code) => question.equal("t.departement", code),
                Along::Operator(siret) => question.equal("t.operator", siret),
                Along::All => String::new(),
            };
            let conditions = question.choice(filter);
            let mut found = question.ask(reader, &column, &conditions, filter, limit).await?;
            if filter.people {
                let mut notices = Question::new(cursor, until);
                let column = notices.equal("t.kind", OutcomeKind::Forget.as_str());
                found.extend(
                    notices
                        .ask(reader, &column, "AND t.commune IS NULL", filter, limit)
                        .await?,
                );
            }
            found
        }
    };
    found.sort_unstable_by_key(OutcomeRow::cursor);
    found.truncate(limit);
    Ok(found)
}

/// The same, of the messages about one trainee or one session; about nothing else is there any.
pub(crate) async fn about(
    reader: &Reader,
    whom: StreamId,
    cursor: Option<Cursor>,
    until: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<OutcomeRow>, ViewError> {
    let Some((along, condition, question)) = of(whom, cursor, until) else {
        return Ok(Vec::new());
    };
    question
        .ask(reader, &along, &condition, &Filter::all(), limit)
        .await
}

/// The message of this key about this trainee or session, if it is told until `until`.
pub(crate) async fn one(
    reader: &Reader,
    whom: StreamId,
    key: Key,
    until: DateTime<Utc>,
) -> Result<Option<OutcomeRow>, ViewError> {
    let Some((along, mut condition, mut question)) = of(whom, None, until) else {
        return Ok(None);
    };
    let position = question.parameter(Value::Integer(key.position.cast_signed()));
    let ordinal = question.parameter(key.ordinal);
    write!(
        condition,
        " AND t.position = ?{position} AND t.ordinal = ?{ordinal}"
    )
    .expect("writing to a string succeeds");
    let rows = question
        .ask(reader, &along, &condition, &Filter::all(), 1)
        .await?;
    Ok(rows.into_iter().next())
}

/// When the first message is told that is told after this instant, whoever may hear of it.
pub(crate) async fn next_told(
    reader: &Reader,
    after: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, ViewError> {
    let after = Value::Integer(after.timestamp_micros());
    let rows = reader.query(NEXT_TOLD, &[after]).await?;
    let told = rows.first().and_then(|row| row.optional_integer(0));
    Ok(told.and_then(DateTime::from_timestamp_micros))
}

/// What leads to the messages about somebody or something: an index, a condition, and their parameters.
fn of(whom: StreamId, cursor: Option<Cursor>, until: DateTime<Utc>) -> Option<(String, String, Question)> {
    let mut question = Question::new(cursor, until);
    let uuid = whom.uuid.to_string();
    let (along, condition) = match whom.kind {
        StreamKind::Trainee => (question.equal("t.trainee", uuid), String::new()),
        StreamKind::Session => (
            question.equal("t.kind", OutcomeKind::Place.as_str()),
            format!("AND t.session || '' = ?{}", question.parameter(uuid)),
        ),
        _ => return None,
    };
    Some((along, condition, question))
}

/// The index that leads past the fewest others.
fn along(filter: &Filter) -> Along<'_> {
    if let Some(operator) = filter.operator {
        return Along::Operator(operator.to_string());
    }
    if !filter.people {
        return Along::Kind(OutcomeKind::Place);
    }
    let departement = filter.territories.iter().find_map(|among| match &among[..] {
        [territory] => match territory.level {
            TerritoryLevel::Departement => Some(territory.code()),
            TerritoryLevel::Commune => {
                geography::commune(territory.code()).map(|commune| commune.departement)
            }
            TerritoryLevel::Epci | TerritoryLevel::Region => None,
        },
        _ => None,
    });
    departement.map_or(Along::All, Along::Departement)
}

/// A statement's parameters as they are collected: the first four are those of [`NEXT`].
struct Question(Vec<Value>);

impl Question {
    fn new(cursor: Option<Cursor>, until: DateTime<Utc>) -> Self {
        let start = cursor.map_or([i64::MIN, 0, 0], |cursor| {
            let Key { position, ordinal } = cursor.key;
            [
                cursor.told.timestamp_micros(),
                position.cast_signed(),
                ordinal.into(),
            ]
        });
        let mut parameters: Vec<Value> = start.into_iter().map(Value::Integer).collect();
        parameters.push(Value::Integer(until.timestamp_micros()));
        Self(parameters)
    }

    /// The number of a further parameter.
    fn parameter(&mut self, value: impl Into<Value>) -> usize {
        self.0.push(value.into());
        self.0.len()
    }

    fn equal(&mut self, column: &str, value: impl Into<Value>) -> String {
        format!("{column} = ?{} AND", self.parameter(value))
    }

    /// Operator and territories, in conditions that no index fits.
    fn choice(&mut self, filter: &Filter) -> String {
        let mut conditions = String::new();
        let mut and = |condition: String| {
            write!(conditions, " AND ({condition})").expect("writing to a string succeeds");
        };
        if let Some(operator) = filter.operator {
            and(format!(
                "t.operator || '' = ?{}",
                self.parameter(operator.to_string())
            ));
        }
        for among in &filter.territories {
            let lies_in = |territory: &TerritoryCode| {
                let column = match territory.level {
                    TerritoryLevel::Commune => "commune",
                    TerritoryLevel::Epci => "epci",
                    TerritoryLevel::Departement => "departement",
                    TerritoryLevel::Region => "region",
                };
                format!("t.{column} || '' = ?{}", self.parameter(territory.code()))
            };
            let any: Vec<String> = among.iter().map(lies_in).collect();
            and(if any.is_empty() {
                "FALSE".to_owned()
            } else {
                any.join(" OR ")
            });
        }
        conditions
    }

    async fn ask(
        self,
        reader: &Reader,
        along: &str,
        conditions: &str,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<OutcomeRow>, ViewError> {
        let kinds = filter.kinds();
        let mut conditions = conditions.to_owned();
        if kinds.len() < OutcomeKind::ALL.len() {
            let words: Vec<String> = kinds.iter().map(|kind| format!("'{}'", kind.as_str())).collect();
            let none = if words.is_empty() { "NULL" } else { "" };
            write!(conditions, " AND t.kind || '' IN ({}{none})", words.join(", "))
                .expect("writing to a string succeeds");
        }
        let sql = NEXT
            .replace("<columns>", COLUMNS)
            .replace("<along>", along)
            .replace("<where>", &conditions)
            .replace("<limit>", &limit.to_string());
        let rows = reader.query(&sql, &self.0).await?;
        rows.iter().map(OutcomeRow::read).collect()
    }
}
