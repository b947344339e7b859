//! Streams in memory, and the words to speak of them.

use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::{
    Event, EventKey, Fact, History, InMemory, Record, Refusal, Refused, StreamId, StreamKind, Submission,
    calendar,
};
use uuid::Uuid;

pub const OPERATOR: &str = "urn:siret:19290076900014";

/// The day of the clock, unless a test says otherwise: all that happens in the tests has happened by then.
const TODAY: &str = "2030-01-01";

#[derive(Default, Clone)]
pub struct World(pub InMemory);

impl World {
    /// Records the event and its consequences, or says why not.
    pub fn submit(&mut self, event: Event) -> Result<(), Refusal> {
        self.submit_at(event, instant(TODAY))
    }

    pub fn submit_at(&mut self, event: Event, now: DateTime<Utc>) -> Result<(), Refusal> {
        let submission = Submission::new(event.clone());
        let entry = submission.encode("test", now, 1);
        assert_eq!(
            Record::decode(0, &entry).unwrap().event,
            event,
            "an entry reads back"
        );
        self.0
            .submit(&[&event], now)
            .map_err(|refused| refused.refusals[0].clone())
    }

    /// Records all of the events, or says which one stands in the way.
    pub fn submit_together(&mut self, events: &[Event]) -> Result<(), Refused> {
        self.0.submit(&events.iter().collect::<Vec<_>>(), instant(TODAY))
    }

    /// Records an event as a program did that knew fewer rules.
    pub fn keep(&mut self, event: Event) {
        self.0.keep(event, instant(TODAY));
    }

    pub fn stream(&self, stream: StreamId) -> &History {
        self.0.stream(stream).expect("something has happened to it")
    }

    pub fn streams(&self) -> impl Iterator<Item = &History> {
        self.0.streams()
    }

    pub fn size(&self) -> u64 {
        self.0.size()
    }
}

pub fn parcours(number: u128) -> StreamId {
    StreamId::new(StreamKind::Parcours, Uuid::from_u128(number))
}

pub fn session(number: u128) -> StreamId {
    StreamId::new(StreamKind::Session, Uuid::from_u128(number))
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
