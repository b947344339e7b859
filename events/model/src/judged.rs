//! Judging what was read.
//!
//! Reading takes every shape that a log may hold, and consults no table and no bound: an entry is read for ever.
//! Judging is for the edge: today's tables, today's bounds, texts that can be shown. Whatever is submitted is read and
//! judged; whatever is stored is only read.

use crate::bounds::{Dates, LIST, TEXT};
use crate::codes::Invalid;
use crate::spelling::INSTANT;
use chrono::{DateTime, NaiveDate, Timelike, Utc};
use schemars::Schema;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What is judged, field by field. A number has no bounds of its own: its field names them, or does not compile.
pub trait Judged {
    /// Refuses what may not come in today.
    fn judge(&self) -> Result<(), Misfit> {
        Ok(())
    }

    /// Tells what is unlikely, and taken all the same.
    fn remarks(&self, _found: &mut Vec<Remark>) {}

    /// Writes into the schema of a field of this type what `judge` refuses beyond the type's own schema.
    fn describe(_schema: &mut Schema)
    where
        Self: Sized,
    {
    }
}

/// A field whose value may not come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The field's path in the data, such as `rome[2]`.
    pub field: String,
    /// What is wrong and what is expected.
    pub detail: String,
}

/// What is unlikely about an event that is recorded all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The field in the data.
    pub field: &'static str,
    /// The sentence.
    pub english: &'static str,
    /// The same in French.
    pub french: &'static str,
}

impl Misfit {
    pub(crate) fn new(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            detail: detail.into(),
        }
    }

    /// Refuses a period which ends before it begins.
    pub(crate) fn unless_ordered<T: Ord>(from: &T, to: &T) -> Result<(), Self> {
        if from <= to {
            Ok(())
        } else {
            Err(Self::new(
                "to",
                "the period ends before it begins: `to` is before `from`",
            ))
        }
    }

    /// Refuses a period of more than so many days.
    pub(crate) fn unless_within(days: i64, from: NaiveDate, to: NaiveDate, why: &str) -> Result<(), Self> {
        Self::unless_ordered(&from, &to)?;
        if to.signed_duration_since(from).num_days() < days {
            Ok(())
        } else {
            let detail =
                format!("the period from {from} to {to} is too long: expected at most {days} days; {why}");
            Err(Self::new("to", detail))
        }
    }

    /// The same, told of the field that holds this one.
    pub(crate) fn within(self, outer: &str) -> Self {
        let joint = match self.field.chars().next() {
            None | Some('[') => "",
            Some(_) => ".",
        };
        Self::new(format!("{outer}{joint}{}", self.field), self.detail)
    }
}

impl From<String> for Misfit {
    fn from(detail: String) -> Self {
        Self::new("", detail)
    }
}

impl From<Invalid> for Misfit {
    fn from(invalid: Invalid) -> Self {
        invalid.to_string().into()
    }
}

/// Reads and judges: for what comes in by serde and is no event, such as a parameter.
pub fn strictly<'de, T: Deserialize<'de> + Judged, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let read = T::deserialize(deserializer)?;
    read.judge()
        .map_err(|misfit| serde::de::Error::custom(misfit.detail))?;
    Ok(read)
}

impl Judged for bool {}
impl Judged for Uuid {}
impl Judged for DateTime<Utc> {
    fn judge(&self) -> Result<(), Misfit> {
        // How a leap second is held in memory.
        match self.nanosecond() {
            0..1_000_000_000 => Ok(()),
            _ => Err(Misfit::from("seconds go from 00 to 59".to_owned())),
        }
    }
    fn describe(schema: &mut Schema) {
        schema.insert("pattern".into(), INSTANT.into());
    }
}
/// The data of a correction: only the history knows of which type they are.
impl Judged for serde_json::Value {}

impl Judged for String {
    fn judge(&self) -> Result<(), Misfit> {
        TEXT.judge(self)
    }
    fn describe(schema: &mut Schema) {
        TEXT.describe(schema);
    }
}

impl Judged for NaiveDate {
    fn judge(&self) -> Result<(), Misfit> {
        Dates::judge(*self)
    }
    fn describe(schema: &mut Schema) {
        Dates::describe(schema);
    }
}

impl<T: Judged> Judged for Option<T> {
    fn judge(&self) -> Result<(), Misfit> {
        self.as_ref().map_or(Ok(()), Judged::judge)
    }
    fn describe(schema: &mut Schema) {
        T::describe(schema);
    }
}

impl<T: Judged> Judged for Box<T> {
    fn judge(&self) -> Result<(), Misfit> {
        (**self).judge()
    }
    fn remarks(&self, found: &mut Vec<Remark>) {
        (**self).remarks(found);
    }
    fn describe(schema: &mut Schema) {
        T::describe(schema);
    }
}

impl<T: Judged> Judged for Vec<T> {
    fn judge(&self) -> Result<(), Misfit> {
        LIST.judge(self.len())?;
        for (index, item) in self.iter().enumerate() {
            item.judge()
                .map_err(|misfit| misfit.within(&format!("[{index}]")))?;
        }
        Ok(())
    }
    fn describe(schema: &mut Schema) {
        LIST.describe(schema, "maxItems");
        if let Some(items) = schema.get_mut("items").and_then(|items| items.try_into().ok()) {
            T::describe(items);
        }
    }
}

impl<T: Judged> Judged for BTreeMap<String, T> {
    fn judge(&self) -> Result<(), Misfit> {
        LIST.judge(self.len())?;
        for (name, value) in self {
            name.judge()?;
            value.judge().map_err(|misfit| misfit.within(name))?;
        }
        Ok(())
    }
    fn describe(schema: &mut Schema) {
        LIST.describe(schema, "maxProperties");
        let mut names = Schema::default();
        String::describe(&mut names);
        schema.insert("propertyNames".into(), names.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_a_sender_would() {
        let path = |misfit: Misfit| misfit.field;
        let here = || Misfit::from("wrong".to_owned());
        assert_eq!(path(here().within("commune")), "commune");
        assert_eq!(path(here().within("[2]").within("rome")), "rome[2]");
        assert_eq!(path(here().within("id").within("event")), "event.id");
    }
}
