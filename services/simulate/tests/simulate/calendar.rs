//! When training bodies are open, and what happens within a session.

use super::service::{Service, facts, parcours};
use chrono::{Datelike, NaiveDate, Weekday};
use parcours_model::Fact as Any;
use parcours_model::streams::parcours::Fact;
use parcours_model::streams::session;
use std::collections::HashMap;

/// Holidays of Mondays, when sessions would begin otherwise: Easter Monday, Whit Monday and others in those years.
const HOLIDAYS: [&str; 7] = [
    "2024-04-01",
    "2024-05-20",
    "2025-04-21",
    "2025-06-09",
    "2025-07-14",
    "2026-04-06",
    "2026-05-25",
];

fn is_open(day: NaiveDate) -> bool {
    let around_new_year = matches!((day.month(), day.day()), (12, 22..) | (1, ..=2));
    let holiday = matches!(
        (day.month(), day.day()),
        (5, 1 | 8) | (7, 14) | (8, 15) | (11, 1 | 11)
    );
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    !weekend && !around_new_year && !holiday && !HOLIDAYS.contains(&day.to_string().as_str())
}

#[test]
fn no_session_begins_or_ends_and_nobody_starts_while_training_bodies_are_closed() {
    let service = Service::trusting("--seed 12 --trainees 2500 --from 2024-01-05 --until 2026-11-24");
    let mut days = 0;
    let mut on = |day: NaiveDate, what: &str| {
        assert!(is_open(day), "{what} on {day}");
        days += 1;
    };
    for history in service.streams() {
        for entry in history.effective() {
            match entry.fact {
                Any::Session(session::Fact::Opened(opened)) => {
                    on(opened.from, "a session begins");
                    on(opened.to, "a session ends");
                }
                Any::Session(session::Fact::Rescheduled(moved)) => {
                    on(moved.from, "a session begins");
                    on(moved.to, "a session ends");
                }
                Any::Parcours(Fact::Started(_)) => {
                    on(parcours_model::calendar::day(entry.time), "a training starts");
                }
                _ => {}
            }
        }
    }
    assert!(days > 2_500, "{days}");
}

#[test]
fn nobody_starts_before_a_session_or_leaves_after_its_end() {
    let service = Service::trusting("--seed 13 --trainees 3000 --correction-rate 0.3");
    let mut sessions = HashMap::new();
    for history in service.streams() {
        for entry in history.effective() {
            match entry.fact {
                Any::Session(session::Fact::Opened(opened)) => {
                    sessions.insert(history.stream().uuid, (opened.from, opened.to));
                }
                Any::Session(session::Fact::Rescheduled(moved)) => {
                    sessions.insert(history.stream().uuid, (moved.from, moved.to));
                }
                _ => {}
            }
        }
    }
    let mut exits = 0;
    for history in parcours(&service) {
        let mut session = None;
        for (day, fact) in facts(history) {
            match (fact, session) {
                (Fact::Admitted(admitted), _) => session = admitted.session.map(|uuid| sessions[&uuid]),
                (Fact::Started(_), Some((from, _))) => assert!(from <= day, "{day} before {from}"),
                (Fact::Exited(_), Some((_, to))) => {
                    assert!(day <= to, "{day} after {to}");
                    exits += 1;
                }
                _ => {}
            }
        }
    }
    assert!(exits > 1_000, "{exits}");
}
