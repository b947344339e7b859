//! Streams in memory, fed through `admit` as the log feeds its own.

use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::{
    Event, EventKey, Fact, Histories, History, Record, Refusal, StreamId, StreamKind, Submission, Verdict,
    admit, calendar,
};
use std::collections::BTreeMap;
use std::iter;
use uuid::Uuid;

pub const OPERATOR: &str = "urn:siret:19290076900014";

#[derive(Default, Clone)]
pub struct World {
    streams: BTreeMap<StreamId, History>,
    size: u64,
}

impl Histories for World {
    fn history(&self, stream: StreamId) -> Option<&History> {
        self.streams.get(&stream)
    }
}

impl World {
    /// Records the event and its consequences, or says why not.
    pub fn submit(&mut self, event: Event) -> Result<(), Refusal> {
        self.submit_at(event, instant("2030-01-01"))
    }

    pub fn submit_at(&mut self, event: Event, now: DateTime<Utc>) -> Result<(), Refusal> {
        loop {
            match admit(&event, self, now)? {
                Verdict::Needs(stream) => {
                    self.streams.insert(stream, History::new(stream));
                }
                Verdict::Admitted(consequences) => {
                    for submission in iter::once(Submission::new(event)).chain(consequences) {
                        let history = self
                            .streams
                            .entry(submission.event.stream)
                            .or_insert_with_key(|stream| History::new(*stream));
                        let entry = submission.encode("test", now, history.revision() + 1);
                        history.push(Record::decode(self.size, &entry).unwrap()).unwrap();
                        self.size += 1;
                    }
                    return Ok(());
                }
            }
        }
    }

    pub fn stream(&self, stream: StreamId) -> &History {
        &self.streams[&stream]
    }

    pub fn streams(&self) -> impl Iterator<Item = &History> {
        self.streams.values()
    }

    pub fn size(&self) -> u64 {
        self.size
    }
}

pub fn parcours(number: u128) -> StreamId {
    StreamId::new(StreamKind::Parcours, Uuid::from_u128(number))
}

pub fn instant(day: &str) -> DateTime<Utc> {
    calendar::midnight(day.parse::<NaiveDate>().unwrap())
}

pub fn event(stream: StreamId, id: &str, day: &str, fact: impl Into<Fact>) -> Event {
    Event {
        key: EventKey::new(OPERATOR, id),
        stream,
        time: instant(day),
        fact: fact.into(),
    }
}
