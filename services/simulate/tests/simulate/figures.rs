//! The figures of PROGRAMME.md, "territorial impact", computed here from the effective histories and nothing else.

use super::service::{Service, settings};
use parcours_model::streams::parcours::{Fact, Scope};
use parcours_model::{Fact as Any, History, StreamKind, calendar};

/// Successes among the matured leavers of a simulation, as of its end.
fn measured(line: &str) -> (usize, f64) {
    let until = settings(line).until;
    let service = Service::trusting(line);
    let outcomes: Vec<bool> = service
        .streams()
        .filter_map(|history| outcome(history, until))
        .collect();
    let successes = outcomes.iter().filter(|success| **success).count();
    (outcomes.len(), successes as f64 / outcomes.len() as f64)
}

/// Whether a matured leaver succeeded; `None` for anybody else.
fn outcome(history: &History, until: chrono::NaiveDate) -> Option<bool> {
    if history.stream().kind != StreamKind::Parcours {
        return None;
    }
    let facts = || {
        history.effective().filter_map(|fact| match fact.fact {
            Any::Parcours(parcours) => Some((calendar::day(fact.time), parcours)),
            _ => None,
        })
    };
    let start = facts().find_map(|(day, fact)| matches!(fact, Fact::Started(_)).then_some(day))?;
    let exit = facts().find_map(|(day, fact)| match fact {
        Fact::Exited(exit) if !exit.reason.is_neutral() => Some(day),
        _ => None,
    })?;
    let last = calendar::months_later(exit, 6);
    let success = facts().any(|(day, fact)| {
        let counts = match fact {
            Fact::CertificationObtained(certification) => certification.scope == Scope::Full,
            Fact::EmploymentStarted(_) | Fact::BusinessCreated(_) => true,
            _ => false,
        };
        counts && start <= day && day <= last
    });
    (last <= until).then_some(success)
}

fn comes_out(line: &str, wanted: f64) {
    let (matured, rate) = measured(line);
    assert!(matured > 500, "{matured} matured");
    assert!((rate - wanted).abs() <= 0.02, "{rate} of {matured}");
}

#[test]
fn the_usual_success_rate_is_the_one_measured() {
    comes_out("--trainees 3000 --seed 1", 0.72);
}

#[test]
fn a_low_success_rate_that_is_asked_for_is_the_one_measured() {
    comes_out("--trainees 3000 --seed 2 --success-rate 0.5", 0.5);
}

#[test]
fn a_high_success_rate_that_is_asked_for_is_the_one_measured() {
    comes_out("--trainees 3000 --seed 3 --success-rate 0.95", 0.95);
}

#[test]
fn six_in_ten_have_at_most_the_baccalaureat() {
    let service = Service::trusting("--trainees 2000");
    let mut levels = Vec::new();
    for fact in service.streams().flat_map(History::effective) {
        if let Any::Parcours(Fact::Oriented(oriented)) = fact.fact {
            levels.push(oriented.level.get());
        }
    }
    let low = levels.iter().filter(|level| **level <= 4).count() as f64 / levels.len() as f64;
    assert!((low - 0.61).abs() < 0.03, "{low}");
}
