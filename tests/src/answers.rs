//! Everything a service answers, to be compared with what it answers later, or with what another one does.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use crate::Api;
use crate::wait::wait_until;

const DIGESTED_WITHIN: Duration = Duration::from_secs(60);
/// Territories of every level, with whoever lives in Rouen, Le Havre and Caen.
const TERRITORIES: [&str; 9] = [
    "region/28",
    "departement/14",
    "departement/27",
    "departement/50",
    "departement/61",
    "departement/76",
    "epci/200023414",
    "commune/76540",
    "commune/14118",
];
const PERIOD: &str = "from=2024-01-01&to=2026-10-31";

impl Api {
    /// The number of entries of the log.
    pub fn log_size(&self) -> u64 {
        self.get("/health/ready").json()["log"]["size"]
            .as_u64()
            .expect("health tells the size of the log")
    }

    /// Waits until every view has digested the whole log; gives its size.
    pub fn wait_for_views(&self) -> u64 {
        let size = self.log_size();
        wait_until("every view has digested the log", DIGESTED_WITHIN, || {
            let health = self.get("/health/ready").json();
            let views = health["views"].as_array().expect("health lists the views");
            let digested =
                |view: &Value| view["answers"] == true && view["checkpoint"].as_u64() >= Some(size);
            !views.is_empty() && views.iter().all(digested)
        });
        size
    }

    /// Every event of a parcours, in the order of arrival.
    #[track_caller]
    pub fn history(&self, parcours: Uuid) -> Vec<Value> {
        let mut events = Vec::new();
        let mut next = String::new();
        loop {
            let path = format!("/v1/parcours/{parcours}/events?limit=1000{next}");
            let page = self.get(&path).must_be(200).json();
            events.extend(
                page["events"]
                    .as_array()
                    .expect("a page has events")
                    .iter()
                    .cloned(),
            );
            match page["next"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => return events,
            }
        }
    }

    /// Every session of the catalogue.
    #[track_caller]
    pub fn sessions(&self) -> Vec<Value> {
        let mut sessions = Vec::new();
        let mut next = String::new();
        loop {
            let page = self
                .get(&format!("/v1/catalogue?limit=500{next}"))
                .must_be(200)
                .json();
            sessions.extend(
                page["sessions"]
                    .as_array()
                    .expect("a page has sessions")
                    .iter()
                    .cloned(),
            );
            match page["next"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => return sessions,
            }
        }
    }

    /// What the three views answer about these parcours, every session, and territories of every level, by request.
    /// The same log gives the same texts, whichever way the views came to know it.
    #[track_caller]
    pub fn everything(&self, parcours: &[Uuid]) -> BTreeMap<String, String> {
        let size = self.wait_for_views();
        let mut told = BTreeMap::new();
        for parcours in parcours {
            let path = format!("/v1/parcours/{parcours}");
            told.insert(path.clone(), self.get(&path).must_be(200).text());
        }
        for session in self.sessions() {
            told.insert(format!("catalogue {}", session["session"]), session.to_string());
        }
        let breakdowns = ["", "&by=month", "&by=operator", "&by=channel", "&by=level"];
        for territory in TERRITORIES {
            for by in breakdowns {
                let path = format!("/v1/territories/{territory}?{PERIOD}{by}");
                let mut now = self.get(&path).must_be(200).json();
                // The moment of the question is the one thing that differs from one time to the next.
                now.as_object_mut()
                    .expect("figures are an object")
                    .remove("as_of");
                told.insert(path.clone(), now.to_string());
                if let Some(last) = size.checked_sub(1) {
                    let path = format!("{path}&as_of={last}");
                    told.insert(path.clone(), self.get(&path).must_be(200).text());
                }
            }
        }
        told
    }
}

/// Fails the test with the first request that is answered otherwise.
#[track_caller]
pub fn must_be_the_same(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) {
    let requests: Vec<_> = before.keys().collect();
    assert_eq!(requests, after.keys().collect::<Vec<_>>());
    for (request, told) in before {
        assert_eq!(told, &after[request], "{request}");
    }
}
