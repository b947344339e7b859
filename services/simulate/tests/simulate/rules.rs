//! Everything that is written is accepted, and is the same each time.

use super::service::{Service, settings};
use parcours_model::streams::parcours::{ExitReason, Fact};
use parcours_model::streams::{offer, session};
use parcours_model::{Fact as Any, History, calendar};
use parcours_simulate::simulate;
use std::collections::HashMap;

/// Every line, as `parcours simulate` writes it.
fn bytes(line: &str) -> Vec<u8> {
    simulate(&settings(line))
        .flat_map(|submission| submission.to_json())
        .collect()
}

#[test]
fn the_rules_accept_every_event_in_the_order_in_which_it_is_written() {
    for line in [
        "--seed 1 --trainees 800",
        "--seed 2 --trainees 300",
        "--seed 3 --trainees 500 --dropout-rate 0.4",
    ] {
        assert!(Service::after(line).received > 1_000, "{line}");
    }
}

#[test]
fn the_rules_accept_a_programme_in_which_much_is_late_and_wrong() {
    let line = "--seed 7 --trainees 500 --late-rate 0.5 --correction-rate 0.4 --reentry-rate 0.8";
    assert!(Service::after(line).received > 5_000);
}

#[test]
fn the_rules_accept_a_programme_in_which_who_came_back_asks_to_be_forgotten() {
    let line =
        "--seed 3 --trainees 1500 --from 2020-01-01 --until 2023-06-01 --reentry-rate 0.9 --dropout-rate 0.4";
    assert!(Service::after(line).received > 50_000);
}

#[test]
fn nothing_happens_to_the_dead_nor_do_they_ask_for_anything() {
    let service = Service::trusting("--seed 5 --trainees 6000");
    let mut deaths = 0;
    let histories: Vec<_> = service.streams().collect();
    for history in &histories {
        let facts = || {
            history.effective().filter_map(|fact| match fact.fact {
                Any::Parcours(parcours) => Some((calendar::day(fact.time), parcours)),
                _ => None,
            })
        };
        let Some((death, _)) = facts()
            .find(|(_, fact)| matches!(fact, Fact::Exited(exit) if exit.reason == ExitReason::Deceased))
        else {
            continue;
        };
        deaths += 1;
        for (day, fact) in facts() {
            assert!(day <= death, "{day}, after a death on {death}: {fact:?}");
        }
        let trainee = facts().find_map(|(_, fact)| match fact {
            Fact::Oriented(oriented) => Some(oriented.trainee),
            _ => None,
        });
        let of_the_person = |one: &&&History| Some(one.stream().uuid) == trainee;
        let person = histories
            .iter()
            .find(of_the_person)
            .expect("whoever is oriented is registered");
        assert_eq!(person.revision(), 1, "registered, and nothing else");
    }
    assert!(deaths > 3, "{deaths}");
}

#[test]
fn the_rules_accept_a_programme_too_small_or_too_short_to_be_one() {
    for line in [
        "--trainees 1",
        "--trainees 40 --from 2026-08-20",
        "--trainees 200 --region 94",
        "--trainees 200 --from 2025-12-20",
    ] {
        assert!(Service::after(line).received > 0, "{line}");
    }
}

#[test]
fn the_same_seed_writes_the_same_bytes_and_another_seed_others() {
    assert_eq!(bytes("--trainees 200 --seed 5"), bytes("--trainees 200 --seed 5"));
    assert_ne!(bytes("--trainees 200 --seed 5"), bytes("--trainees 200 --seed 6"));
}

#[test]
fn nothing_is_dated_or_known_on_the_last_day_or_after() {
    let settings = settings("--trainees 300");
    let end = calendar::midnight(settings.until);
    let mut simulation = simulate(&settings);
    while let Some(submission) = simulation.next() {
        assert!(submission.event.time < end && simulation.now() < end);
    }
}

#[test]
fn only_what_a_training_prepares_for_is_obtained_after_it() {
    let service = Service::trusting("--seed 4 --trainees 1500");
    let histories: Vec<_> = service.streams().collect();
    let (mut offers, mut sessions) = (HashMap::new(), HashMap::new());
    for history in &histories {
        let stream = history.stream().uuid;
        for fact in history.effective() {
            match fact.fact {
                Any::Offer(offer::Fact::Published(offer) | offer::Fact::Revised(offer)) => {
                    offers.insert(stream, offer);
                }
                Any::Session(session::Fact::Opened(opened)) => {
                    sessions.insert(stream, opened.offer);
                }
                _ => {}
            }
        }
    }
    let mut obtained = 0;
    for history in &histories {
        let (mut session, mut codes) = (None, Vec::new());
        for fact in history.effective() {
            match fact.fact {
                Any::Parcours(Fact::Admitted(admitted)) => session = admitted.session.or(session),
                Any::Parcours(Fact::CertificationObtained(code)) => codes.push((code.rncp, code.rs)),
                _ => {}
            }
        }
        for code in codes {
            let offer = offers[&sessions[&session.expect("whoever is certified was admitted")]];
            assert!(offer.certifying, "{code:?} of {}", offer.title);
            assert_eq!(code, (offer.rncp, offer.rs), "{}", offer.title);
            obtained += 1;
        }
    }
    assert!(obtained > 100, "{obtained}");
}
