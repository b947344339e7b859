//! An event on its way in.

use super::attributes::Attributes;
use super::extension::other_attribute;
use super::{LOG_ATTRIBUTES, Malformed, Record};
use crate::event::{Event, EventKey, shared_name};
use crate::spelling;
use crate::words::{self, Words};
use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
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
        let attributes: Attributes<'_> = serde_json::from_slice(json).map_err(|_| Malformed::unread(json))?;
        let id = attributes.id.as_deref().map(Box::from);
        Self::from_attributes(attributes).map_err(|malformed| Malformed { id, ..malformed }.found_in(json))
    }

    /// An event that the service itself states, as a follow-up of another or as an importer.
    pub fn new(event: Event) -> Self {
        let (data, time) = (canonical(&event.fact), event.time.fixed_offset());
        Self::of(event, data, time, Vec::new())
    }

    fn from_attributes(attributes: Attributes<'_>) -> Result<Self, Malformed> {
        if let Some(wrong) = attributes.of_the_log().into_iter().next() {
            return Err(wrong);
        }
        attributes.check_version()?;
        let (id, sender) = (attributes.own_id()?, attributes.sender()?);
        let type_name = attributes.type_name()?;
        let (stream, time) = (attributes.stream()?, attributes.instant()?);
        let (fact, data) = attributes.fact(stream, type_name)?;
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
            ("id", event.key.id.read(quoted)),
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
            return Some(misfit.of("data").field);
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

/// A value in the place of the only one that is taken.
pub(super) fn unsupported(value: &str, expected: &str) -> Words {
    let value = words::quoted(value);
    Words::new(
        format!("{value} is not supported: expected \"{expected}\""),
        format!("{value:#} n'est pas admis : il faut \"{expected}\""),
    )
}

pub(super) fn canonical(value: &impl serde::Serialize) -> String {
    serde_json_canonicalizer::to_string(value).expect("a JSON value has a canonical form")
}

/// A JSON string, quoted as RFC 8785 does: `serde_json` escapes the same characters in the same way.
pub(super) fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string is always JSON")
}

/// Sorts the attributes and cuts them where the log's own belong. Names are ASCII, so bytes sort as UTF-16 does.
fn cut(mut attributes: Vec<(&str, String)>) -> [String; 4] {
    attributes.sort_unstable_by(|a, b| a.0.cmp(b.0));
    let place = |name: &str| LOG_ATTRIBUTES.iter().filter(|own| **own < name).count();
    let mut lengths = [0; 4];
    for (name, value) in &attributes {
        lengths[place(name)] += name.len() + value.len() + r#","":"#.len();
    }
    let mut parts = lengths.map(String::with_capacity);
    for (name, value) in attributes {
        let part = &mut parts[place(name)];
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
