//! What the service said it recorded, kept through every kill, and held against what it tells afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use parcours_tests::Api;
use serde_json::Value;
use uuid::Uuid;

use crate::script::{Expected, Planned};

/// Where an acknowledged event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its position.
    pub position: u64,
    /// Its revision.
    pub revision: u64,
    /// Entries that the log wrote behind it, with it.
    pub consequences: u64,
}

/// Every acknowledgement, by stream and id.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<BTreeMap<String, BTreeMap<String, Place>>>);

impl Ledger {
    /// Notes the answer to an event; fails the test if it is not the one it must be.
    pub fn note(&self, planned: &Planned, answer: &Value) {
        let text = |name: &str| {
            planned.event[name]
                .as_str()
                .expect("events are well formed")
                .to_owned()
        };
        let (stream, id) = (text("subject"), text("id"));
        let mut streams = self.0.lock().expect("no client panics while it notes");
        let known = streams.get(&stream).and_then(|places| places.get(&id)).copied();
        if answer["status"] == "refused" {
            let code = answer["problem"]["code"].as_str().unwrap_or_default();
            let as_expected = match planned.expected {
                Expected::Refused(expected) => code == expected,
                Expected::Contested => code == "place-available",
                Expected::Recorded { .. } => false,
            };
            assert!(
                as_expected && known.is_none(),
                "{planned:?}, known {known:?}, was answered {answer}"
            );
            return;
        }
        let consequences = match planned.expected {
            Expected::Recorded { consequences } => consequences,
            Expected::Contested => 1,
            Expected::Refused(_) => panic!("{planned:?} was answered {answer}"),
        };
        let place = Place {
            position: answer["position"]
                .as_u64()
                .expect("a recorded event has a position"),
            revision: answer["revision"]
                .as_u64()
                .expect("a recorded event has a revision"),
            consequences,
        };
        match (answer["status"].as_str(), known) {
            (Some("recorded"), None) => {}
            (Some("duplicate"), None) => assert!(
                planned.sendings > 1,
                "{planned:?} was never sent before: {answer}"
            ),
            (Some("duplicate"), Some(known)) => assert_eq!(known, place, "{planned:?} moved: {answer}"),
            _ => panic!("{planned:?}, acknowledged as {known:?}, was answered {answer}"),
        }
        streams.entry(stream).or_default().insert(id, place);
    }

    /// The number of events acknowledged.
    pub fn len(&self) -> usize {
        let streams = self.0.lock().expect("no client panics while it notes");
        streams.values().map(BTreeMap::len).sum()
    }

    /// Fails the test unless every acknowledged event of the parcours is there, once, at its place, and the rest of
    /// the stream is whole. With `all`, nothing else may be there.
    pub fn check(&self, api: &Api, parcours: Uuid, all: bool) {
        let streams = self.0.lock().expect("no client panics while it notes");
        let none = BTreeMap::new();
        let acknowledged = streams.get(&format!("parcours/{parcours}")).unwrap_or(&none);
        let first = api.get(&format!("/v1/parcours/{parcours}/events?limit=1"));
        let history = match first.status {
            404 => Vec::new(),
            _ => api.history(parcours),
        };
        let mut seen = BTreeSet::new();
        let mut last = None;
        for (index, event) in history.iter().enumerate() {
            let id = event["id"].as_str().expect("an event has an id");
            let (position, revision) = (event["position"].as_u64(), event["revision"].as_u64());
            assert_eq!(revision, Some(index as u64 + 1), "revisions are gapless: {event}");
            assert!(position > last, "positions grow with revisions: {event}");
            assert!(seen.insert(id), "{id} is there twice");
            last = position;
            match acknowledged.get(id) {
                Some(place) => assert_eq!(
                    (position, revision),
                    (Some(place.position), Some(place.revision)),
                    "{id}"
                ),
                None => assert!(!all, "{id} is there, and nobody was told"),
            }
        }
        for (id, place) in acknowledged {
            assert!(
                seen.contains(id.as_str()),
                "{id} was acknowledged as {place:?} and is lost"
            );
        }
    }

    /// Every position that the acknowledgements account for, and how often.
    pub fn positions(&self) -> Vec<u64> {
        let streams = self.0.lock().expect("no client panics while it notes");
        let places = streams.values().flat_map(BTreeMap::values);
        let mut positions: Vec<u64> = places
            .flat_map(|place| place.position..=place.position + place.consequences)
            .collect();
        positions.sort_unstable();
        positions
    }

    /// How many acknowledged events are admissions to a session.
    pub fn admissions<'a>(&self, told: impl Iterator<Item = &'a Planned>, session: Uuid) -> usize {
        let session = session.to_string();
        let streams = self.0.lock().expect("no client panics while it notes");
        told.filter(|planned| {
            let event = &planned.event;
            let acknowledged = event["subject"]
                .as_str()
                .and_then(|stream| streams.get(stream))
                .zip(event["id"].as_str())
                .is_some_and(|(places, id)| places.contains_key(id));
            event["type"] == "parcours.admitted.v1"
                && event["data"]["session"] == session.as_str()
                && acknowledged
        })
        .count()
    }
}
