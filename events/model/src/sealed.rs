//! Fields marked `sealed` in the vocabulary: words about a person, which may only be stored encrypted.

use crate::words::Words;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;

/// What a sender is told who fills a sealed field.
pub const REFUSED: Words = Words::fixed(
    "this field is sealed and its encryption is not available yet: leave it out; nothing personal is ever stored in the clear",
    "ce champ est scellé et son chiffrement n'est pas encore disponible : ne le remplissez pas ; rien de personnel n'est jamais conservé en clair",
);

/// A sealed field. No value of it can exist until its encryption does, so that nothing personal can reach the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Sealed {}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(serde::de::Error::custom(REFUSED))
    }
}

impl crate::judged::Judged for Sealed {}

impl JsonSchema for Sealed {
    fn schema_name() -> Cow<'static, str> {
        "Sealed".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "not": {}, "description": "Sealed: refused until its encryption is available." })
    }
}
