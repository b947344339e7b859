//! Reading the attributes of a CloudEvent in one pass, `data` left as it stands.

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The attributes of one event in JSON, borrowed from it.
#[derive(Default)]
pub(super) struct Attributes<'a> {
    pub specversion: Option<Cow<'a, str>>,
    pub id: Option<Cow<'a, str>>,
    pub source: Option<Cow<'a, str>>,
    pub type_name: Option<Cow<'a, str>>,
    pub subject: Option<Cow<'a, str>>,
    pub time: Option<Cow<'a, str>>,
    pub data: Option<&'a RawValue>,
    pub actor: Option<Cow<'a, str>>,
    pub recordedtime: Option<Cow<'a, str>>,
    pub revision: Option<u64>,
    /// Everything else: `datacontenttype`, `dataschema`, extensions, and what should not be there.
    pub others: Vec<(Cow<'a, str>, &'a RawValue)>,
}

/// A string, borrowed where it holds no escape.
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

impl<'de> Deserialize<'de> for Attributes<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AttributesVisitor;
        impl<'de> Visitor<'de> for AttributesVisitor {
            type Value = Attributes<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a CloudEvent: a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes<'de>, A::Error> {
                let mut read = Attributes::default();
                while let Some(Text(name)) = map.next_key()? {
                    read.take(name, &mut map)?;
                }
                Ok(read)
            }
        }
        deserializer.deserialize_map(AttributesVisitor)
    }
}

impl<'de> Attributes<'de> {
    fn take<A: MapAccess<'de>>(&mut self, name: Cow<'de, str>, map: &mut A) -> Result<(), A::Error> {
        let slot = match name.as_ref() {
            "specversion" => &mut self.specversion,
            "id" => &mut self.id,
            "source" => &mut self.source,
            "type" => &mut self.type_name,
            "subject" => &mut self.subject,
            "time" => &mut self.time,
            "actor" => &mut self.actor,
            "recordedtime" => &mut self.recordedtime,
            "revision" => return once(&mut self.revision, map.next_value()?, "revision"),
            "data" => {
                let given: &RawValue = map.next_value()?;
                return once(&mut self.data, Some(given).filter(|data| !is_null(data)), "data");
            }
            _ => {
                if self.others.iter().any(|(other, _)| *other == name) {
                    let _: IgnoredAny = map.next_value()?;
                    return Err(Error::custom(format!("the attribute {name:?} is given twice")));
                }
                let value = map.next_value()?;
                self.others.push((name, value));
                return Ok(());
            }
        };
        let text: Option<Text<'_>> = map
            .next_value()
            .map_err(|wrong: A::Error| Error::custom(format!("{name}: {wrong}")))?;
        once(slot, text.map(|Text(text)| text), &name)
    }
}

/// An attribute that is `null` is as if absent (JSON event format of CloudEvents, 2.2).
fn once<T, E: Error>(slot: &mut Option<T>, value: Option<T>, name: &str) -> Result<(), E> {
    if slot.is_some() {
        return Err(Error::custom(format!("the attribute {name:?} is given twice")));
    }
    *slot = value;
    Ok(())
}

pub(super) fn is_null(value: &RawValue) -> bool {
    value.get() == "null"
}
