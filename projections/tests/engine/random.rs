//! Random journeys: possible or not, late, ahead of the clock, corrected, annulled. What the rules refuse is not in the log.

use parcours_model::Submission;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use uuid::Uuid;

use super::told::{OPERATOR, SENDER, event, orientation, parcours};

const COMPANY: &str = "73282932000074";
const SESSION: Uuid = Uuid::from_u128(0x5e55);
const OFFER: Uuid = Uuid::from_u128(0x0ffe4);

/// One event as it is sent, before it has an id.
#[derive(Clone, Debug)]
struct Act {
    subject: String,
    day: String,
    name: &'static str,
    data: Value,
}

fn act(subject: &str, day: &str, name: &'static str, data: Value) -> Act {
    Act {
        subject: subject.into(),
        day: day.into(),
        name,
        data,
    }
}

/// What several parcours have in common: who trains them, at what, where.
fn surroundings() -> Vec<Act> {
    let operator = format!("operator/{}", Uuid::from_u128(5));
    let (offer, session) = (format!("offer/{OFFER}"), format!("session/{SESSION}"));
    let published = json!({
        "operator": OPERATOR, "title": "Vente", "objective": "Un métier", "rome": ["D1402"], "rncp": "RNCP34126",
        "formacode": ["34566"], "certifying": true, "minutes": 6000, "mode": "on_site"
    });
    let opened = json!({
        "offer": OFFER, "commune": "76540", "from": "2025-01-10", "to": "2025-06-30", "entry": "permanent", "capacity": 2
    });
    let contracted = json!({
        "contract": Uuid::from_u128(6), "territory": "departement/76", "from": "2025-01-01", "to": "2025-12-31", "places": 20
    });
    vec![
        act(
            &operator,
            "2025-01-01",
            "registered",
            json!({"siret": OPERATOR, "name": "GRETA", "commune": "76540"}),
        ),
        act(&operator, "2025-01-02", "contracted", contracted),
        act(
            &operator,
            "2025-03-01",
            "registered",
            json!({"siret": COMPANY, "name": "GRETA", "commune": "76540"}),
        ),
        act(&offer, "2025-01-01", "published", published),
        act(&session, "2025-01-01", "opened", opened),
        act(&session, "2025-01-03", "capacity.changed", json!({"capacity": 3})),
    ]
}

fn steps() -> Vec<(&'static str, &'static str, Value)> {
    let certification = json!({"rncp": "RNCP34126", "scope": "full"});
    let immersion = json!({"immersion": Uuid::from_u128(7)});
    let agreed = json!({
        "immersion": Uuid::from_u128(7), "kind": "placement", "host": COMPANY, "commune": "76540", "rome": "D1402",
        "from": "2025-02-01", "to": "2025-02-05", "aims": []
    });
    let bilan = json!({
        "held": [], "to_develop": ["french"], "sectors": ["D1402"], "obstacles": ["mobility"], "levers": [], "learning": {"reading": 2}
    });
    let aid = |cents: u32| json!({"aid": Uuid::from_u128(8), "kind": "mobility", "cents": cents});
    let attendance = json!({"month": "2025-02", "planned_minutes": 6_000, "attended_minutes": 5_000, "excused_minutes": 300});
    let employment =
        json!({"employment": Uuid::from_u128(9), "contract": "permanent", "reported_by": "trainee"});
    vec![
        (
            "2025-01-02",
            "eligibility.checked",
            json!({"eligible": true, "reasons": []}),
        ),
        (
            "2025-01-03",
            "admitted",
            json!({"operator": OPERATOR, "session": SESSION}),
        ),
        (
            "2025-01-04",
            "commitment.signed",
            json!({"contract_version": "2025"}),
        ),
        (
            "2025-01-05",
            "referent.named",
            json!({"referent": Uuid::from_u128(1), "organisation": OPERATOR}),
        ),
        ("2025-01-10", "started", json!({})),
        ("2025-01-20", "bilan.completed", bilan),
        ("2025-02-01", "immersion.agreed", agreed),
        ("2025-02-02", "immersion.started", immersion),
        (
            "2025-02-20",
            "module.completed",
            json!({"domain": "french", "minutes": 600, "mode": "on_site"}),
        ),
        (
            "2025-01-11",
            "pay.granted",
            json!({"monthly_cents": 70_000, "from": "2025-01-10"}),
        ),
        ("2025-01-12", "aid.granted", aid(20_000)),
        ("2025-02-12", "aid.paid", aid(5_000)),
        ("2025-02-28", "attendance.recorded", attendance),
        ("2025-05-31", "pay.ended", json!({"reason": "employment"})),
        ("2025-03-01", "certification.registered", certification.clone()),
        ("2025-05-01", "certification.obtained", certification),
        ("2025-06-28", "exited", json!({"reason": "completed"})),
        (
            "2025-06-29",
            "review.submitted",
            json!({"welcome": 5, "content": 4, "team": 5, "means": 3, "support": 4, "overall": 4}),
        ),
        ("2025-07-10", "employment.started", employment),
        ("2025-03-02", "consent.given", json!({"purpose": "partners"})),
        ("2025-07-12", "consent.withdrawn", json!({"purpose": "partners"})),
    ]
}

fn days() -> impl Strategy<Value = String> {
    let past = (1u32..=7, 1u32..=28).prop_map(|(month, day)| format!("2025-{month:02}-{day:02}"));
    // Soon, or as late as can be.
    let ahead = prop_oneof![0..3_000u32, 0..86_000_000u32];
    let ahead = ahead.prop_map(|milliseconds| format!("+{}", f64::from(milliseconds) / 1e3));
    prop_oneof![3 => past, 1 => ahead]
}

/// Part of a journey, more or less in its order, some steps on other days, some twice.
fn journey(number: u128) -> impl Strategy<Value = Vec<Act>> {
    let step = (
        any::<bool>(),
        any::<bool>(),
        proptest::option::weighted(0.2, days()),
        any::<Index>(),
    );
    proptest::collection::vec(step, steps().len()).prop_map(move |chosen| {
        let subject = parcours(number);
        let mut acts = vec![act(&subject, "2025-01-01", "oriented", orientation())];
        for ((day, name, data), (left_out, rarely, other, place)) in steps().into_iter().zip(chosen) {
            let told = act(&subject, other.as_deref().unwrap_or(day), name, data);
            if left_out && rarely {
                continue;
            }
            // Some things become known late, or early.
            let last = acts.len();
            let at = if other.is_some() {
                1 + place.index(last)
            } else {
                last
            };
            acts.insert(at, told);
        }
        acts
    })
}

/// An amendment of an event sent before: annulled, or moved to another day.
fn amended(id: &str, of: &Act, day: Option<String>) -> Act {
    let named = json!({"id": id, "source": SENDER});
    match day {
        None => act(
            &of.subject,
            "2025-07-20",
            "event.annulled",
            json!({"event": named, "reason": "never was"}),
        ),
        Some(day) => {
            let day = if day.starts_with('+') {
                "2025-07-19".to_owned()
            } else {
                day
            };
            let data = json!({"event": named, "time": format!("{day}T00:00:00+01:00")});
            act(&of.subject, "2025-07-20", "event.corrected", data)
        }
    }
}

/// A programme in the order of arrival, in groups which arrive together.
pub fn arrivals() -> impl Strategy<Value = Vec<Vec<Submission>>> {
    let journeys = (journey(1), journey(2), journey(3), journey(4));
    let mixing = proptest::collection::vec(any::<Index>(), 80);
    let amendments = proptest::collection::vec(
        (any::<Index>(), any::<Index>(), proptest::option::of(days())),
        0..12,
    );
    let groups = proptest::collection::vec(1usize..12, 1..12);
    (journeys, mixing, amendments, groups).prop_map(|(journeys, mixing, amendments, groups)| {
        let mut queues = [journeys.0, journeys.1, journeys.2, journeys.3].map(Vec::into_iter);
        let mut acts = surroundings();
        for pick in mixing {
            let of = pick.index(4);
            acts.extend(queues[of].next());
        }
        acts.extend(queues.into_iter().flatten());
        let mut acts: Vec<(String, Act)> = acts
            .into_iter()
            .enumerate()
            .map(|(number, act)| (format!("e{number:03}"), act))
            .collect();
        for (number, (target, place, day)) in amendments.into_iter().enumerate() {
            let (id, of) = acts[target.index(acts.len())].clone();
            if of.subject.starts_with("parcours/") {
                let told = (format!("a{number:03}"), amended(&id, &of, day));
                let at = acts.len() - place.index(acts.len() / 2);
                acts.insert(at, told);
            }
        }
        let mut events = acts
            .into_iter()
            .map(|(id, act)| event(&act.subject, &id, &act.day, act.name, &act.data));
        let mut groups = groups.into_iter().cycle();
        let mut arrivals = Vec::new();
        loop {
            let group: Vec<_> = events.by_ref().take(groups.next().unwrap_or(1)).collect();
            if group.is_empty() {
                return arrivals;
            }
            arrivals.push(group);
        }
    })
}
