//! An event on its way in.

use super::attributes::Attributes;
use super::extension::other_attribute;
use super::{LOG_ATTRIBUTES, Malformed, Record};
use crate::canonical::canonical;
use crate::event::{Event, EventKey, shared_name};
use crate::spelling;
use crate::words::{self, Words};
use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

/// An event as its sender gave it: parsed, valid in itself, canonical, ready to become an entry.
/// Whether it may be recorded is for the rules to say (`admit`).
#[derive(Clone, Debug)]
pub struct Submission {
    /// What the rules and the views look at.
    pub event: Event,
    /// Its canonical attributes, as the text between the braces, with a comma after each.
    attributes: Vec<u8>,
    /// Where among them the log's own belong.
    places: [usize; LOG_ATTRIBUTES.len()],
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
        let mut page = Page::new(others, data.len());
        let actor = page.place_of("actor");
        page.put_json("data", &data);
        page.put("id", &event.key.id);
        let places = [actor, page.place_of("recordedtime"), page.place_of("revision")];
        page.put("source", &event.key.source);
        page.put("specversion", "1.0");
        page.put("subject", &format_args!("{}", event.stream));
        page.put("time", &time.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        page.put("type", event.fact.type_name());
        Self {
            attributes: page.end(),
            places,
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
        let [before, middle, after] = self.places;
        let own = OWN_ATTRIBUTES + actor.len();
        let mut entry = Vec::with_capacity(self.attributes.len() + own);
        entry.push(b'{');
        entry.extend_from_slice(&self.attributes[..before]);
        put(&mut entry, "actor", actor);
        entry.extend_from_slice(&self.attributes[before..middle]);
        let recorded = recorded.to_rfc3339_opts(SecondsFormat::Micros, true);
        put(&mut entry, "recordedtime", &recorded);
        entry.extend_from_slice(&self.attributes[middle..after]);
        put(&mut entry, "revision", &revision);
        entry.extend_from_slice(&self.attributes[after..]);
        closed(entry)
    }

    /// The event's canonical bytes as its sender gave it, without the log's attributes.
    pub fn to_json(&self) -> Vec<u8> {
        let mut event = Vec::with_capacity(self.attributes.len() + 1);
        event.push(b'{');
        event.extend_from_slice(&self.attributes);
        closed(event)
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

/// A JSON string, quoted as RFC 8785 does: `serde_json` escapes the same characters in the same way.
pub(super) fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string is always JSON")
}

/// About how many bytes the log's own attributes have, the actor's name aside.
const OWN_ATTRIBUTES: usize = 100;
/// About how many bytes the other attributes have, the data aside.
const GIVEN_ATTRIBUTES: usize = 320;

/// Canonical attributes as they are written, one after another in the order of their names, which are ASCII, so that bytes
/// sort as UTF-16 does.
struct Page<'a> {
    text: Vec<u8>,
    /// Those that an event has no place for, the last of them first.
    others: Vec<(&'a str, String)>,
}

impl<'a> Page<'a> {
    fn new(mut others: Vec<(&'a str, String)>, data: usize) -> Self {
        others.sort_unstable_by(|a, b| b.0.cmp(a.0));
        Self {
            text: Vec::with_capacity(GIVEN_ATTRIBUTES + data),
            others,
        }
    }

    /// Where an attribute belongs, once those before it are written.
    fn place_of(&mut self, name: &str) -> usize {
        while let Some((other, value)) = self.others.pop_if(|(other, _)| *other < name) {
            put_json(&mut self.text, other, &value);
        }
        self.text.len()
    }

    fn put(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        self.place_of(name);
        put(&mut self.text, name, value);
    }

    fn put_json(&mut self, name: &str, value: &str) {
        self.place_of(name);
        put_json(&mut self.text, name, value);
    }

    /// The text, once all are written.
    fn end(mut self) -> Vec<u8> {
        while let Some((other, value)) = self.others.pop() {
            put_json(&mut self.text, other, &value);
        }
        self.text
    }
}

/// An attribute that is a text or a number, and a comma. `serde_json` escapes what RFC 8785 does in the same way.
fn put(text: &mut Vec<u8>, name: &str, value: &(impl Serialize + ?Sized)) {
    put_name(text, name);
    serde_json::to_writer(&mut *text, value).expect("a text is always JSON");
    text.push(b',');
}

/// An attribute in JSON, and a comma.
fn put_json(text: &mut Vec<u8>, name: &str, value: &str) {
    put_name(text, name);
    text.extend_from_slice(value.as_bytes());
    text.push(b',');
}

fn put_name(text: &mut Vec<u8>, name: &str) {
    text.push(b'"');
    text.extend_from_slice(name.as_bytes());
    text.extend_from_slice(b"\":");
}

/// An object whose members each have a comma behind them.
fn closed(mut object: Vec<u8>) -> Vec<u8> {
    object.pop();
    object.push(b'}');
    object
}
