use std::path::PathBuf;

use parcours_model::codes::Level;
use parcours_model::streams::parcours;
use parcours_projections::outcomes::{Document, Outcome, OutcomeKind, What};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::contract::{TYPES, schema};

const PARCOURS: Uuid = Uuid::from_u128(0xa);
const TRAINEE: Uuid = Uuid::from_u128(0xb);

struct House {
    folder: tempfile::TempDir,
}

impl House {
    fn new(partners: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("partners.toml"), partners).unwrap();
        Self { folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn partners(&self) -> Result<Partners, OutcomesError> {
        Partners::read(&self.file("partners.toml"), &self.file("pseudonyms.key"))
    }
}

fn declared(name: &str, territory: &str, more: &str) -> String {
    format!("[[partner]]\nname = \"{name}\"\nterritories = [\"{territory}\"]\n{more}\n")
}

fn of_person(kind: OutcomeKind, document: Document) -> OutcomeRow {
    OutcomeRow {
        told: "2026-07-01T08:00:00Z".parse().unwrap(),
        key: "1204567-3".parse().unwrap(),
        kind,
        commune: Some("76540".parse().unwrap()),
        operator: Some("19290076900014".parse().unwrap()),
        parcours: Some(PARCOURS),
        trainee: Some(TRAINEE),
        session: None,
        document,
    }
}

fn exit(reason: parcours::ExitReason) -> OutcomeRow {
    let outcome = Outcome {
        day: "2026-06-30".parse().unwrap(),
        level: Level::try_from(4u64).unwrap(),
        what: What::Exit { reason },
        replaces: Some("1200001-7".parse().unwrap()),
    };
    of_person(OutcomeKind::Exit, Document::Outcome(outcome))
}

fn audience(partners: &Partners, place: usize) -> Audience {
    Audience::Partner(partners.all()[place].clone())
}

fn told(audience: &Audience, row: &OutcomeRow) -> Option<Value> {
    let message = audience.message(row)?;
    Some(serde_json::from_slice(&message.to_json()).unwrap())
}

#[test]
fn a_message_names_nobody_by_a_name_of_the_log() {
    let house = House::new(&(declared("a", "region/28", "") + &declared("b", "region/28", "")));
    let partners = house.partners().unwrap();
    let row = exit(parcours::ExitReason::Completed);
    let (one, other) = (audience(&partners, 0), audience(&partners, 1));
    let (first, second) = (told(&one, &row).unwrap(), told(&other, &row).unwrap());
    for told in [&first, &second] {
        let text = told.to_string();
        for name in [
            PARCOURS.to_string(),
            TRAINEE.to_string(),
            "1204567-3".to_owned(),
            "1200001-7".to_owned(),
        ] {
            assert!(!text.contains(&name), "{name} in {text}");
        }
    }
    for pointer in ["/id", "/subject", "/replaces", "/data/parcours", "/data/trainee"] {
        assert_ne!(
            first.pointer(pointer).unwrap(),
            second.pointer(pointer).unwrap(),
            "{pointer}"
        );
    }
    assert_eq!(first["subject"], first["data"]["parcours"]);
    assert_eq!(
        one.key(first["replaces"].as_str().unwrap()),
        Some("1200001-7".parse().unwrap())
    );
    assert_eq!(
        first,
        told(&audience(&house.partners().unwrap(), 0), &row).unwrap(),
        "for ever"
    );
}

#[test]
fn what_a_message_says_is_what_the_contract_says() {
    let house = House::new(&declared("a", "region/28", ""));
    let row = exit(parcours::ExitReason::Abandoned);
    let mut told = told(&audience(&house.partners().unwrap(), 0), &row).unwrap();
    for pointer in ["/id", "/subject", "/replaces", "/data/parcours", "/data/trainee"] {
        *told.pointer_mut(pointer).unwrap() = json!("…");
    }
    let expected = json!({
        "specversion": "1.0", "id": "…", "source": "urn:region:28:outcomes", "type": "outcome.exit.v1", "subject": "…",
        "time": "2026-06-29T22:00:00Z", "datacontenttype": "application/json", "replaces": "…",
        "data": {"parcours": "…", "trainee": "…", "date": "2026-06-30", "commune": "76540", "epci": "200023414",
                 "departement": "76", "region": "28", "operator": "19290076900014", "level": 4, "reason": "abandoned"}
    });
    assert_eq!(told, expected);
}

#[test]
fn health_death_and_exclusion_are_not_told() {
    let house = House::new(&declared("a", "region/28", ""));
    let audience = audience(&house.partners().unwrap(), 0);
    for reason in parcours::ExitReason::ALL {
        let reason = told(&audience, &exit(*reason)).unwrap()["data"]["reason"].clone();
        let known = [
            "completed",
            "employment",
            "qualifying_training",
            "abandoned",
            "other",
        ];
        assert!(known.contains(&reason.as_str().unwrap()), "{reason}");
    }
    assert_eq!(
        told(&audience, &exit(parcours::ExitReason::Health)).unwrap()["data"]["reason"],
        "other"
    );
}

#[test]
fn an_audience_is_told_what_it_may_hear_and_nothing_else() {
    let house = House::new(
        &(declared("there", "departement/76", "kinds = [\"exit\"]")
            + &declared("elsewhere", "departement/14", "")
            + &declared("jobs", "region/28", "kinds = [\"employment\"]")),
    );
    let partners = house.partners().unwrap();
    let row = exit(parcours::ExitReason::Completed);
    assert!(told(&audience(&partners, 0), &row).is_some());
    assert!(told(&audience(&partners, 1), &row).is_none());
    assert!(told(&audience(&partners, 2), &row).is_none());
    assert!(told(&partners.public(), &row).is_none());
    let notice = of_person(
        OutcomeKind::Forget,
        Document::Forget {
            at: chrono::Utc::now(),
        },
    );
    let hears = |place| told(&audience(&partners, place), &notice).map(|told| told["type"].clone());
    assert_eq!(hears(0), Some(json!("outcome.forget.v1")));
    assert_eq!(hears(1), None);
    assert_eq!(
        hears(2),
        Some(json!("outcome.forget.v1")),
        "whatever kinds it listens to"
    );
}

#[test]
fn a_partner_is_known_by_each_of_its_secrets() {
    let (old, new) = (new_secret().unwrap(), new_secret().unwrap());
    let secrets = format!(
        "secrets = [\"{}\", \"{}\"]",
        SecretHash::of(&old),
        SecretHash::of(&new)
    );
    let house = House::new(&(declared("a", "region/28", &secrets) + &declared("b", "region/28", "")));
    let partners = house.partners().unwrap();
    let name = |secret: &str| {
        partners
            .with_secret(secret)
            .map(|audience| audience.name().to_owned())
    };
    assert_eq!(name(&old).as_deref(), Some("a"));
    assert_eq!(name(&new).as_deref(), Some("a"));
    assert_eq!(name(&old[1..]), None);
    assert_eq!(name(""), None);
}

#[test]
fn a_lost_key_and_another_one_are_noticed() {
    let house = House::new(&declared("a", "region/28", ""));
    let fingerprint = house.partners().unwrap().all()[0]
        .pseudonyms()
        .fingerprint()
        .to_owned();
    let pinned = declared("a", "region/28", &format!("pseudonyms = \"{fingerprint}\""));
    std::fs::write(house.file("partners.toml"), pinned).unwrap();
    house.partners().unwrap();
    std::fs::write(house.file("pseudonyms.key"), [9; 32]).unwrap();
    assert!(matches!(house.partners(), Err(OutcomesError::AnotherKey { partner, .. }) if partner == "a"));
    std::fs::remove_file(house.file("pseudonyms.key")).unwrap();
    assert!(matches!(house.partners(), Err(OutcomesError::KeyMissing { .. })));
    assert!(!house.file("pseudonyms.key").exists(), "no new one is made");
}

#[test]
fn without_partners_no_key_is_made() {
    let house = House::new("");
    assert!(house.partners().unwrap().all().is_empty());
    assert!(!house.file("pseudonyms.key").exists());
}

#[test]
fn every_type_has_a_schema_that_says_what_it_needs() {
    for message in TYPES {
        let schema = schema(message.name).unwrap();
        assert_eq!(schema["properties"]["type"]["const"], message.name);
        assert!(schema["properties"]["data"]["$ref"].is_string(), "{schema}");
        let replaces = schema["properties"]["replaces"].is_object();
        assert_eq!(
            replaces,
            !matches!(message.kind, Some(OutcomeKind::Place | OutcomeKind::Forget))
        );
    }
    assert_eq!(schema("outcome.invented.v1"), None);
}
