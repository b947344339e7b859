//! Reading the views' tables.

use std::fmt;
use std::sync::Arc;

use crate::ViewError;
use crate::shared::Shared;
use crate::standing::ViewState;
use crate::store::QueryError;
use crate::view::{Table, Value, View};

/// Reads the live generation of the views' tables. Cheap to clone.
#[derive(Clone)]
pub struct Reader(Arc<Shared>);

/// What a text of SQL names.
#[derive(Clone, Copy)]
pub(crate) enum Named<'a> {
    /// A table.
    Table(&'static Table),
    /// The number of entries that a table has digested.
    Checkpoint(&'static Table),
    /// The number of the generation that answers.
    Generation(&'static Table),
    /// The condition that a row, by its alias, has the words of a parameter.
    Words(&'static Table, &'a str, &'a str),
}

/// A row of an answer; columns are numbered from 0, in the order of the SELECT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row(pub(crate) Vec<Value>);

impl Reader {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self(shared)
    }

    /// Asks one SELECT, on one consistent state of the tables.
    ///
    /// `{name}` stands for a table of a view (its live generation is put there), `{name:checkpoint}` for the number of
    /// entries that this table has digested, `{name:generation}` for the number of that generation,
    /// `{name:words o ?5}` for the condition that the row `o` of this table has words that begin with each of those between
    /// spaces in a parameter, `?1`, `?2`… for the parameters.
    /// Answers [`ViewError::NotBuilt`] while a view named has no live generation.
    pub async fn query(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, ViewError> {
        let parts = self.parse(sql)?;
        let named: Vec<_> = parts.iter().filter_map(|(_, named)| *named).collect();
        let ask = |names: Vec<String>| {
            let mut names = names.into_iter();
            let mut sql = String::new();
            for (text, named) in &parts {
                sql.push_str(text);
                if named.is_some() {
                    sql.push_str(&names.next().unwrap_or_default());
                }
            }
            self.0.store.query(sql, parameters.to_vec())
        };
        let rows = self.on_live(&named, ask).await?;
        Ok(rows.into_iter().map(Row).collect())
    }

    /// Asks about the live generation of these, taken once. If it is dropped meanwhile, because the next has taken over,
    /// the next is asked.
    pub(crate) async fn on_live<T, F>(
        &self,
        named: &[Named<'_>],
        ask: impl Fn(Vec<String>) -> F,
    ) -> Result<T, ViewError>
    where
        F: Future<Output = Result<T, QueryError>>,
    {
        let mut names = match self.names(named) {
            Ok(names) => names,
            Err(_) => {
                self.0.refresh().await?;
                self.names(named)?
            }
        };
        loop {
            match ask(names.clone()).await {
                Err(QueryError::Gone) => {}
                Err(QueryError::Failed(error)) if error.is_for_good() => {
                    self.0.board.lost(&error);
                    return Err(error);
                }
                answer => return Ok(answer?),
            }
            self.0.refresh().await?;
            let now = self.names(named)?;
            if now == names {
                return Err(QueryError::Gone.into());
            }
            names = now;
        }
    }

    /// What stands for them in SQL.
    fn names(&self, named: &[Named<'_>]) -> Result<Vec<String>, ViewError> {
        let name = |named: &Named<'_>| {
            let (Named::Table(table)
            | Named::Checkpoint(table)
            | Named::Generation(table)
            | Named::Words(table, ..)) = named;
            let view = self
                .view_of(table.name)
                .ok_or_else(|| ViewError::Unknown(table.name.into()))?
                .0;
            let known = self.0.board.of(view).borrow();
            let generation = known.generation.ok_or_else(|| match &known.state {
                ViewState::Lost { detail } => ViewError::Lost {
                    view: view.name.into(),
                    detail: detail.clone(),
                },
                _ if known.diverged.is_some() => ViewError::Diverged {
                    view: view.name.into(),
                },
                _ => ViewError::NotBuilt(view.name.into()),
            })?;
            Ok(match named {
                Named::Table(table) => self.0.store.table(table.name, generation),
                Named::Checkpoint(_) => self.0.store.of_generation("checkpoint", view.name, generation),
                Named::Generation(_) => generation.to_string(),
                Named::Words(table, alias, parameter) => {
                    self.0.store.has_words(table, generation, alias, parameter)
                }
            })
        };
        named.iter().map(name).collect()
    }

    fn view_of(&self, table: &str) -> Option<(&'static View, &'static Table)> {
        let has = |view: &'static View| view.tables.iter().find(|described| described.name == table);
        self.0.board.all().find_map(|(view, _)| Some((view, has(view)?)))
    }

    /// Cuts the text after each `{name}`.
    fn parse<'a>(&self, sql: &'a str) -> Result<Vec<(&'a str, Option<Named<'a>>)>, ViewError> {
        let mut parts = Vec::new();
        let mut rest = sql;
        while let Some((text, (name, more))) = rest
            .split_once('{')
            .and_then(|(text, more)| Some((text, more.split_once('}')?)))
        {
            let (table, of_it) = name.split_once(':').unwrap_or((name, ""));
            let (_, table) = self
                .view_of(table)
                .ok_or_else(|| ViewError::Unknown(name.into()))?;
            let mut of_it = of_it.split(' ');
            let named = match (of_it.next(), of_it.next(), of_it.next()) {
                (Some(""), ..) => Named::Table(table),
                (Some("checkpoint"), ..) => Named::Checkpoint(table),
                (Some("generation"), ..) => Named::Generation(table),
                (Some("words"), Some(alias), Some(parameter)) => Named::Words(table, alias, parameter),
                _ => return Err(ViewError::Unknown(name.into())),
            };
            parts.push((text, Some(named)));
            rest = more;
        }
        parts.push((rest, None));
        Ok(parts)
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reader")
    }
}

impl Row {
    /// The text in a column that is never null.
    pub fn text(&self, column: usize) -> &str {
        self.optional_text(column)
            .expect("the SELECT gives a text that is not null there")
    }

    /// The number in a column that is never null.
    pub fn integer(&self, column: usize) -> i64 {
        self.optional_integer(column)
            .expect("the SELECT gives a number that is not null there")
    }

    /// The truth in a column that is never null.
    pub fn boolean(&self, column: usize) -> bool {
        self.optional_boolean(column)
            .expect("the SELECT gives a boolean that is not null there")
    }

    /// The text in a column.
    pub fn optional_text(&self, column: usize) -> Option<&str> {
        match &self.0[column] {
            Value::Null => None,
            Value::Text(text) => Some(text),
            other => panic!("column {column} holds {other:?}, not a text"),
        }
    }

    /// The number in a column.
    pub fn optional_integer(&self, column: usize) -> Option<i64> {
        match &self.0[column] {
            Value::Null => None,
            Value::Integer(number) => Some(*number),
            other => panic!("column {column} holds {other:?}, not a number"),
        }
    }

    /// The truth in a column. SQLite keeps booleans as 0 and 1.
    pub fn optional_boolean(&self, column: usize) -> Option<bool> {
        match &self.0[column] {
            Value::Null => None,
            Value::Boolean(truth) => Some(*truth),
            Value::Integer(number) => Some(*number != 0),
            other => panic!("column {column} holds {other:?}, not a boolean"),
        }
    }
}
