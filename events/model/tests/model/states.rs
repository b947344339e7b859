//! What may follow what: every type of event of a parcours, sent in every state a parcours may be in.
//!
//! `STATES.md` is the table. A cell says whether the event is taken, all that it needs besides being there where it can
//! be, or the rule that stands in its way.

use super::journey::*;
use super::world::{event, session};
use parcours_model::streams::parcours::*;
use parcours_model::streams::session;
use serde_json::json;
use std::fmt::Write;
use uuid::Uuid;

const TABLE: &str = include_str!("../../STATES.md");

/// The session in which a place is held or waited for, and another one.
const SESSION: u128 = 0x5e;
const OTHER: u128 = 0x0e;

fn with_sessions(mut journey: Journey) -> Journey {
    for number in [SESSION, OTHER] {
        let opened = json!({"offer": Uuid::from_u128(1), "commune": "76540", "from": "2026-02-01", "to": "2026-12-31",
            "entry": "permanent", "capacity": 10});
        let opened = session::Fact::Opened(serde_json::from_value(opened).unwrap());
        let event = event(session(number), &format!("s{number}"), "2025-12-01", opened);
        journey.world.submit(event).unwrap();
    }
    journey
}

fn placement(session: Option<u128>) -> Placement {
    Placement {
        session: session.map(Uuid::from_u128),
        reason: None,
    }
}

/// Each state with a parcours in it, by 1 May.
fn states() -> Vec<(&'static str, Journey)> {
    let oriented = with_sessions(Journey::oriented())
        .with("2026-01-05", commitment())
        .with("2026-01-05", referent(1))
        .with("2026-01-05", Fact::ConsentGiven(consent(Purpose::Profile)));
    let eligible = oriented.clone().with("2026-01-06", eligible(true));
    let admitted = eligible
        .clone()
        .with("2026-01-07", admitted(Some(Uuid::from_u128(SESSION))));
    let started = admitted
        .clone()
        .with("2026-02-01", Fact::Started(Started {}))
        .with("2026-02-02", bilan())
        .with("2026-02-03", immersion(1, "placement", COMPANY))
        .with("2026-02-03", immersion(2, "placement", COMPANY))
        .with("2026-02-04", immersion_started(1))
        .with(
            "2026-02-05",
            Fact::CertificationRegistered(certification("full", &[])),
        )
        .with("2026-02-05", aid_granted(1, 10_000))
        .with("2026-02-06", employment(1));
    let ended = started.clone().with("2026-02-10", immersion_completed(1));
    let suspended = Fact::Suspended(Interruption {
        reason: "health".into(),
    });
    vec![
        ("nothing", with_sessions(Journey::new())),
        ("oriented", oriented.clone()),
        ("eligible", eligible.clone()),
        (
            "ineligible",
            oriented.with("2026-01-06", super::journey::eligible(false)),
        ),
        (
            "waiting",
            eligible
                .clone()
                .with("2026-01-07", Fact::Waitlisted(placement(Some(SESSION)))),
        ),
        ("admitted", admitted.clone()),
        (
            "declined",
            eligible.with("2026-01-07", Fact::Declined(placement(Some(SESSION)))),
        ),
        ("withdrawn", admitted.with("2026-01-08", withdrawn())),
        ("in training", started),
        ("suspended", ended.clone().with("2026-03-01", suspended)),
        ("exited", ended.with("2026-03-01", exit(ExitReason::Completed))),
    ]
}

/// An event of each type; of what the type may name there is what the states hold.
fn events() -> Vec<(&'static str, Fact)> {
    let named = |fact: Fact| (fact.type_name(), fact);
    let skill = json!({"framework": "pix", "code": "1.1"});
    let project = json!({"rome": "D1402", "aim": "employment", "realistic_for_person": true, "realistic_for_territory": true});
    let project: Project = serde_json::from_value(project).unwrap();
    let attendance =
        json!({"month": "2026-04", "planned_minutes": 100, "attended_minutes": 90, "excused_minutes": 0});
    let pay = json!({"monthly_cents": 68_500, "from": "2026-05-01"});
    let report = json!({"partner": COMPANY, "topic": "housing"});
    let followup = json!({"months": 3, "situation": "employed"});
    let plan =
        json!({"goals": [], "modules": [], "mode": "mixed", "weekly_minutes": 2000, "alongside_job": false});
    let trade = json!({"rome": "D1402", "format": "visit"});
    let broken = json!({"immersion": Uuid::from_u128(1), "reason": "illness"});
    vec![
        named(orientation()),
        named(eligible(true)),
        (
            "parcours.admitted.v1 (to another session)",
            admitted(Some(Uuid::from_u128(OTHER))),
        ),
        named(Fact::Waitlisted(placement(Some(OTHER)))),
        (
            "parcours.place.offered.v1 (of the session waited for)",
            Fact::PlaceOffered(PlaceOffered {
                session: Uuid::from_u128(SESSION),
                until: "2026-12-31".parse().unwrap(),
            }),
        ),
        (
            "parcours.declined.v1 (of the place held)",
            Fact::Declined(placement(Some(SESSION))),
        ),
        (
            "parcours.declined.v1 (of another)",
            Fact::Declined(placement(Some(OTHER))),
        ),
        (
            "parcours.withdrawn.v1 (from the place held)",
            Fact::Withdrawn(placement(Some(SESSION))),
        ),
        (
            "parcours.withdrawn.v1 (from another)",
            Fact::Withdrawn(placement(Some(OTHER))),
        ),
        ("parcours.withdrawn.v1 (from the programme)", withdrawn()),
        named(commitment()),
        named(referent(2)),
        named(Fact::PlanAgreed(serde_json::from_value(plan).unwrap())),
        named(Fact::Started(Started {})),
        named(bilan()),
        named(Fact::ObstacleLifted(ObstacleLifted {
            obstacle: Obstacle::Mobility,
            by: None,
        })),
        named(Fact::TradeDiscovered(serde_json::from_value(trade).unwrap())),
        named(immersion(3, "placement", COMPANY)),
        (
            "parcours.immersion.started.v1 (the other under way, or none)",
            immersion_started(2),
        ),
        named(immersion_completed(1)),
        named(Fact::ImmersionBrokenOff(serde_json::from_value(broken).unwrap())),
        named(Fact::ProjectStated(project.clone())),
        named(Fact::ProjectConfirmed(project)),
        named(module()),
        named(Fact::SkillAcquired(serde_json::from_value(skill).unwrap())),
        named(Fact::AttendanceRecorded(
            serde_json::from_value(attendance).unwrap(),
        )),
        named(Fact::PayGranted(serde_json::from_value(pay).unwrap())),
        named(Fact::PayEnded(PayEnded {
            reason: "exit".into(),
        })),
        named(aid_granted(2, 5_000)),
        named(aid_paid(1, 5_000)),
        named(Fact::PartnerReported(serde_json::from_value(report).unwrap())),
        named(Fact::Suspended(Interruption {
            reason: "health".into(),
        })),
        named(Fact::Resumed(Resumption { reason: None })),
        (
            "parcours.certification.registered.v1 (for another)",
            Fact::CertificationRegistered(other_certification()),
        ),
        named(Fact::CertificationObtained(certification("full", &[]))),
        named(Fact::CertificationFailed(certification("full", &[]))),
        named(exit(ExitReason::Abandoned)),
        named(employment(2)),
        named(employment_ended(1)),
        named(Fact::BusinessCreated(BusinessCreated {
            business: None,
            how: BusinessOrigin::Creation,
        })),
        named(Fact::FollowupAnswered(serde_json::from_value(followup).unwrap())),
        named(review()),
        named(Fact::ConsentGiven(consent(Purpose::Contact))),
        named(Fact::ConsentWithdrawn(consent(Purpose::Contact))),
        named(profile()),
        named(Fact::ProfileWithdrawn(ProfileWithdrawn { reason: None })),
    ]
}

fn other_certification() -> Certification {
    serde_json::from_value(json!({"rs": "RS5616", "scope": "full"})).unwrap()
}

fn cell(journey: &Journey, fact: &Fact) -> &'static str {
    let sent = event(journey.stream, "sent", "2026-05-01", fact.clone());
    match journey.world.clone().submit(sent) {
        Ok(()) => "yes",
        Err(refusal) => refusal.code,
    }
}

#[test]
fn what_may_follow_what_is_as_the_table_says() {
    let states = states();
    let mut table = String::new();
    for (name, _) in &states {
        write!(table, "| {name} ").unwrap();
    }
    let mut table = format!("| event {table}|\n|---{}|\n", "|---".repeat(states.len()));
    for (name, fact) in events() {
        write!(
            table,
            "| {} ",
            name.trim_start_matches("parcours.").replacen(".v1", "", 1)
        )
        .unwrap();
        for (_, journey) in &states {
            write!(table, "| {} ", cell(journey, &fact)).unwrap();
        }
        table.push_str("|\n");
    }
    let (_, expected) = TABLE.split_at(TABLE.find("| event ").expect("there is a table"));
    assert_eq!(table, expected, "the table is now:\n{table}");
}

#[test]
fn every_type_but_amendments_is_in_the_table() {
    let told: Vec<_> = events().iter().map(|(_, fact)| fact.type_name()).collect();
    let missing: Vec<_> = TYPES
        .iter()
        .map(|spec| spec.name)
        .filter(|name| !told.contains(name))
        .collect();
    assert_eq!(
        missing,
        [
            "parcours.employment.started.v1",
            "parcours.event.corrected.v1",
            "parcours.event.annulled.v1"
        ],
        "the older version of a type is judged as the newer"
    );
}
