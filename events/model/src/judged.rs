//! Judging what was read.
//!
//! Reading takes every shape that a log may hold, and consults no table and no bound: an entry is read for ever.
//! Judging is for the edge: today's tables, today's bounds, texts that can be shown. Whatever is submitted is read and
//! judged; whatever is stored is only read.

use crate::bounds::{Dates, LIST, TEXT};
use crate::codes::Invalid;
use crate::faults::{Misplaced, Path, Step};
use crate::spelling::{self, INSTANT};
use crate::words::Words;
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

    /// Every field of it that may not come in today.
    fn misfits(&self) -> Vec<Misfit> {
        self.judge().err().into_iter().collect()
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
    /// The same in French.
    pub french: String,
    /// The same path as `field`, step by step.
    pub(crate) path: Path,
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
    pub(crate) fn new(field: &str, english: &str, french: &str) -> Self {
        Self::from(Words::new(english.to_owned(), french.to_owned())).of(field)
    }

    /// In both languages.
    pub fn words(&self) -> Words {
        Words::new(self.detail.clone(), self.french.clone())
    }

    /// Refuses a period which ends before it begins.
    pub(crate) fn unless_ordered<T: Ord>(from: &T, to: &T) -> Result<(), Self> {
        if from <= to {
            Ok(())
        } else {
            Err(Self::new(
                "to",
                "the period ends before it begins: `to` is before `from`",
                "la période finit avant de commencer : `to` est avant `from`",
            ))
        }
    }

    /// Refuses a period of more than so many days.
    pub(crate) fn unless_within(
        days: i64,
        from: NaiveDate,
        to: NaiveDate,
        why: [&str; 2],
    ) -> Result<(), Self> {
        Self::unless_ordered(&from, &to)?;
        if to.signed_duration_since(from).num_days() < days {
            Ok(())
        } else {
            let [english, french] = why;
            let (first, last) = (from.format("%d/%m/%Y"), to.format("%d/%m/%Y"));
            Err(Self::new(
                "to",
                &format!(
                    "the period from {from} to {to} is too long: expected at most {days} days; {english}"
                ),
                &format!("la période du {first} au {last} est trop longue : au plus {days} jours ; {french}"),
            ))
        }
    }

    /// The same, told of the member of this name.
    pub(crate) fn of(self, outer: &str) -> Self {
        self.within(Step::Member(outer.to_owned()))
    }

    /// The same, told of the member or the item that holds this one.
    pub(crate) fn within(self, outer: Step) -> Self {
        let path = self.path.within(outer);
        Self {
            field: path.to_string(),
            path,
            ..self
        }
    }
}

impl From<Words> for Misfit {
    fn from(words: Words) -> Self {
        Self {
            field: String::new(),
            detail: words.english.into_owned(),
            french: words.french.into_owned(),
            path: Path::default(),
        }
    }
}

impl From<Misplaced> for Misfit {
    fn from(fault: Misplaced) -> Self {
        Self {
            field: fault.path.to_string(),
            path: fault.path,
            ..Self::from(fault.words)
        }
    }
}

impl From<Invalid> for Misfit {
    fn from(invalid: Invalid) -> Self {
        Words::of(&invalid).into()
    }
}

/// Reads and judges: for what comes in by serde and is no event, such as a parameter.
pub fn strictly<'de, T: Deserialize<'de> + Judged, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let read = T::deserialize(deserializer)?;
    read.judge()
        .map_err(|misfit| serde::de::Error::custom(misfit.words()))?;
    Ok(read)
}

impl Judged for bool {}
impl Judged for Uuid {}
impl Judged for DateTime<Utc> {
    fn judge(&self) -> Result<(), Misfit> {
        // How a leap second is held in memory.
        match self.nanosecond() {
            0..1_000_000_000 => Ok(()),
            _ => Err(Misfit::from(spelling::SECONDS)),
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
    fn misfits(&self) -> Vec<Misfit> {
        (**self).misfits()
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
            item.judge().map_err(|misfit| misfit.within(Step::Item(index)))?;
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
            value.judge().map_err(|misfit| misfit.of(name))?;
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
        let here = || Misfit::from(Words::new("wrong", "faux"));
        assert_eq!(path(here().of("commune")), "commune");
        assert_eq!(path(here().within(Step::Item(2)).of("rome")), "rome[2]");
        assert_eq!(path(here().of("id").of("event")), "event.id");
    }
}
