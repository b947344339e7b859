//! What is learnt takes its time, and is done where it can be.

use super::service::{Service, facts, parcours};
use chrono::{Datelike, NaiveDate, Weekday};
use parcours_model::streams::offer;
use parcours_model::streams::parcours::Fact;
use parcours_model::streams::session;
use parcours_model::{Fact as Any, History};
use std::collections::HashMap;

/// Minutes of a day of full time.
const FULL_DAY: i64 = 7 * 60;

/// Minutes that could be held from a day to another, both included, on all days but those of weekends.
fn possible(from: NaiveDate, to: NaiveDate) -> i64 {
    let days = from.iter_days().take_while(|day| *day <= to);
    days.filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
        .count() as i64
        * FULL_DAY
}

fn started(history: &History) -> Option<NaiveDate> {
    facts(history).find_map(|(day, fact)| matches!(fact, Fact::Started(_)).then_some(day))
}

#[test]
fn modules_are_done_no_sooner_than_their_hours_are_held() {
    let service = Service::trusting("--seed 14 --trainees 1000 --late-rate 0 --correction-rate 0");
    let mut modules = 0;
    for history in parcours(&service) {
        let Some(start) = started(history) else { continue };
        let mut minutes = 0;
        for (day, fact) in facts(history) {
            let Fact::ModuleCompleted(module) = fact else {
                continue;
            };
            minutes += i64::from(module.minutes.get());
            let possible = possible(start, day);
            assert!(
                minutes <= possible,
                "{minutes} of {possible} minutes from {start} to {day}"
            );
            modules += 1;
        }
    }
    assert!(modules > 1_000, "{modules}");
}

#[test]
fn a_module_told_wrong_could_have_been_right() {
    let service = Service::trusting("--seed 14 --trainees 1500 --correction-rate 0.6");
    for history in parcours(&service) {
        let Some(start) = started(history) else { continue };
        for (day, fact) in facts(history) {
            if let Fact::ModuleCompleted(module) = fact {
                let (minutes, possible) = (i64::from(module.minutes.get()), possible(start, day));
                assert!(
                    minutes <= possible,
                    "{minutes} of {possible} minutes from {start} to {day}"
                );
            }
        }
    }
}

#[test]
fn no_module_is_done_amid_an_immersion() {
    let service = Service::trusting("--seed 15 --trainees 1500 --correction-rate 0.3");
    let (mut immersions, mut modules) = (0, 0);
    for history in parcours(&service) {
        let (mut begun, mut away) = (HashMap::new(), Vec::new());
        for (day, fact) in facts(history) {
            match fact {
                Fact::ImmersionStarted(started) => {
                    begun.insert(started.immersion, day);
                }
                Fact::ImmersionCompleted(completed) => away.push((begun[&completed.immersion], day)),
                _ => {}
            }
        }
        immersions += away.len();
        for (day, fact) in facts(history) {
            if matches!(fact, Fact::ModuleCompleted(_)) {
                assert!(
                    !away.iter().any(|(from, to)| (*from..=*to).contains(&day)),
                    "{day} in {away:?}"
                );
                modules += 1;
            }
        }
    }
    assert!(
        immersions > 300 && modules > 1_000,
        "{immersions} immersions, {modules} modules"
    );
}

#[test]
fn nobody_is_certified_who_was_hardly_there() {
    let service = Service::trusting("--seed 16 --trainees 2000 --late-rate 0 --correction-rate 0");
    let (mut offers, mut sessions) = (HashMap::new(), HashMap::new());
    for history in service.streams() {
        for entry in history.effective() {
            match entry.fact {
                Any::Offer(offer::Fact::Published(offer)) => {
                    offers.insert(history.stream().uuid, i64::from(offer.minutes.get()));
                }
                Any::Session(session::Fact::Opened(opened)) => {
                    sessions.insert(history.stream().uuid, opened.offer);
                }
                _ => {}
            }
        }
    }
    let mut certified = 0;
    for history in parcours(&service) {
        let (mut offered, mut attended) = (None, 0);
        for (_, fact) in facts(history) {
            match fact {
                Fact::Admitted(admitted) => offered = admitted.session.map(|uuid| offers[&sessions[&uuid]]),
                Fact::AttendanceRecorded(month) => attended += i64::from(month.attended_minutes.get()),
                Fact::CertificationObtained(_) => {
                    let offered = offered.expect("whoever is certified was admitted");
                    assert!(attended * 100 >= offered * 40, "{attended} of {offered} minutes");
                    certified += 1;
                }
                _ => {}
            }
        }
    }
    assert!(certified > 100, "{certified}");
}

#[test]
fn only_projects_that_are_realistic_are_confirmed() {
    let service = Service::trusting("--seed 17 --trainees 1000");
    let (mut stated, mut unrealistic, mut confirmed) = (0, 0, 0);
    for (_, fact) in parcours(&service).flat_map(facts) {
        match fact {
            Fact::ProjectStated(project) => {
                stated += 1;
                unrealistic += u32::from(!project.realistic_for_person);
            }
            Fact::ProjectConfirmed(project) => {
                assert!(
                    project.realistic_for_person && project.realistic_for_territory,
                    "{project:?}"
                );
                confirmed += 1;
            }
            _ => {}
        }
    }
    assert!(
        confirmed > stated / 3 && confirmed < stated && unrealistic > 0,
        "{confirmed} of {stated}"
    );
}
