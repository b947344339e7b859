//! An event as the log keeps it.

use super::attributes::Attributes;
use crate::event::{Event, EventKey, shared_name};
use crate::streams::{DataError, Fact};
use crate::words::Words;
use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use std::sync::Arc;

/// An event of the log, read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its index in the log and in the tree, from 0.
    pub position: u64,
    /// Its ordinal in its stream, from 1.
    pub revision: u64,
    /// When it became known.
    pub recorded: DateTime<Utc>,
    /// Who brought it.
    pub actor: Arc<str>,
    /// What it states.
    pub event: Event,
}

/// An entry that this program cannot read: written by a newer one, or damaged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the entry at position {position} cannot be read: {detail}")]
pub struct Unreadable {
    /// Where it stands.
    pub position: u64,
    /// What is wrong.
    pub detail: String,
}

impl Record {
    /// Reads the entry at `position`.
    pub fn decode(position: u64, entry: &[u8]) -> Result<Self, Unreadable> {
        Self::read(position, entry).map_err(|detail| Unreadable { position, detail })
    }

    fn read(position: u64, entry: &[u8]) -> Result<Self, String> {
        let attributes: Attributes<'_> = serde_json::from_slice(entry).map_err(|wrong| wrong.to_string())?;
        let subject = given("subject", attributes.subject.as_deref())?;
        let stream: crate::stream::StreamId = subject.parse().map_err(|wrong: Words| wrong.to_string())?;
        let type_name = given("type", attributes.type_name.as_deref())?;
        let raw = attributes.data.map_or("{}", RawValue::get);
        let fact = match Fact::read(stream.kind, type_name, raw) {
            Some(Ok(fact)) => fact,
            Some(Err(DataError::Shape(wrong))) => return Err(wrong.to_string()),
            Some(Err(DataError::Misfit(misfit))) => return Err(misfit.detail),
            None => return Err(format!("the type {type_name:?} is unknown to this version")),
        };
        let source = shared_name(given("source", attributes.source.as_deref())?);
        let key = EventKey::new(source, given("id", attributes.id.as_deref())?);
        Ok(Self {
            position,
            revision: attributes.revision.ok_or("no revision")?,
            recorded: instant("recordedtime", attributes.recordedtime.as_deref())?,
            actor: shared_name(given("actor", attributes.actor.as_deref())?),
            event: Event {
                key,
                stream,
                time: instant("time", attributes.time.as_deref())?,
                fact,
            },
        })
    }
}

fn given<'a>(name: &str, value: Option<&'a str>) -> Result<&'a str, String> {
    value.ok_or_else(|| format!("no {name}"))
}

fn instant(name: &str, value: Option<&str>) -> Result<DateTime<Utc>, String> {
    let text = given(name, value)?;
    DateTime::parse_from_rfc3339(text)
        .map(|instant| instant.to_utc())
        .map_err(|wrong| format!("{name}: {wrong}"))
}
