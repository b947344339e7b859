//! Reading the views' tables.

use crate::{Value, ViewError};

/// Reads the live generation of the views' tables. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reader {}

/// A row of an answer; columns are numbered from 0, in the order of the SELECT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row(pub(crate) Vec<Value>);

impl Reader {
    /// Asks one SELECT, on one consistent state of the tables.
    ///
    /// `{name}` stands for a table of a view (its live generation is put there), `?1`, `?2`… for the parameters.
    pub async fn query(&self, _sql: &str, _parameters: &[Value]) -> Result<Vec<Row>, ViewError> {
        todo!()
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
