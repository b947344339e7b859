//! Histories for the tests of the views: a parcours told day by day.

use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::{Event, History, Record, StreamId, StreamKind, calendar};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Output, View};

const SENDER: &str = "urn:siret:19290076900014";

pub(crate) struct Story(pub History);

impl Story {
    pub fn of(kind: StreamKind) -> Self {
        Self(History::new(StreamId::new(kind, Uuid::from_u128(1))))
    }

    /// An orientation on 5 January 2026 in Rouen, an admission, and a start on 1 February.
    pub fn started() -> Self {
        let oriented = json!({
            "trainee": Uuid::from_u128(2), "channel": "partner", "prescriber": "73282932000074", "commune": "76540",
            "situation": "without_job", "needs": [], "level": 4
        });
        Self::of(StreamKind::Parcours)
            .tell("2026-01-05", "oriented", oriented)
            .tell(
                "2026-01-06",
                "eligibility.checked",
                json!({"eligible": true, "reasons": []}),
            )
            .tell(
                "2026-01-07",
                "admitted",
                json!({"operator": "19290076900014", "session": Uuid::from_u128(3)}),
            )
            .tell("2026-02-01", "started", json!({}))
    }

    /// The same once the event of a parcours is recorded, under the id `e<revision>`.
    pub fn tell(self, day: &str, name: &str, data: Value) -> Self {
        let recorded = calendar::midnight("2026-12-31".parse().unwrap());
        let time = calendar::midnight(day.parse::<NaiveDate>().unwrap());
        self.tell_at(recorded, time, name, data)
    }

    /// The same, recorded when it is said.
    pub fn tell_at(self, recorded: DateTime<Utc>, time: DateTime<Utc>, name: &str, data: Value) -> Self {
        let event = self.event(time, name, data);
        self.record(recorded, event)
    }

    /// The event that would be recorded next.
    pub fn event(&self, time: DateTime<Utc>, name: &str, data: Value) -> Event {
        let event = json!({
            "specversion": "1.0", "id": format!("e{}", self.0.revision() + 1), "source": SENDER,
            "type": format!("{}.{name}.v1", self.0.stream().kind.name()), "subject": self.0.stream().to_string(),
            "time": time, "data": data
        });
        parcours_model::Submission::parse(event.to_string().as_bytes())
            .unwrap()
            .event
    }

    pub fn exit(self, day: &str, reason: &str) -> Self {
        self.tell(day, "exited", json!({ "reason": reason }))
    }

    pub fn certified(self, day: &str) -> Self {
        self.tell(
            day,
            "certification.obtained",
            json!({"rncp": "RNCP34126", "scope": "full"}),
        )
    }

    pub fn employed(self, day: &str) -> Self {
        let employment =
            json!({"employment": Uuid::from_u128(9), "contract": "permanent", "reported_by": "trainee"});
        self.tell(day, "employment.started", employment)
    }

    pub fn corrected(self, id: &str, day: &str) -> Self {
        let time = calendar::midnight(day.parse::<NaiveDate>().unwrap());
        self.tell(
            "2026-12-01",
            "event.corrected",
            json!({"event": {"id": id, "source": SENDER}, "time": time}),
        )
    }

    pub fn annulled(self, id: &str) -> Self {
        self.tell(
            "2026-12-01",
            "event.annulled",
            json!({"event": {"id": id, "source": SENDER}, "reason": "double"}),
        )
    }

    /// What the view has of it.
    pub fn contributes(&self, view: &View) -> Output {
        match view.runs(self.0.stream().kind) {
            None => (view.fold)(&self.0).unwrap(),
            Some(begin) => {
                let ran = view.run(&*begin(self.0.stream()), self.0.records()).unwrap();
                ran.after
            }
        }
    }

    pub fn record(mut self, recorded: DateTime<Utc>, event: Event) -> Self {
        let revision = self.0.revision() + 1;
        let record = Record {
            position: revision * 10,
            revision,
            recorded,
            actor: "test".into(),
            event,
        };
        self.0.push(record).unwrap();
        self
    }
}
