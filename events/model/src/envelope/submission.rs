//! An event on its way in.

use super::attributes::Attributes;
use super::{LOG_ATTRIBUTES, MAX_EXTENSION, MAX_KEY, Malformed, source};
use crate::event::{Event, EventKey, shared_name};
use crate::stream::StreamId;
use crate::streams::{DataError, Fact};
use crate::texts::{self, Written};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::value::RawValue;

/// An event as its sender gave it: parsed, valid in itself, canonical, ready to become an entry.
/// Whether it may be recorded is for the rules to say (`admit`).
#[derive(Clone, Debug)]
pub struct Submission {
    /// What the rules and the views look at.
    pub event: Event,
    /// The canonical attributes, as the text between the braces, cut where the log's own belong:
    /// before `actor`, before `recordedtime`, before `revision`, after it.
    parts: [String; 4],
}

impl Submission {
    /// Reads an event in the JSON format of CloudEvents (structured mode). Complexity: linear in its bytes.
    pub fn parse(json: &[u8]) -> Result<Self, Malformed> {
        let attributes: Attributes<'_> = serde_json::from_slice(json).map_err(|wrong| {
            Malformed::new(
                "malformed-json",
                None,
                format!("not an event in the JSON format of CloudEvents: {wrong}"),
            )
        })?;
        let id = attributes.id.as_deref().map(str::to_owned);
        Self::from_attributes(attributes).map_err(|malformed| Malformed { id, ..malformed })
    }

    /// An event that the service itself states, as a follow-up of another or as an importer.
    pub fn new(event: Event) -> Self {
        let data = canonical(&event.fact);
        let time = event.time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let parts = cut(vec![
            ("data", data),
            ("id", quoted(&event.key.id)),
            ("source", quoted(&event.key.source)),
            ("specversion", quoted("1.0")),
            ("subject", quoted(&event.stream.to_string())),
            ("time", quoted(&time)),
            ("type", quoted(event.fact.type_name())),
        ]);
        Self { event, parts }
    }

    fn from_attributes(attributes: Attributes<'_>) -> Result<Self, Malformed> {
        if attributes.actor.is_some() || attributes.recordedtime.is_some() || attributes.revision.is_some() {
            let named = LOG_ATTRIBUTES.join(", ");
            return Err(Malformed::new(
                "log-attribute",
                None,
                format!("the attributes {named} are written by the log: leave them out"),
            ));
        }
        let specversion = required("specversion", attributes.specversion.as_deref())?;
        if specversion != "1.0" {
            return Err(Malformed::new(
                "unknown-specversion",
                "specversion",
                format!("{specversion:?} is not supported: expected \"1.0\""),
            ));
        }
        let id = required("id", attributes.id.as_deref())?;
        texts::judge(id, MAX_KEY, Written::Name)
            .map_err(|detail| Malformed::new("invalid-attribute", "id", detail))?;
        let sender = required("source", attributes.source.as_deref())?;
        source::check(sender).map_err(|detail| Malformed::new("invalid-attribute", "source", detail))?;
        let type_name = required("type", attributes.type_name.as_deref())?;
        let subject = required("subject", attributes.subject.as_deref())?;
        let stream: StreamId = subject
            .parse()
            .map_err(|detail: String| Malformed::new("invalid-attribute", "subject", detail))?;
        let time_text = required("time", attributes.time.as_deref())?;
        let time = DateTime::parse_from_rfc3339(time_text)
            .map_err(|wrong| {
                Malformed::new(
                    "invalid-attribute",
                    "time",
                    format!("{time_text:?} is not an RFC 3339 instant: {wrong}"),
                )
            })?
            .to_utc();
        let raw = attributes.data.map_or("{}", RawValue::get);
        let fact = read_fact(stream, type_name, raw)?;

        let mut canonical_attributes = vec![
            ("id", quoted(id)),
            ("source", quoted(sender)),
            ("specversion", quoted(specversion)),
            ("subject", quoted(subject)),
            ("time", quoted(time_text)),
            ("type", quoted(type_name)),
        ];
        if let Some(data) = attributes.data {
            canonical_attributes.push(("data", canonical_raw(data)?));
        }
        for (name, value) in &attributes.others {
            if let Some(canonical) = other_attribute(name, value)? {
                canonical_attributes.push((name, canonical));
            }
        }
        let event = Event {
            key: EventKey::new(shared_name(sender), id),
            stream,
            time,
            fact,
        };
        Ok(Self {
            event,
            parts: cut(canonical_attributes),
        })
    }

    /// The entry of this event in the log: canonical bytes with the log's own attributes.
    /// `recorded` is written to the microsecond.
    pub fn encode(&self, actor: &str, recorded: DateTime<Utc>, revision: u64) -> Vec<u8> {
        let actor = format!("\"actor\":{}", quoted(actor));
        let recorded = format!(
            "\"recordedtime\":\"{}\"",
            recorded.to_rfc3339_opts(SecondsFormat::Micros, true)
        );
        let revision = format!("\"revision\":{revision}");
        let [before, middle, between, after] = &self.parts;
        join(&[before, &actor, middle, &recorded, between, &revision, after])
    }

    /// The event's canonical bytes as its sender gave it, without the log's attributes.
    pub fn to_json(&self) -> Vec<u8> {
        join(&[&self.parts[0], &self.parts[1], &self.parts[2], &self.parts[3]])
    }

    /// Whether `entry` is this very event, the log's own attributes aside.
    pub fn is_content_of(&self, entry: &[u8]) -> bool {
        let Ok(mut stored) = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(entry)
        else {
            return false;
        };
        stored.retain(|name, _| !LOG_ATTRIBUTES.contains(&name.as_str()));
        canonical(&stored).as_bytes() == self.to_json()
    }
}

fn required<'a>(name: &'static str, value: Option<&'a str>) -> Result<&'a str, Malformed> {
    match value {
        Some(text) if !text.is_empty() => Ok(text),
        Some(_) => Err(Malformed::new(
            "missing-attribute",
            name,
            "empty: a value is required",
        )),
        None => Err(Malformed::new(
            "missing-attribute",
            name,
            "missing: every event carries it",
        )),
    }
}

fn read_fact(stream: StreamId, type_name: &str, raw: &str) -> Result<Fact, Malformed> {
    let judged = Fact::read(stream.kind, type_name, raw).map(|read| {
        let fact = read?;
        fact.judge().map_err(DataError::Misfit)?;
        Ok(fact)
    });
    match judged {
        Some(Ok(fact)) => Ok(fact),
        Some(Err(error)) => Err(invalid_data(stream, type_name, raw, error)),
        None => Err(Malformed::new(
            "unknown-type",
            "type",
            format!(
                "{type_name:?} is no type of event of a {} stream; the types are listed at /schemas",
                stream.kind.name()
            ),
        )),
    }
}

/// Says which field of `data` is wrong; read again for that, since only senders of invalid events pay for it.
fn invalid_data(stream: StreamId, type_name: &str, raw: &str, error: DataError) -> Malformed {
    let (field, detail) = match error {
        DataError::Misfit(misfit) => (Some(misfit.field), misfit.detail),
        DataError::Shape(wrong) => (Fact::misread(stream.kind, type_name, raw), wrong.to_string()),
    };
    let code = if detail.starts_with(crate::sealed::REFUSED) {
        "sealed"
    } else {
        "invalid-data"
    };
    let field = field.map_or_else(|| "data".to_owned(), |field| format!("data.{field}"));
    Malformed {
        id: None,
        field: Some(field),
        code,
        detail,
    }
}

/// The canonical value of an attribute that no event must have; `None` for one that says what is true without it.
fn other_attribute(name: &str, value: &RawValue) -> Result<Option<String>, Malformed> {
    let wrong = |detail: String| Malformed {
        field: Some(name.to_owned()),
        ..Malformed::new("invalid-attribute", None, detail)
    };
    if name == "data_base64" {
        return Err(wrong(
            "binary data is not taken: give `data` as a JSON object".into(),
        ));
    }
    if name == "position" {
        return Err(wrong("the position is given by the log: leave it out".into()));
    }
    if name.is_empty()
        || !name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    {
        return Err(wrong(format!(
            "{name:?} is no attribute of CloudEvents: names are lower-case letters and digits"
        )));
    }
    let parsed: serde_json::Value =
        serde_json::from_str(value.get()).map_err(|error| wrong(error.to_string()))?;
    match (&parsed, name) {
        // CloudEvents 1.0: exactly equivalent to its absence, which is how it is kept, whichever way it was sent.
        (serde_json::Value::String(media), "datacontenttype") if is_json(media) => return Ok(None),
        (_, "datacontenttype") => {
            return Err(wrong(format!(
                "{} is not supported: expected \"application/json\"",
                value.get()
            )));
        }
        (serde_json::Value::String(text), _) => {
            texts::judge(text, MAX_EXTENSION, Written::Name).map_err(wrong)?;
        }
        (serde_json::Value::Bool(_), _) => {}
        (serde_json::Value::Number(number), _)
            if number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => {}
        _ => {
            return Err(wrong(
                "an extension is a string, a boolean or a 32-bit integer".into(),
            ));
        }
    }
    Ok(Some(canonical(&parsed)))
}

fn is_json(media: &str) -> bool {
    let essence = media.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn canonical_raw(raw: &RawValue) -> Result<String, Malformed> {
    let value: serde_json::Value = serde_json::from_str(raw.get())
        .map_err(|wrong| Malformed::new("malformed-json", "data", wrong.to_string()))?;
    Ok(canonical(&value))
}

fn canonical(value: &impl serde::Serialize) -> String {
    serde_json_canonicalizer::to_string(value).expect("a JSON value has a canonical form")
}

/// A JSON string, quoted as RFC 8785 does: `serde_json` escapes the same characters in the same way.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string is always JSON")
}

/// Sorts the attributes and cuts them where the log's own belong. Names are ASCII, so bytes sort as UTF-16 does.
fn cut(mut attributes: Vec<(&str, String)>) -> [String; 4] {
    attributes.sort_unstable_by(|a, b| a.0.cmp(b.0));
    let mut parts = <[String; 4]>::default();
    for (name, value) in attributes {
        let part = &mut parts[LOG_ATTRIBUTES.iter().filter(|own| **own < name).count()];
        if !part.is_empty() {
            part.push(',');
        }
        part.push('"');
        part.push_str(name);
        part.push_str("\":");
        part.push_str(&value);
    }
    parts
}

fn join(parts: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 1).sum::<usize>() + 1);
    bytes.push(b'{');
    for part in parts.iter().filter(|part| !part.is_empty()) {
        if bytes.len() > 1 {
            bytes.push(b',');
        }
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes.push(b'}');
    bytes
}
