//! The vocabulary: one file a stream.
//!
//! To add a stream: write its file (a `vocabulary!` list over its data) and add its line to the
//! `streams!` list at the end of this page. Reading, writing, schemas and ordering follow.

use crate::faults;
use crate::judged::Judged;
use crate::words::Words;
use chrono::{DateTime, Utc};
use schemars::{Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use crate::judged::{Misfit, Remark};

mod given_once;

impl Fact {
    /// The same as the newest version of its type says it; `None` for what is of the newest. What is stored stays as it was
    /// sent: it is upcast whenever it is read.
    pub fn upcast(&self) -> Option<Fact> {
        match self {
            Fact::Parcours(fact) => fact.upcast().map(Fact::Parcours),
            _ => None,
        }
    }
}

/// What the data of one event type must offer.
pub trait Data: DeserializeOwned + Serialize + schemars::JsonSchema + Judged {
    /// What reading insists on beyond the shape, since the code relies on it and no log was ever without it.
    fn whole(&self) -> Result<(), Misfit> {
        Ok(())
    }

    /// What the fields cannot say each on its own, such as a period that ends before it begins. For the edge.
    fn check(&self) -> Result<(), Misfit> {
        Ok(())
    }

    /// Writes into the schema what `whole` and `check` refuse, as far as a schema can say it.
    fn constrain(_schema: &mut Schema) {}

    /// What is unlikely about several fields together, or about a fact of this time.
    fn unlikely(&self, _time: DateTime<Utc>, _found: &mut Vec<Remark>) {}
}

/// Rare large data stand behind a pointer, so that the common small facts stay small: histories hold them by the million.
impl<T: Data> Data for Box<T> {
    fn whole(&self) -> Result<(), Misfit> {
        (**self).whole()
    }
    fn check(&self) -> Result<(), Misfit> {
        (**self).check()
    }
    fn constrain(schema: &mut Schema) {
        T::constrain(schema);
    }
    fn unlikely(&self, time: DateTime<Utc>, found: &mut Vec<Remark>) {
        (**self).unlikely(time, found);
    }
}

/// Why data could not be read as its type says.
#[derive(Debug)]
pub enum DataError {
    /// Not the shape of the type: missing, unknown or invalid fields.
    Shape(serde_json::Error),
    /// The right shape, and a contradiction inside, or a value that may not come in.
    Misfit(Misfit),
}

impl DataError {
    /// What is wrong with `text`, which was to be data of this type, for whoever has to mend it.
    pub(crate) fn told(self, type_name: &str, text: &str) -> Misfit {
        match self {
            DataError::Misfit(misfit) => misfit,
            DataError::Shape(_) => {
                let fault = faults::of_data(type_name, text).into_iter().next();
                fault.map_or_else(|| not_of(type_name).into(), Misfit::from)
            }
        }
    }
}

/// What is said of data that are not of their type, where nothing more precise can be.
fn not_of(type_name: &str) -> Words {
    Words::new(
        format!("these are not the data of {type_name}: expected what /schemas/{type_name} says"),
        format!("ce ne sont pas les données de {type_name} : il faut ce que dit /schemas/{type_name}"),
    )
}

/// One event type: its name, and the schema of its data.
pub struct TypeSpec {
    /// The CloudEvents `type`, version suffix included.
    pub name: &'static str,
    /// One sentence on what the event states.
    pub summary: &'static str,
    /// Writes the JSON Schema of the data.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

fn read<T: Data>(json: &str) -> Result<T, DataError> {
    let data: T = serde_json::from_str(json).map_err(DataError::Shape)?;
    data.whole().map_err(DataError::Misfit)?;
    Ok(data)
}

fn schema<T: Data>(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = generator.subschema_for::<T>();
    T::constrain(&mut schema);
    schema
}

fn judge<T: Data>(data: &T) -> Result<(), Misfit> {
    data.judge()?;
    data.check()
}

fn misfits<T: Data>(data: &T) -> Vec<Misfit> {
    let mut found = data.misfits();
    found.extend(data.check().err());
    found
}

fn remarks<T: Data>(data: &T, time: DateTime<Utc>) -> Vec<Remark> {
    let mut found = Vec::new();
    data.remarks(&mut found);
    data.unlikely(time, &mut found);
    found
}

/// Declares structs and enums which are the data of events: strict readers, with a schema, judged at the edge.
///
/// A field is judged by its type, or by the bound that `where` names (`minutes: Minutes where MODULE`), and the
/// schema says the same.
macro_rules! data {
    ($($(#[$meta:meta])* $vis:vis $kind:ident $name:ident { $($body:tt)* })*) => { $( data!(@ $kind [$(#[$meta])*] $vis $name { $($body)* }); )* };
    (@ struct [$($meta:tt)*] $vis:vis $name:ident { $($(#[$fm:meta])* $field:ident : $ty:ty $(where $bound:ident)?),* $(,)? }) => {
        $($meta)*
        #[serde_with::skip_serializing_none]
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        $vis struct $name { $($(#[$fm])* #[schemars(transform = data!(@describe $ty $(, $bound)?))] pub $field: $ty),* }
        impl crate::judged::Judged for $name {
            fn judge(&self) -> Result<(), crate::streams::Misfit> {
                $(data!(@judge self.$field $(, $bound)?).map_err(|misfit| misfit.of(stringify!($field)))?;)*
                Ok(())
            }
            fn misfits(&self) -> Vec<crate::streams::Misfit> {
                let judged: Vec<Result<(), crate::streams::Misfit>> = vec![
                    $(data!(@judge self.$field $(, $bound)?).map_err(|misfit| misfit.of(stringify!($field)))),*
                ];
                judged.into_iter().filter_map(Result::err).collect()
            }
            fn remarks(&self, _found: &mut Vec<crate::streams::Remark>) {
                $($(_found.extend(crate::bounds::$bound.remark(stringify!($field), &self.$field));)?)*
            }
        }
    };
    (@judge $self:ident.$field:ident) => { crate::judged::Judged::judge(&$self.$field) };
    (@judge $self:ident.$field:ident, $bound:ident) => { crate::bounds::$bound.judge(&$self.$field) };
    (@describe $ty:ty) => { <$ty as crate::judged::Judged>::describe };
    (@describe $ty:ty, $bound:ident) => { |schema: &mut schemars::Schema| crate::bounds::$bound.describe(schema) };
    (@ enum [$($meta:tt)*] $vis:vis $name:ident { $($(#[$vm:meta])* $variant:ident),* $(,)? }) => {
        $($meta)*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        $vis enum $name { $($(#[$vm])* $variant),* }
        impl $name {
            /// Every value, in the vocabulary's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
        }
        impl crate::judged::Judged for $name {}
    };
}

/// Lists the types of one stream, in the order of the journey, and gives it its `Fact`.
macro_rules! vocabulary {
    ($($name:literal $summary:literal => $variant:ident($data:ty)),* $(,)?) => {
        /// A fact of this stream.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Fact { $(#[doc = $summary] $variant($data)),* }

        /// The types of this stream; their order settles which of two facts of one instant comes first.
        pub const TYPES: &[super::TypeSpec] = &[$(
            super::TypeSpec { name: $name, summary: $summary, schema: super::schema::<$data> }
        ),*];

        impl Fact {
            pub(super) fn read(name: &str, json: &str) -> Option<Result<Self, super::DataError>> {
                match name { $($name => Some(super::read::<$data>(json).map(Fact::$variant)),)* _ => None }
            }
            pub(super) fn judge(&self) -> Result<(), super::Misfit> {
                match self { $(Fact::$variant(data) => super::judge(data)),* }
            }
            pub(super) fn misfits(&self) -> Vec<super::Misfit> {
                match self { $(Fact::$variant(data) => super::misfits(data)),* }
            }
            pub(super) fn remarks(&self, time: chrono::DateTime<chrono::Utc>) -> Vec<super::Remark> {
                match self { $(Fact::$variant(data) => super::remarks(data, time)),* }
            }
            /// The CloudEvents `type`.
            pub fn type_name(&self) -> &'static str {
                match self { $(Fact::$variant(_) => $name),* }
            }
            /// The place of the type in the journey.
            pub fn place(&self) -> u8 {
                match self { $(Fact::$variant(_) => Step::$variant as u8),* }
            }
        }

        /// The places of the types in the journey.
        #[expect(missing_docs, reason = "named as the facts are")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Step { $($variant),* }

        /// The data, as the vocabulary writes them.
        impl serde::Serialize for Fact {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self { $(Fact::$variant(data) => data.serialize(serializer)),* }
            }
        }
    };
}

macro_rules! streams {
    ($($(#[$meta:meta])* $kind:ident => $module:ident),* $(,)?) => {
        $($(#[$meta])* pub mod $module;)*

        /// The kinds of stream.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum StreamKind { $($(#[$meta])* $kind),* }

        impl StreamKind {
            /// Every kind.
            pub const ALL: &'static [StreamKind] = &[$(StreamKind::$kind),*];

            /// The word before the slash of a subject.
            pub fn name(self) -> &'static str {
                match self { $(StreamKind::$kind => stringify!($module)),* }
            }

            /// The types of events this kind of stream takes.
            pub fn types(self) -> &'static [TypeSpec] {
                match self { $(StreamKind::$kind => $module::TYPES),* }
            }
        }

        /// What an event states, of whichever stream.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Fact { $($(#[$meta])* $kind($module::Fact)),* }

        $(impl From<$module::Fact> for Fact { fn from(fact: $module::Fact) -> Self { Fact::$kind(fact) } })*

        impl Fact {
            /// Reads the data of an event of a type of this kind of stream, whatever today's tables and bounds are;
            /// `None` if it has no such type.
            pub fn read(kind: StreamKind, name: &str, json: &str) -> Option<Result<Fact, DataError>> {
                match kind { $(StreamKind::$kind => Some($module::Fact::read(name, json)?.map(Fact::$kind))),* }
            }
            /// Refuses what may not come in today: codes that no table has, numbers out of bounds, texts that cannot
            /// be shown. For the edge only; the data of a correction are judged as the fact that they are read as.
            pub fn judge(&self) -> Result<(), Misfit> { match self { $(Fact::$kind(fact) => fact.judge()),* } }
            /// All of what may not come in today, of which `judge` tells the first.
            pub(crate) fn misfits(&self) -> Vec<Misfit> { match self { $(Fact::$kind(fact) => fact.misfits()),* } }
            /// What is unlikely about this fact, when it happened at `time`: recorded all the same, and told to its sender.
            pub fn remarks(&self, time: DateTime<Utc>) -> Vec<Remark> { match self { $(Fact::$kind(fact) => fact.remarks(time)),* } }
            /// The kind of stream this fact belongs to.
            pub fn kind(&self) -> StreamKind { match self { $(Fact::$kind(_) => StreamKind::$kind),* } }
            /// The CloudEvents `type`.
            pub fn type_name(&self) -> &'static str { match self { $(Fact::$kind(fact) => fact.type_name()),* } }
            /// The place of the type in the journey.
            pub fn place(&self) -> u8 { match self { $(Fact::$kind(fact) => fact.place()),* } }
            /// The data, as JSON.
            pub fn data(&self) -> serde_json::Value {
                serde_json::to_value(self).expect("the data of the vocabulary have string keys only")
            }
        }

        /// The data, as the vocabulary writes them; absent optional fields are left out.
        impl Serialize for Fact {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self { $(Fact::$kind(fact) => fact.serialize(serializer)),* }
            }
        }
    };
}

streams! {
    /// One journey of one trainee.
    Parcours => parcours,
    /// A person in the programme; who it is, only the vault knows.
    Trainee => trainee,
    /// A training body.
    Operator => operator,
    /// A training on offer.
    Offer => offer,
    /// A training held at a place and a time, with its places.
    Session => session,
    /// A person's request for a training outside the catalogue.
    Request => request,
    /// A company's or a territory's need of people to be trained.
    Need => need,
    /// What a partner network does with the Région, and until when.
    Convention => convention,
    /// A professional branch and its agreements.
    Branch => branch,
    /// A call for proposals.
    Call => call,
    /// Trainees who gather.
    Community => community,
    /// The partners of a territory, who meet and decide.
    Committee => committee,
    /// The money for aids of a year.
    Envelope => envelope,
}
