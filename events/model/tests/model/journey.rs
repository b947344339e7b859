//! A journey told in sentences: each step through the rules, on a day, under an id of its own.

use super::world::{OPERATOR, World, event, parcours};
use parcours_model::streams::parcours::*;
use parcours_model::{Refusal, StreamId};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

pub const TRAINEE: Uuid = Uuid::from_u128(0x7e);
/// The trainee's own operator, and a company elsewhere.
pub const OWN: &str = "19290076900014";
pub const COMPANY: &str = "73282932000074";

#[derive(Clone)]
pub struct Journey {
    pub world: World,
    pub stream: StreamId,
    sent: usize,
}

impl Journey {
    /// Nothing has happened yet.
    pub fn new() -> Self {
        Self {
            world: World::default(),
            stream: parcours(1),
            sent: 0,
        }
    }

    pub fn oriented() -> Self {
        Self::new().with("2026-01-05", orientation())
    }

    pub fn admitted() -> Self {
        Self::oriented()
            .with("2026-01-06", eligible(true))
            .with("2026-01-07", admitted(None))
    }

    pub fn committed() -> Self {
        Self::admitted()
            .with("2026-01-08", commitment())
            .with("2026-01-08", referent(1))
    }

    pub fn started() -> Self {
        Self::committed().with("2026-02-01", Fact::Started(Started {}))
    }

    pub fn with_bilan() -> Self {
        Self::started().with("2026-02-10", bilan())
    }

    pub fn exited() -> Self {
        Self::with_bilan().with("2026-06-30", exit(ExitReason::Completed))
    }

    /// The journey once the fact is accepted.
    pub fn with(mut self, day: &str, fact: Fact) -> Self {
        self.accepts(day, fact);
        self
    }

    /// Sends the fact, expects it recorded, gives its id.
    pub fn accepts(&mut self, day: &str, fact: Fact) -> String {
        let told = fact.type_name();
        self.send(day, fact)
            .unwrap_or_else(|refusal| panic!("{told} on {day} was refused: {refusal}"))
    }

    /// Sends the fact, expects the rule to refuse it and nothing to change.
    pub fn refuses(&mut self, day: &str, fact: Fact, code: &str) -> Refusal {
        let (told, size) = (fact.type_name(), self.world.size());
        let refusal = self
            .send(day, fact)
            .expect_err(&format!("{told} on {day} was accepted"));
        assert_eq!(refusal.code, code, "{refusal}");
        assert_eq!(self.world.size(), size, "a refused event left a trace");
        refusal
    }

    fn send(&mut self, day: &str, fact: Fact) -> Result<String, Refusal> {
        self.sent += 1;
        let id = format!("e{:03}", self.sent);
        self.world.submit(event(self.stream, &id, day, fact)).map(|()| id)
    }
}

fn data<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("test data are valid")
}

pub fn orientation() -> Fact {
    Fact::Oriented(data(json!({
        "trainee": TRAINEE, "channel": "counsellor", "commune": "76540", "situation": "without_job",
        "needs": ["skills"], "level": 3
    })))
}

pub fn eligible(eligible: bool) -> Fact {
    Fact::EligibilityChecked(EligibilityChecked {
        eligible,
        reasons: vec![],
    })
}

pub fn admitted(session: Option<Uuid>) -> Fact {
    Fact::Admitted(Admitted {
        operator: OWN.parse().unwrap(),
        session,
    })
}

pub fn withdrawn() -> Fact {
    Fact::Withdrawn(Placement {
        session: None,
        reason: None,
    })
}

pub fn commitment() -> Fact {
    Fact::CommitmentSigned(CommitmentSigned {
        contract_version: "2026".into(),
    })
}

pub fn referent(number: u128) -> Fact {
    Fact::ReferentNamed(ReferentNamed {
        referent: Uuid::from_u128(number),
        organisation: OWN.parse().unwrap(),
    })
}

pub fn bilan() -> Fact {
    Fact::BilanCompleted(data(json!({
        "held": [], "to_develop": ["french"], "sectors": ["D1402"], "obstacles": ["mobility"], "levers": [], "learning": {"reading": 2}
    })))
}

pub fn module() -> Fact {
    Fact::ModuleCompleted(data(
        json!({"domain": "french", "minutes": 600, "mode": "on_site"}),
    ))
}

pub fn immersion(number: u128, kind: &str, host: &str) -> Fact {
    Fact::ImmersionAgreed(data(json!({
        "immersion": Uuid::from_u128(number), "kind": kind, "host": host, "commune": "76540", "rome": "D1402",
        "from": "2026-03-01", "to": "2026-03-05", "aims": []
    })))
}

pub fn immersion_started(number: u128) -> Fact {
    Fact::ImmersionStarted(ImmersionStarted {
        immersion: Uuid::from_u128(number),
    })
}

pub fn immersion_completed(number: u128) -> Fact {
    Fact::ImmersionCompleted(data(
        json!({"immersion": Uuid::from_u128(number), "days": 5, "appraisal": 3, "skills": []}),
    ))
}

pub fn certification(scope: &str, blocks: &[&str]) -> Certification {
    let mut value = json!({"rncp": "RNCP34126", "scope": scope});
    if !blocks.is_empty() {
        value["blocks"] = json!(blocks);
    }
    data(value)
}

pub fn exit(reason: ExitReason) -> Fact {
    Fact::Exited(Exited { reason })
}

pub fn employment(number: u128) -> Fact {
    Fact::EmploymentStarted(data(json!({
        "employment": Uuid::from_u128(number), "contract": {"kind": "permanent"}, "reported_by": "trainee"
    })))
}

pub fn employment_ended(number: u128) -> Fact {
    Fact::EmploymentEnded(data(
        json!({"employment": Uuid::from_u128(number), "reported_by": "trainee"}),
    ))
}

pub fn review() -> Fact {
    Fact::ReviewSubmitted(data(
        json!({"welcome": 5, "content": 4, "team": 5, "means": 3, "support": 4, "overall": 4}),
    ))
}

pub fn consent(purpose: Purpose) -> Consent {
    Consent { purpose }
}

pub fn profile() -> Fact {
    Fact::ProfilePublished(data(json!({
        "headline": "Sales assistant", "skills": [], "rome": ["D1402"], "radius_km": 20, "available_from": "2026-07-01"
    })))
}

pub fn aid_granted(number: u128, cents: u64) -> Fact {
    Fact::AidGranted(data(
        json!({"aid": Uuid::from_u128(number), "kind": "mobility", "cents": cents}),
    ))
}

pub fn aid_paid(number: u128, cents: u64) -> Fact {
    Fact::AidPaid(data(
        json!({"aid": Uuid::from_u128(number), "kind": "mobility", "cents": cents}),
    ))
}

pub fn correction(id: &str, day: Option<&str>, new: Option<&Fact>) -> Fact {
    Fact::Corrected(Box::new(Corrected {
        event: EventRef {
            id: id.into(),
            source: OPERATOR.into(),
        },
        time: day.map(super::world::instant),
        data: new.map(|fact| parcours_model::Fact::from(fact.clone()).data()),
        reason: None,
    }))
}

pub fn annulment(id: &str) -> Fact {
    Fact::Annulled(Box::new(Annulled {
        event: EventRef {
            id: id.into(),
            source: OPERATOR.into(),
        },
        reason: "never was".into(),
    }))
}
