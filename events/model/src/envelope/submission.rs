//! An event on its way in.

use super::attributes::Attributes;
use super::extension::other_attribute;
use super::{JSON_FORMAT, LOG_ATTRIBUTES, MAX_KEY, Malformed, Record, expected, source};
use crate::event::{Event, EventKey, shared_name};
use crate::faults::{self, AN_OBJECT};
use crate::stream::StreamId;
use crate::streams::{DataError, Fact, parcours};
use crate::texts::{self, Written};
use crate::words::{self, Words};
use crate::{sealed, spelling};
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
        let own = [
            attributes.actor.is_some(),
            attributes.recordedtime.is_some(),
            attributes.revision.is_some(),
        ];
        if let Some((name, _)) = LOG_ATTRIBUTES.iter().zip(own).find(|(_, given)| *given) {
            let named = LOG_ATTRIBUTES.join(", ");
            let words = Words::new(
                format!("the attributes {named} are written by the log: leave them out"),
                format!("les attributs {named} sont écrits par le journal : ne les donnez pas"),
            );
            return Err(Malformed::of("log-attribute", name, words));
        }
        let specversion = required("specversion", attributes.specversion.as_deref())?;
        if specversion != "1.0" {
            return Err(Malformed::of(
                "unknown-specversion",
                "specversion",
                unsupported(specversion, "1.0"),
            ));
        }
        let id = required("id", attributes.id.as_deref())?;
        texts::judge(id, MAX_KEY, Written::Name)
            .map_err(|words| Malformed::of("invalid-attribute", "id", words))?;
        let sender = required("source", attributes.source.as_deref())?;
        source::check(sender).map_err(|words| Malformed::of("invalid-attribute", "source", words))?;
        let type_name = required("type", attributes.type_name.as_deref())?;
        let subject = required("subject", attributes.subject.as_deref())?;
        let stream: StreamId = subject
            .parse()
            .map_err(|words| Malformed::of("invalid-attribute", "subject", words))?;
        let time_text = required("time", attributes.time.as_deref())?;
        let time = spelling::instant(time_text)
            .map_err(|words| Malformed::of("invalid-attribute", "time", words))?;
        let raw = attributes.data.map_or("{}", RawValue::get);
        let (fact, data) = read_fact(stream, type_name, raw).map_err(|wrong| match attributes.data {
            None if wrong.code == "invalid-data" => {
                Malformed::of("invalid-data", "data", faults::missing(&AN_OBJECT))
            }
            _ => wrong,
        })?;
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

fn required<'a>(name: &'static str, value: Option<&'a str>) -> Result<&'a str, Malformed> {
    match value {
        Some(text) if !text.is_empty() => Ok(text),
        given => {
            let expected = expected(name).unwrap_or(JSON_FORMAT);
            let words = match given {
                Some(empty) => faults::given(&quoted(empty), &expected),
                None => faults::missing(&expected),
            };
            Err(Malformed::of("missing-attribute", name, words))
        }
    }
}

/// A value in the place of the only one that is taken.
pub(super) fn unsupported(value: &str, expected: &str) -> Words {
    let value = words::quoted(value);
    Words::new(
        format!("{value} is not supported: expected \"{expected}\""),
        format!("{value:#} n'est pas admis : il faut \"{expected}\""),
    )
}

/// What the data say, and the canonical form of it.
fn read_fact(stream: StreamId, type_name: &str, raw: &str) -> Result<(Fact, String), Malformed> {
    if !raw.starts_with('{') {
        return Err(Malformed::of(
            "invalid-data",
            "data",
            faults::given(raw, &AN_OBJECT),
        ));
    }
    let wrong = |error| invalid_data(type_name, raw, error);
    let unknown = || {
        let (kind, name) = (stream.kind.name(), words::quoted(type_name));
        let example = stream.kind.types().first().map_or("", |first| first.name);
        let words = Words::new(
            format!(
                "{name} is no type of event of a {kind} stream: expected one that /schemas lists, such as {example:?}"
            ),
            format!(
                "{name:#} n'est pas un type d'événement d'un flux {kind} : il en faut un que liste /schemas, par exemple {example:?}"
            ),
        );
        Malformed::of("unknown-type", "type", words)
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
fn invalid_data(type_name: &str, raw: &str, error: DataError) -> Malformed {
    let misfit = error.told(type_name, raw).of("data");
    let code = match misfit.words() == sealed::REFUSED {
        true => "sealed",
        false => "invalid-data",
    };
    Malformed::at(code, &misfit.path, misfit.words())
}

pub(super) fn canonical(value: &impl serde::Serialize) -> String {
    serde_json_canonicalizer::to_string(value).expect("a JSON value has a canonical form")
}

/// A JSON string, quoted as RFC 8785 does: `serde_json` escapes the same characters in the same way.
fn quoted(text: &str) -> String {
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
