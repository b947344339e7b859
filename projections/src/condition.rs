//! The conditions of a question, as SQL.

use crate::Value;

/// Conditions and their parameters, numbered as they come.
pub(crate) struct Filter {
    pub conditions: String,
    pub parameters: Vec<Value>,
}

impl Filter {
    /// No condition yet; these parameters are in the question whatever is filtered.
    pub fn new(parameters: Vec<Value>) -> Self {
        Self {
            conditions: String::new(),
            parameters,
        }
    }

    /// Keeps what comes after a place in the order of `by`, and of `name` where that is the same.
    pub fn after(&mut self, by: &str, name: &str, (place, named): (i64, String)) {
        let place = Value::Integer(place);
        let values = [place.clone(), place, Value::from(named)];
        self.and(&format!("({by} > ? OR ({by} = ? AND {name} > ?))"), values);
    }

    /// Adds a condition; each `?` in it stands for the next of `values`.
    pub fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.conditions.push_str(" AND ");
        let mut values = values.into_iter();
        for part in condition.split_inclusive('?') {
            self.conditions.push_str(part);
            if part.ends_with('?') {
                self.parameters.extend(values.next());
                self.conditions.push_str(&self.parameters.len().to_string());
            }
        }
    }
}
