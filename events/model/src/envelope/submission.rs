//! An event on its way in.

use super::attributes::{Attributes, is_null};
use super::{LOG_ATTRIBUTES, MAX_EXTENSION, MAX_KEY, Malformed, Record, source};
use crate::event::{Event, EventKey, shared_name};
use crate::spelling;
use crate::stream::StreamId;
use crate::streams::{DataError, Fact, Misfit, parcours};
use crate::texts::{self, Written};
use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

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
        let (data, time) = (canonical(&event.fact), event.time.fixed_offset());
        Self::of(event, data, time, Vec::new())
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
        let time = spelling::instant(time_text)
            .map_err(|detail| Malformed::new("invalid-attribute", "time", detail))?;
        let raw = attributes.data.map_or("{}", RawValue::get);
        let (fact, data) = read_fact(stream, type_name, raw)?;
        let mut others = Vec::new();
        for (name, value) in &attributes.others {
            if let Some(canonical) = other_attribute(name, value)? {
                others.push((name.as_ref(), canonical));
            }
        }
        let event = Event {
            key: EventKey::new(shared_name(sender), id),
            stream,
            time: time.to_utc(),
            fact,
        };
        Ok(Self::of(event, data, time, others))
    }

    /// The event, written in the way it is kept: with its canonical data, at its sender's own offset, and with attributes
    /// that are not in it.
    fn of(event: Event, data: String, time: DateTime<FixedOffset>, others: Vec<(&str, String)>) -> Self {
        let mut attributes = others;
        attributes.extend([
            ("data", data),
            ("id", quoted(&event.key.id)),
            ("source", quoted(&event.key.source)),
            ("specversion", quoted("1.0")),
            ("subject", quoted(&event.stream.to_string())),
            ("time", quoted(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true))),
            ("type", quoted(event.fact.type_name())),
        ]);
        Self {
            parts: cut(attributes),
            event,
        }
    }

    /// Whether the other one is the same event, however it was spelt.
    pub fn is_same(&self, other: &Self) -> bool {
        let entry = other.encode("", DateTime::default(), 1);
        self.differs_from(&entry).is_none()
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

    /// Where `entry` says otherwise than this event, if it does anywhere: an attribute, or a path inside `data`. The log's
    /// own attributes aside, and however the entry is spelt: it may be older than the one way to spell it.
    pub fn differs_from(&self, entry: &[u8]) -> Option<String> {
        let Ok(mut stored) = serde_json::from_slice::<Map<String, Value>>(entry) else {
            return Some("data".to_owned());
        };
        stored.retain(|name, value| !LOG_ATTRIBUTES.contains(&name.as_str()) && !value.is_null());
        let own = self.to_json();
        if canonical(&stored).as_bytes() == own {
            return None;
        }
        let Ok(Record { event, .. }) = Record::decode(0, entry) else {
            return Some("data".to_owned());
        };
        let attributes = [
            ("id", event.key.id != self.event.key.id),
            ("source", event.key.source != self.event.key.source),
            ("subject", event.stream != self.event.stream),
            ("type", event.fact.type_name() != self.event.fact.type_name()),
            ("time", event.time != self.event.time),
        ];
        if let Some((name, _)) = attributes.into_iter().find(|(_, differs)| *differs) {
            return Some(name.to_owned());
        }
        let (one, other) = (
            spelling::plain(self.event.fact.data()),
            spelling::plain(event.fact.data()),
        );
        let in_data = || spelling::unlike(&one, &other).or_else(|| spelling::unlike(&other, &one));
        if one != other
            && let Some(misfit) = in_data()
        {
            return Some(Misfit::within(misfit, "data").field);
        }
        let own: Map<String, Value> = serde_json::from_slice(&own).unwrap_or_default();
        let names = own.keys().chain(stored.keys());
        let mut others = names.filter(|name| !KNOWN.contains(&name.as_str()));
        let plain = |value: Option<&Value>| value.cloned().map(spelling::plain_numbers);
        others
            .find(|name| plain(own.get(*name)) != plain(stored.get(*name)))
            .cloned()
    }
}

/// The attributes that an event has a place for, and the one that says what is true of all.
const KNOWN: [&str; 8] = [
    "data",
    "datacontenttype",
    "id",
    "source",
    "specversion",
    "subject",
    "time",
    "type",
];

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

/// What the data say, and the canonical form of it.
fn read_fact(stream: StreamId, type_name: &str, raw: &str) -> Result<(Fact, String), Malformed> {
    if !raw.starts_with('{') {
        let detail = format!("{raw} is no data of an event: expected a JSON object");
        return Err(Malformed::new("invalid-data", "data", detail));
    }
    let wrong = |error| invalid_data(stream, type_name, raw, error);
    let unknown = || {
        let kind = stream.kind.name();
        let detail =
            format!("{type_name:?} is no type of event of a {kind} stream; the types are listed at /schemas");
        Malformed::new("unknown-type", "type", detail)
    };
    let fact = match Fact::read(stream.kind, type_name, raw).ok_or_else(unknown)? {
        // An integer is one with a point, too (JSON Schema, 4.2.3).
        Err(DataError::Shape(error)) => {
            spelling::once(raw).map_err(|error| wrong(DataError::Shape(error)))?;
            let again = serde_json::from_str(raw).map(|value| spelling::plain_numbers(value).to_string());
            let again = again
                .ok()
                .and_then(|again| Fact::read(stream.kind, type_name, &again));
            again
                .and_then(Result::ok)
                .ok_or_else(|| wrong(DataError::Shape(error)))?
        }
        read => read.map_err(wrong)?,
    };
    if holds_data(&fact) {
        spelling::once(raw).map_err(|error| wrong(DataError::Shape(error)))?;
    }
    let fact = plain(fact);
    fact.judge().map_err(|misfit| wrong(DataError::Misfit(misfit)))?;
    let data = canonical(&fact);
    if data == raw {
        // Written as it is kept already.
        return Ok((fact, data));
    }
    let sent: Value = serde_json::from_str(raw).map_err(|error| wrong(DataError::Shape(error)))?;
    match spelling::unlike(&sent, &fact.data()) {
        Some(misfit) => Err(wrong(DataError::Misfit(misfit))),
        None => Ok((fact, data)),
    }
}

/// Whether the data hold others, of which only what they correct knows what may be in them.
fn holds_data(fact: &Fact) -> bool {
    matches!(fact, Fact::Parcours(parcours::Fact::Corrected(_)))
}

/// The fact, with the data of a correction in the one way they are written that is known without what they correct.
fn plain(mut fact: Fact) -> Fact {
    if let Fact::Parcours(parcours::Fact::Corrected(correction)) = &mut fact {
        correction.data = correction.data.take().map(spelling::plain);
    }
    fact
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
    let field = match field.filter(|field| !field.is_empty()) {
        Some(field) => format!("data.{field}"),
        None => "data".to_owned(),
    };
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
    // What is `null` is as if absent, whatever it is.
    if matches!(name, "data_base64" | "position") && is_null(value) {
        return Ok(None);
    }
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
    let parsed: Value = serde_json::from_str(value.get()).map_err(|error| wrong(error.to_string()))?;
    let parsed = spelling::plain_numbers(parsed);
    match (&parsed, name) {
        (Value::Null, _) => return Ok(None),
        // CloudEvents 1.0: exactly equivalent to its absence, which is how it is kept, whichever way it was sent.
        (Value::String(media), "datacontenttype") if is_json(media) => return Ok(None),
        (_, "datacontenttype") => {
            return Err(wrong(format!(
                "{} is not supported: expected \"application/json\"",
                value.get()
            )));
        }
        (Value::String(text), "dataschema") if !is_uri(text) => {
            return Err(wrong(format!(
                "{text:?} is no URI: expected one with its scheme, such as https://example.org/schema"
            )));
        }
        (Value::String(text), _) => {
            texts::judge(text, MAX_EXTENSION, Written::Name).map_err(wrong)?;
        }
        (_, "dataschema") => {
            return Err(wrong(format!("{} is no URI: expected a string", value.get())));
        }
        (Value::Bool(_), _) => {}
        (Value::Number(number), _) if number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => {}
        _ => {
            return Err(wrong(
                "an extension is a string, a boolean or a 32-bit integer".into(),
            ));
        }
    }
    Ok(Some(canonical(&parsed)))
}

/// What [`is_json`] takes, as a pattern.
pub(crate) const JSON_MEDIA: &str = "^[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]/[Jj][Ss][Oo][Nn] *(;.*)?$";

fn is_json(media: &str) -> bool {
    let (essence, parameters) = media.split_once(';').unwrap_or((media, ""));
    let essence = essence.trim_end_matches(' ');
    essence.eq_ignore_ascii_case("application/json") && !parameters.contains('\n')
}

/// What [`is_uri`] takes, as a pattern: an absolute URI by its characters (RFC 3986).
pub(crate) const URI: &str = "^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=%-]+$";

fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let of_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte);
    let of_rest = |byte: u8| byte.is_ascii_alphanumeric() || b"._~:/?#[]@!$&'()*+,;=%-".contains(&byte);
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(of_scheme)
        && !rest.is_empty()
        && rest.bytes().all(of_rest)
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
