//! Reading parameters by serde, with errors that say in both languages what was found and what is expected.

use parcours_model::{Words, day, no_uuid};
use serde::de::value::SeqDeserializer;
use serde::de::{
    self, DeserializeSeed, Expected, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
};
use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

/// What is wrong with a parameter.
#[derive(Debug, thiserror::Error)]
#[error("{words}")]
pub(super) struct Wrong {
    /// Which one, once it is known.
    pub name: Option<String>,
    pub words: Words,
}

impl Wrong {
    fn because(words: Words) -> Self {
        Wrong { name: None, words }
    }

    fn of(self, name: &str) -> Self {
        Wrong {
            name: self.name.or_else(|| Some(name.to_owned())),
            ..self
        }
    }
}

impl de::Error for Wrong {
    fn custom<T: Display>(told: T) -> Self {
        Wrong::because(Words::of(&told))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Wrong::because(Words::new(
            format!("{found} is given here: expected {expected}"),
            format!("ici se trouve {found} : il faut {expected:#}"),
        ))
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        let words = match known {
            [] => Words::new(
                format!("{name:?} is no parameter here: expected none"),
                format!("« {name} » n'est pas un paramètre ici : il n'en faut aucun"),
            ),
            known => {
                let known = known.join(", ");
                Words::new(
                    format!("{name:?} is no parameter here: expected {known}"),
                    format!("« {name} » n'est pas un paramètre ici : il faut {known}"),
                )
            }
        };
        Wrong::because(words).of(name)
    }

    fn missing_field(name: &'static str) -> Self {
        Wrong::because(Words::fixed(
            "missing: expected a value",
            "manque : il faut une valeur",
        ))
        .of(name)
    }

    fn duplicate_field(name: &'static str) -> Self {
        Wrong::because(Words::fixed(
            "given twice: expected once",
            "donné deux fois : il le faut une seule fois",
        ))
        .of(name)
    }

    fn unknown_variant(word: &str, known: &'static [&'static str]) -> Self {
        let known = known.join(", ");
        Wrong::because(Words::new(
            format!("{word:?} is not taken here: expected one of {known}"),
            format!("« {word} » n'est pas admis ici : il faut l'un de {known}"),
        ))
    }
}

/// The parameters of a query, by name.
pub(super) struct Query<'a> {
    pairs: form_urlencoded::Parse<'a>,
    /// The one under way.
    name: Cow<'a, str>,
    value: Option<Cow<'a, str>>,
}

impl<'a> Query<'a> {
    pub fn of(query: &'a str) -> Self {
        Query {
            pairs: form_urlencoded::parse(query.as_bytes()),
            name: Cow::default(),
            value: None,
        }
    }
}

impl<'de> de::Deserializer<'de> for Query<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_map(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Query<'de> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        let Some((name, value)) = self.pairs.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        self.name = name.clone();
        seed.deserialize(Value(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        let value = self.value.take().unwrap_or_default();
        seed.deserialize(Value(value))
            .map_err(|wrong| wrong.of(&self.name))
    }
}

/// The parameters of a path: one alone, or several in their order.
pub(super) struct Segments<'a>(pub std::vec::IntoIter<(&'a str, &'a str)>);

impl<'de> de::Deserializer<'de> for Segments<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Wrong> {
        let (name, value) = self.0.next().unwrap_or_default();
        Value(value.into())
            .deserialize_str(visitor)
            .map_err(|wrong| wrong.of(name))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_seq(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> SeqAccess<'de> for Segments<'de> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let next = self.0.next();
        let read = |(name, value): (&str, &'de str)| {
            let value = Value(value.into());
            seed.deserialize(value).map_err(|wrong| wrong.of(name))
        };
        next.map(read).transpose()
    }
}

/// One value, as text.
struct Value<'a>(Cow<'a, str>);

impl Value<'_> {
    fn parse<T: FromStr>(&self, expected: &Words) -> Result<T, Wrong> {
        // `+7` is no number of JSON either.
        let parsed = self.0.parse().ok().filter(|_| !self.0.starts_with('+'));
        parsed.ok_or_else(|| {
            let value = &self.0;
            Wrong::because(Words::new(
                format!("{value:?} is given here: expected {expected}"),
                format!("ici se trouve « {value} » : il faut {expected:#}"),
            ))
        })
    }
}

const AN_INTEGER: Words = Words::fixed(
    "an integer that is not negative, such as 12",
    "un nombre entier non négatif, par exemple 12",
);
const A_NUMBER: Words = Words::fixed("a number, such as 12.5", "un nombre, par exemple 12.5");
const A_CHOICE: Words = Words::fixed("true or false", "true ou false");

/// What is wrong with a text that is read by a reader of others, which says no more than what it reads.
fn foreign(expecting: &str, text: &str) -> Option<Words> {
    match expecting {
        "a formatted UUID string" => Some(no_uuid(text)),
        "a formatted date string" => day(text).err(),
        _ => None,
    }
}

impl<'de> de::Deserializer<'de> for Value<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let expecting = (&visitor as &dyn Expected).to_string();
        let read = match &self.0 {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_str(text),
        };
        read.map_err(|wrong: Wrong| match foreign(&expecting, &self.0) {
            Some(words) => Wrong { words, ..wrong },
            None => wrong,
        })
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_bool(self.parse(&A_CHOICE)?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_u64(self.parse(&AN_INTEGER)?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_f64(self.parse(&A_NUMBER)?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_some(self)
    }

    /// Several values stand between commas (OpenAPI: `style: form`, `explode: false`).
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let values = self.0.split(',').map(|value| Value(value.to_owned().into()));
        visitor.visit_seq(SeqDeserializer::new(values))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u128 f32 char bytes byte_buf unit unit_struct
        tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Wrong> for Value<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
