//! What is said of people fits who they are.

use super::service::{Service, facts, parcours};
use chrono::Datelike;
use parcours_model::History;
use parcours_model::streams::parcours::{Fact, Oriented, Situation};

/// Nothing is late or wrong, so that what is read is what was meant.
const LINE: &str = "--seed 11 --trainees 2000 --late-rate 0 --correction-rate 0";

/// What was stated at the orientation.
fn oriented(service: &Service) -> Vec<(&History, &Oriented)> {
    parcours(service)
        .filter_map(|history| {
            facts(history).find_map(|(_, fact)| match fact {
                Fact::Oriented(oriented) => Some((history, &**oriented)),
                _ => None,
            })
        })
        .collect()
}

#[test]
fn reasons_for_and_against_fit_the_situation_and_the_level() {
    let service = Service::trusting(LINE);
    let (mut fit, mut refused) = (0, 0);
    for (history, oriented) in oriented(&service) {
        let resident = oriented
            .commune
            .record()
            .is_some_and(|commune| commune.region == "28");
        for (_, fact) in facts(history) {
            let reasons = match fact {
                Fact::EligibilityChecked(check) => {
                    *if check.eligible { &mut fit } else { &mut refused } += 1;
                    check.reasons.clone()
                }
                Fact::Declined(placement) => placement.reason.iter().cloned().collect(),
                _ => continue,
            };
            for reason in reasons {
                let told = reason.as_str();
                let possible = match oriented.situation {
                    _ if told.contains("hors de la région") => !resident,
                    _ if told.contains("de base") => oriented.level.get() <= 4,
                    _ if told.contains("temps plein") => false,
                    Situation::RegisteredJobSeeker => {
                        !told.contains("sans inscription") && !told.contains("partiel")
                    }
                    Situation::UnregisteredJobSeeker => {
                        !told.starts_with("Inscription") && !told.contains("partiel")
                    }
                    Situation::WithoutJob => !told.contains("France Travail") && !told.contains("partiel"),
                    Situation::PartTime => {
                        !told.contains("France Travail") && !told.starts_with("Sans emploi")
                    }
                };
                assert!(possible, "{told}, of {oriented:?}");
            }
        }
    }
    assert!(fit > 1_500 && refused > 50, "{fit} fit, {refused} refused");
}

#[test]
fn only_those_who_work_train_beside_a_job() {
    let service = Service::trusting(LINE);
    let mut beside = 0;
    for (history, oriented) in oriented(&service) {
        for (_, fact) in facts(history) {
            let Fact::PlanAgreed(plan) = fact else { continue };
            assert_eq!(
                plan.alongside_job,
                oriented.situation == Situation::PartTime,
                "{plan:?} of {oriented:?}"
            );
            beside += u32::from(plan.alongside_job);
        }
    }
    assert!(beside > 30, "{beside}");
}

#[test]
fn a_higher_diploma_takes_years() {
    let service = Service::trusting(LINE);
    let mut graduates = 0;
    for (history, oriented) in oriented(&service) {
        let (Some(born), Some((day, _))) = (oriented.birth_year, facts(history).next()) else {
            continue;
        };
        let age = day.year() - i32::from(born.get());
        let least = match oriented.level.get() {
            5 => 20,
            6 => 21,
            7 => 23,
            8 => 26,
            _ => 18,
        };
        assert!(age >= least, "{age} years old: {oriented:?}");
        graduates += u32::from(oriented.level.get() >= 6);
    }
    assert!(graduates > 200, "{graduates}");
}
