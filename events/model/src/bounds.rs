//! What a value may be at the edge, why, and what is unlikely: for the judge and for the schema, in one place.

use crate::judged::{Misfit, Remark};
use crate::texts::{self, Written};
use crate::words::Words;
use chrono::{Datelike, NaiveDate};
use schemars::Schema;
use serde_json::Value;
use std::fmt::Display;

mod quantities;

pub(crate) use quantities::*;

/// An integer's bounds, both within.
pub(crate) struct Whole {
    pub low: u64,
    pub high: u64,
    /// Where they come from, in English and in French: what follows "expected an integer from … to …; ".
    pub why: [&'static str; 2],
    /// Above which it is unlikely, and the remark that tells so in English and in French.
    pub unlikely: Option<(u64, &'static str, &'static str)>,
}

/// A text's shortest and longest length in characters.
pub(crate) struct Length {
    pub least: usize,
    pub most: usize,
    pub written: Written,
}

/// How many items a list may have.
pub(crate) struct Most(usize);

/// The days that an event may name.
pub(crate) struct Dates;

/// A text of which nothing else is said: a page.
pub(crate) const TEXT: Length = Length {
    least: 0,
    most: 2_000,
    written: Written::Prose,
};
/// A name or a title: twice what LHEO, the exchange format of catalogues, allows (255), since files don't keep to it.
pub(crate) const TITLE: Length = Length {
    least: 1,
    most: 510,
    written: Written::Prose,
};
/// What a training leads to: four times what LHEO allows (3,000), for the same reason.
pub(crate) const OBJECTIVE: Length = Length {
    least: 0,
    most: 12_000,
    written: Written::Prose,
};
/// The `id` or `source` of an earlier event, however it was spelt when it came in.
pub(crate) const EARLIER: Length = Length {
    least: 0,
    most: crate::MAX_KEY,
    written: Written::Anyhow,
};
/// More than anybody writes down of a person or a training.
pub(crate) const LIST: Most = Most(200);

/// First and last year: the rules know of nothing before 2000, and a year is written in four digits that a slip of the
/// keyboard takes out of the century.
pub(crate) const YEARS: std::ops::RangeInclusive<i32> = 2000..=2099;
const YEARS_PATTERN: &str = "^20[0-9]{2}-";

/// What can be counted; nothing, if it is left out.
pub(crate) trait Counted {
    fn count(&self) -> Option<u64>;
}

/// What is a text; none, if it is left out.
pub(crate) trait Spelt {
    fn spelt(&self) -> Option<&str>;
}

impl Whole {
    pub fn judge(&self, value: &impl Counted) -> Result<(), Misfit> {
        let Self { low, high, why, .. } = self;
        match value.count() {
            Some(count) if !(*low..=*high).contains(&count) => {
                let words = out_of_bounds(count, *low, *high);
                Err(Words::new(format!("{words}; {}", why[0]), format!("{words:#} ; {}", why[1])).into())
            }
            _ => Ok(()),
        }
    }

    pub fn remark(&self, field: &'static str, value: &impl Counted) -> Option<Remark> {
        let (usual, english, french) = self.unlikely?;
        (value.count()? > usual).then_some(Remark {
            field,
            english,
            french,
        })
    }

    pub fn describe(&self, schema: &mut Schema) {
        schema.insert("minimum".into(), self.low.into());
        schema.insert("maximum".into(), self.high.into());
        let remark = match self.unlikely {
            Some((usual, ..)) => format!(" Above {usual} it is taken with a remark."),
            None => String::new(),
        };
        explain(
            schema,
            &format!("From {} to {}: {}.{remark}", self.low, self.high, self.why[0]),
        );
    }
}

impl Length {
    pub fn judge(&self, value: &impl Spelt) -> Result<(), Misfit> {
        let Some(text) = value.spelt() else { return Ok(()) };
        if text.is_empty() && self.least > 0 {
            return Err(
                Words::fixed("it is empty: expected a text", "il est vide : il faut un texte").into(),
            );
        }
        texts::judge(text, self.most, self.written).map_err(Misfit::from)
    }

    pub fn remark(&self, _field: &'static str, _value: &impl Spelt) -> Option<Remark> {
        None
    }

    pub fn describe(&self, schema: &mut Schema) {
        if self.least > 0 {
            schema.insert("minLength".into(), self.least.into());
        }
        schema.insert("maxLength".into(), self.most.into());
        if let Some(pattern) = self.written.pattern() {
            schema.insert("pattern".into(), pattern.into());
        }
    }
}

impl Most {
    pub fn judge(&self, count: usize) -> Result<(), Misfit> {
        match count > self.0 {
            true => Err(too_many(count, self.0).into()),
            false => Ok(()),
        }
    }

    pub fn describe(&self, schema: &mut Schema, keyword: &str) {
        schema.insert(keyword.into(), self.0.into());
    }
}

impl Dates {
    pub fn judge(day: NaiveDate) -> Result<(), Misfit> {
        Self::judge_year(day.year(), &day)
    }

    pub fn judge_year(year: i32, value: &dyn Display) -> Result<(), Misfit> {
        match YEARS.contains(&year) {
            true => Ok(()),
            false => {
                let (first, last) = (YEARS.start(), YEARS.end());
                Err(Words::new(
                    format!(
                        "{value} is out of bounds: expected a year from {first} to {last}; nothing in the programme is older, or planned for another century"
                    ),
                    format!(
                        "{value} est hors limites : il faut une année de {first} à {last} ; rien dans le programme n'est plus ancien, ni prévu pour un autre siècle"
                    ),
                )
                .into())
            }
        }
    }

    pub fn describe(schema: &mut Schema) {
        schema.insert("pattern".into(), YEARS_PATTERN.into());
        explain(
            schema,
            "From 2000 to 2099: nothing in the programme is older, or planned for another century.",
        );
    }
}

/// A number beyond its bounds.
pub(crate) fn out_of_bounds(number: impl Display, low: impl Display, high: impl Display) -> Words {
    Words::new(
        format!("{number} is out of bounds: expected an integer from {low} to {high}"),
        format!("{number} est hors limites : il faut un nombre entier de {low} à {high}"),
    )
}

/// More items than a list may have.
pub(crate) fn too_many(count: usize, most: impl Display) -> Words {
    Words::new(
        format!("{count} items are too many: expected at most {most}"),
        format!("{count} éléments, c'est trop : au plus {most}"),
    )
}

/// Adds a sentence to the schema's description.
fn explain(schema: &mut Schema, sentence: &str) {
    let description = match schema.get("description").and_then(Value::as_str) {
        Some(description) => format!("{description} {sentence}"),
        None => sentence.to_owned(),
    };
    schema.insert("description".into(), description.into());
}

macro_rules! counted {
    ($($type:ty: $count:expr),* $(,)?) => { $(impl Counted for $type {
        fn count(&self) -> Option<u64> { let count: fn(&$type) -> u64 = $count; Some(count(self)) }
    })* };
}
counted!(u8: |n| (*n).into(), u16: |n| (*n).into(), u32: |n| (*n).into(),
    crate::codes::Minutes: |n| n.get().into(), crate::codes::Cents: |n| n.get(), crate::codes::BirthYear: |n| n.get().into());

impl<T: Counted> Counted for Option<T> {
    fn count(&self) -> Option<u64> {
        self.as_ref()?.count()
    }
}

impl Spelt for String {
    fn spelt(&self) -> Option<&str> {
        Some(self)
    }
}
