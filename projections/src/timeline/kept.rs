//! What the view keeps of a parcours: its records, written short. They are told when somebody asks.
//!
//! A timeline says much twice: names of senders and types, both times of a step in words, what follows from the steps.
//! Kept as it is told, it would be two and a half times as long, and writing it most of the work of a rebuild.

use chrono::{DateTime, Utc};
use parcours_model::{Event, EventId, EventKey, Fact, History, Record, StreamId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::Arc;

/// Bytes a record takes, more or less: for room made at once.
const USUAL: usize = 224;

/// Position, time, recorded time, sender, actor, type, id, data. Senders, actors and types by their places in `names`;
/// the revision is the record's place among the records, from 1.
type Short<Id, Data> = (u64, Instant, Instant, usize, usize, usize, Id, Data);

/// A parcours, to be written.
#[derive(Serialize)]
struct Written<'a> {
    names: Vec<&'a str>,
    records: Vec<Short<&'a EventId, &'a Fact>>,
}

/// The same, to be read.
#[derive(Deserialize)]
struct Kept<'a> {
    names: Vec<String>,
    #[serde(borrow)]
    records: Vec<Short<String, &'a RawValue>>,
}

/// An instant in microseconds since 1970; in words where that would not be exact.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Instant {
    Micros(i64),
    Words(DateTime<Utc>),
}

/// Writes a history of at least one record.
pub(super) fn write(history: &History) -> Result<String, String> {
    let mut names = Vec::new();
    let records = history.records().iter().map(|record| {
        let Event { key, time, fact, .. } = &record.event;
        (
            record.position,
            Instant::from(*time),
            Instant::from(record.recorded),
            place(&mut names, &key.source),
            place(&mut names, &record.actor),
            place(&mut names, fact.type_name()),
            &key.id,
            fact,
        )
    });
    let records: Vec<_> = records.collect();
    let mut text = Vec::with_capacity(records.len() * USUAL);
    serde_json::to_writer(&mut text, &Written { names, records }).map_err(|wrong| wrong.to_string())?;
    String::from_utf8(text).map_err(|wrong| wrong.to_string())
}

/// Reads what was written of the history of `stream`.
pub(super) fn read(stream: StreamId, text: &str) -> Result<History, String> {
    let kept: Kept<'_> = serde_json::from_str(text).map_err(|wrong| wrong.to_string())?;
    let names: Vec<Arc<str>> = kept.names.into_iter().map(Arc::from).collect();
    let name = |place: usize| names.get(place).cloned().ok_or("a name is missing");
    let mut history = History::new(stream);
    for (position, time, recorded, source, actor, type_name, id, data) in kept.records {
        let fact = match Fact::read(stream.kind, &name(type_name)?, data.get()) {
            Some(Ok(fact)) => fact,
            wrong => return Err(format!("the data of the event at {position}: {wrong:?}")),
        };
        let record = Record {
            position,
            revision: history.revision() + 1,
            recorded: recorded.exact()?,
            actor: name(actor)?,
            event: Event {
                key: EventKey::new(name(source)?, id),
                stream,
                time: time.exact()?,
                fact,
            },
        };
        history.push(record).map_err(|wrong| format!("{wrong:?}"))?;
    }
    Ok(history)
}

fn place<'a>(names: &mut Vec<&'a str>, name: &'a str) -> usize {
    let known = names.iter().position(|known| *known == name);
    known.unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    })
}

impl From<DateTime<Utc>> for Instant {
    fn from(instant: DateTime<Utc>) -> Self {
        let micros = instant.timestamp_micros();
        match DateTime::from_timestamp_micros(micros) {
            Some(same) if same == instant => Self::Micros(micros),
            _ => Self::Words(instant),
        }
    }
}

impl Instant {
    fn exact(self) -> Result<DateTime<Utc>, &'static str> {
        match self {
            Self::Micros(micros) => {
                DateTime::from_timestamp_micros(micros).ok_or("an instant beyond the calendar")
            }
            Self::Words(instant) => Ok(instant),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::Story;
    use crate::timeline::tell;
    use serde_json::json;

    fn again(story: &Story) -> History {
        read(story.0.stream(), &write(&story.0).unwrap()).unwrap()
    }

    #[test]
    fn a_history_reads_back_record_by_record() {
        let sealed = json!({"held": ["a \"quoted\" skill"], "to_develop": [], "sectors": ["D1402"], "obstacles": ["mobility"], "levers": [], "learning": {}});
        let story = Story::started()
            .tell("2026-02-10", "bilan.completed", sealed)
            .exit("2026-06-30", "completed")
            .corrected("e4", "2026-02-03")
            .annulled("e6");
        let read = again(&story);
        assert_eq!(read.records(), story.0.records());
        let told =
            |history| serde_json::to_string(&tell(history, "2100-01-01T00:00:00Z".parse().unwrap())).unwrap();
        assert_eq!(told(&read), told(&story.0));
    }

    #[test]
    fn instants_are_exact_to_the_nanosecond_and_in_any_century() {
        for words in [
            "2026-02-01T00:00:00Z",
            "2026-02-01T00:00:00.123456Z",
            "2026-02-01T00:00:00.123456789Z",
            "2016-12-31T23:59:60.5Z",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999999Z",
        ] {
            let instant: DateTime<Utc> = words.parse().unwrap();
            let text = serde_json::to_string(&Instant::from(instant)).unwrap();
            let read: Instant = serde_json::from_str(&text).unwrap();
            assert_eq!(read.exact().unwrap(), instant, "{words}");
        }
    }

    #[test]
    fn what_is_damaged_is_not_told() {
        let text = write(&Story::started().0).unwrap();
        let stream = Story::started().0.stream();
        for damaged in [&text[..text.len() - 1], &text.replace("started", "stopped"), "{}"] {
            assert!(read(stream, damaged).is_err(), "{damaged}");
        }
    }
}
