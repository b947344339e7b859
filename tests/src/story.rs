//! Events as a sender's software writes them: what happens to one stream, told day by day.

use serde_json::{Value, json};
use uuid::Uuid;

/// Who sends the events.
pub const SENDER: &str = "urn:siret:19290076900014";
/// A training body.
pub const OPERATOR: &str = "19290076900014";
/// Another one.
pub const OTHER_OPERATOR: &str = "73000123400014";
/// Rouen, in the EPCI 200023414, in the département 76.
pub const ROUEN: &str = "76540";
/// Le Havre, in the same département, in another EPCI.
pub const LE_HAVRE: &str = "76351";
/// Caen, in the département 14.
pub const CAEN: &str = "14118";

/// One stream whose events are being told. The same story told twice gives the same events.
#[derive(Clone, Debug)]
pub struct Story {
    kind: &'static str,
    uuid: Uuid,
    told: u32,
}

/// Who comes, and how.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// INSEE code of the commune of residence.
    pub commune: &'static str,
    /// Channel of orientation.
    pub channel: &'static str,
    /// Level of the highest diploma.
    pub level: u8,
    /// SIRET of who takes the person in.
    pub operator: &'static str,
    /// The session entered, if any.
    pub session: Option<Uuid>,
}

impl Default for Person {
    fn default() -> Person {
        Person {
            commune: ROUEN,
            channel: "counsellor",
            level: 3,
            operator: OPERATOR,
            session: None,
        }
    }
}

/// Noon of a day, as an event's time says it.
pub fn noon(day: &str) -> String {
    format!("{day}T12:00:00Z")
}

/// The event, happening at another time.
pub fn at(mut event: Value, time: &str) -> Value {
    event["time"] = json!(time);
    event
}

impl Story {
    /// A new parcours.
    pub fn parcours() -> Story {
        Story::of("parcours", Uuid::now_v7())
    }

    /// The stream `kind/uuid`.
    pub fn of(kind: &'static str, uuid: Uuid) -> Story {
        Story { kind, uuid, told: 0 }
    }

    /// What the stream is of.
    pub fn uuid(&self) -> Uuid {
        self.uuid
    }

    /// The next event: `what` happened at noon of `day` (`oriented` is `parcours.oriented.v1`).
    pub fn tell(&mut self, day: &str, what: &str, data: Value) -> Value {
        self.told += 1;
        json!({
            "specversion": "1.0",
            "id": format!("{}.{}", self.uuid, self.told),
            "source": SENDER,
            "type": format!("{}.{what}.v1", self.kind),
            "subject": format!("{}/{}", self.kind, self.uuid),
            "time": noon(day),
            "data": data,
        })
    }

    /// The person is oriented to the programme.
    pub fn oriented(&mut self, day: &str, person: &Person) -> Value {
        let data = json!({
            "trainee": self.trainee(),
            "channel": person.channel,
            "commune": person.commune,
            "situation": "registered_job_seeker",
            "needs": ["skills"],
            "level": person.level,
        });
        self.tell(day, "oriented", data)
    }

    /// The person is found eligible.
    pub fn eligible(&mut self, day: &str) -> Value {
        self.tell(
            day,
            "eligibility.checked",
            json!({"eligible": true, "reasons": ["looking for work"]}),
        )
    }

    /// The person is taken in, to the person's session if there is one.
    pub fn admitted(&mut self, day: &str, person: &Person) -> Value {
        let mut data = json!({"operator": person.operator});
        if let Some(session) = person.session {
            data["session"] = json!(session);
        }
        self.tell(day, "admitted", data)
    }

    /// The contract of commitment is signed.
    pub fn committed(&mut self, day: &str) -> Value {
        self.tell(day, "commitment.signed", json!({"contract_version": "2024-1"}))
    }

    /// A référent is named.
    pub fn accompanied(&mut self, day: &str) -> Value {
        let data = json!({"referent": Uuid::from_u128(0xfeed), "organisation": OPERATOR});
        self.tell(day, "referent.named", data)
    }

    /// The training begins.
    pub fn started(&mut self, day: &str) -> Value {
        self.tell(day, "started", json!({}))
    }

    /// Everything from the orientation to the start, on one day.
    pub fn enters(&mut self, day: &str, person: &Person) -> Vec<Value> {
        vec![
            self.oriented(day, person),
            self.eligible(day),
            self.admitted(day, person),
            self.committed(day),
            self.accompanied(day),
            self.started(day),
        ]
    }

    /// The complete bilan.
    pub fn bilan(&mut self, day: &str) -> Value {
        let data = json!({
            "held": ["cooking"], "to_develop": ["selling"], "sectors": ["D1402"], "obstacles": ["mobility"],
            "levers": ["family"], "learning": {"reading": 3},
        });
        self.tell(day, "bilan.completed", data)
    }

    /// A module of the plan is done.
    pub fn module(&mut self, day: &str) -> Value {
        let data = json!({"domain": "french", "minutes": 420, "mode": "on_site"});
        self.tell(day, "module.completed", data)
    }

    /// A full certification is registered for, and obtained.
    pub fn certified(&mut self, day: &str) -> [Value; 2] {
        let certification = json!({"rncp": "RNCP34126", "scope": "full"});
        ["registered", "obtained"]
            .map(|what| self.tell(day, &format!("certification.{what}"), certification.clone()))
    }

    /// The parcours ends.
    pub fn exited(&mut self, day: &str, reason: &str) -> Value {
        self.tell(day, "exited", json!({"reason": reason}))
    }

    /// An employment begins.
    pub fn employed(&mut self, day: &str) -> Value {
        let data = json!({
            "employment": Uuid::from_u128(self.uuid.as_u128() ^ 2),
            "contract": "permanent",
            "reported_by": "trainee",
        });
        self.tell(day, "employment.started", data)
    }

    /// A business is created.
    pub fn business(&mut self, day: &str) -> Value {
        self.tell(day, "business.created", json!({"how": "creation"}))
    }

    /// The person agrees that partners hear of what becomes of them.
    pub fn consents(&mut self, day: &str) -> Value {
        self.tell(day, "consent.given", json!({"purpose": "partners"}))
    }

    /// The person agrees no longer.
    pub fn withdraws(&mut self, day: &str) -> Value {
        self.tell(day, "consent.withdrawn", json!({"purpose": "partners"}))
    }

    /// The trainee whose parcours this is.
    pub fn trainee(&self) -> Uuid {
        Uuid::from_u128(self.uuid.as_u128() ^ 1)
    }

    /// `event` happened on `right`, not when it said: so it becomes known on `day`.
    pub fn moved(&mut self, day: &str, event: &Value, right: &str) -> Value {
        let data = json!({"event": named(event), "time": noon(right)});
        self.tell(day, "event.corrected", data)
    }

    /// `event` should have had other data.
    pub fn restated(&mut self, day: &str, event: &Value, right: Value) -> Value {
        self.tell(
            day,
            "event.corrected",
            json!({"event": named(event), "data": right}),
        )
    }

    /// `event` never was.
    pub fn annulled(&mut self, day: &str, event: &Value) -> Value {
        let data = json!({"event": named(event), "reason": "told by mistake"});
        self.tell(day, "event.annulled", data)
    }
}

fn named(event: &Value) -> Value {
    json!({"id": event["id"], "source": event["source"]})
}

/// A session open for a training of its own, and the operator that gives it.
#[derive(Clone, Debug)]
pub struct Training {
    /// The operator's stream.
    pub operator: Uuid,
    /// The offer's stream.
    pub offer: Uuid,
    /// The session's stream.
    pub session: Uuid,
    /// The events that make it, in order.
    pub events: Vec<Value>,
}

/// A training in Rouen with a session from February to June 2024 of so many places.
pub fn training(capacity: u32) -> Training {
    training_of(Uuid::now_v7(), capacity)
}

/// The same, with streams that follow from `root`.
pub fn training_of(root: Uuid, capacity: u32) -> Training {
    let part = |number: u128| Uuid::from_u128(root.as_u128() ^ (number << 8));
    let (operator, offer, session) = (part(1), part(2), part(3));
    let registered = json!({"siret": OPERATOR, "name": "Lycée Kerneuzec", "commune": ROUEN});
    let published = json!({
        "operator": OPERATOR, "title": "Vendre et conseiller", "objective": "Devenir vendeur",
        "rome": ["D1402"], "rncp": "RNCP34126", "formacode": ["34582"], "certifying": true,
        "minutes": 25_200, "mode": "on_site",
    });
    let opened = json!({
        "offer": offer, "commune": ROUEN, "from": "2024-02-01", "to": "2024-06-28",
        "entry": "fixed", "capacity": capacity,
    });
    let events = vec![
        Story::of("operator", operator).tell("2023-11-02", "registered", registered),
        Story::of("offer", offer).tell("2023-11-03", "published", published),
        Story::of("session", session).tell("2023-11-06", "opened", opened),
    ];
    Training {
        operator,
        offer,
        session,
        events,
    }
}
