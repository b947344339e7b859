//! What each stream brings to the catalogue.

use super::listing::ahead;
use super::{AHEAD, OFFER, OPERATOR, RESULT, TURN, WAITING, text};
use crate::success::{self, Leaving};
use crate::territory::days;
use crate::{Indigestible, Output, Value};
use parcours_model::codes::Level;
use parcours_model::rules::places::{self, Wait};
use parcours_model::streams::parcours::{self, ReviewSubmitted, Scope};
use parcours_model::streams::{offer, operator};
use parcours_model::{Effective, Fact, History, StreamKind, calendar};
use std::collections::BTreeSet;
use std::fmt::Write;
use uuid::Uuid;

pub(super) fn fold(history: &History) -> Result<Output, Indigestible> {
    let mut output = Output::default();
    match history.stream().kind {
        StreamKind::Offer => offer_row(history, &mut output),
        StreamKind::Operator => operator_row(history, &mut output),
        StreamKind::Parcours => parcours_tallies(history, &mut output),
        // Sessions are folded record by record: see `listing`.
        _ => {}
    }
    Ok(output)
}

fn key(history: &History) -> Vec<Value> {
    vec![Value::from(history.stream().uuid.to_string())]
}

fn offer_row(history: &History, output: &mut Output) {
    let (mut current, mut withdrawn) = (None, false);
    for fact in history.effective() {
        match fact.fact {
            Fact::Offer(offer::Fact::Published(offer) | offer::Fact::Revised(offer)) => current = Some(offer),
            Fact::Offer(offer::Fact::Withdrawn(_)) => withdrawn = true,
            _ => {}
        }
    }
    let Some(offer) = current else { return };
    let values = vec![
        Value::from(offer.operator.to_string()),
        Value::from(shown(&offer.title)),
        Value::from(shown(&offer.objective)),
        Value::from(spaced(&offer.rome)),
        Value::from(offer.rncp.map(|rncp| rncp.to_string())),
        Value::from(offer.rs.map(|rs| rs.to_string())),
        Value::from(spaced(&offer.formacode)),
        Value::Boolean(offer.certifying),
        Value::from(offer.aim.map(aim)),
        Value::from(offer.level.map(Level::get)),
        Value::from(offer.entry_level.map(Level::get)),
        Value::from(offer.minutes.get()),
        Value::from(match offer.mode {
            parcours::Mode::OnSite => "on_site",
            parcours::Mode::Remote => "remote",
            parcours::Mode::Mixed => "mixed",
        }),
        Value::Boolean(withdrawn),
        Value::from(text::words(&shown(&format!(
            "{} {}",
            offer.title, offer.objective
        )))),
    ];
    output.row(OFFER, key(history), values);
}

fn aim(aim: offer::Aim) -> &'static str {
    match aim {
        offer::Aim::Certification => "certification",
        offer::Aim::Professionalisation => "professionalisation",
        offer::Aim::Preparation => "preparation",
        offer::Aim::Refresher => "refresher",
        offer::Aim::Mobilisation => "mobilisation",
        offer::Aim::Improvement => "improvement",
        offer::Aim::BusinessCreation => "business_creation",
    }
}

/// A text as a column can hold it: entries of before texts were judged may have NUL characters.
fn shown(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn spaced(codes: &[impl std::fmt::Display]) -> String {
    codes.iter().fold(String::from(" "), |mut spaced, code| {
        write!(spaced, "{code} ").expect("writing to a string succeeds");
        spaced
    })
}

fn operator_row(history: &History, output: &mut Output) {
    let registered = history.effective().filter_map(|fact| match fact.fact {
        Fact::Operator(operator::Fact::Registered(registered)) => Some((fact.time, registered)),
        _ => None,
    });
    let Some((time, operator)) = registered.last() else {
        return;
    };
    let values = vec![
        Value::from(operator.siret.to_string()),
        Value::from(shown(&operator.name)),
        Value::from(operator.commune.current_on(calendar::day(time)).as_str()),
        Value::from(operator.qualiopi_until.map(days)),
    ];
    output.row(OPERATOR, key(history), values);
}

/// Who waits for which session, and what became of those who were trained in one.
fn parcours_tallies(history: &History, output: &mut Output) {
    let facts: Vec<Effective<'_>> = history.effective().collect();
    let mut waits: Vec<Wait> = Vec::new();
    let (mut trained_in, mut review, mut presented): (Option<Uuid>, Option<&ReviewSubmitted>, bool) =
        (None, None, false);
    for fact in &facts {
        let Fact::Parcours(told) = fact.fact else { continue };
        let before = is_ahead(fact).then(|| sessions(&waits));
        places::wait(&mut waits, fact);
        match told {
            parcours::Fact::Admitted(admitted) => trained_in = admitted.session,
            parcours::Fact::Declined(placement) | parcours::Fact::Withdrawn(placement) => {
                let session = placement.session;
                trained_in = trained_in.filter(|held| session.is_some_and(|session| session != *held));
            }
            parcours::Fact::CertificationObtained(certification)
            | parcours::Fact::CertificationFailed(certification) => {
                presented |= certification.scope == Scope::Full;
            }
            parcours::Fact::ReviewSubmitted(submitted) => review = Some(submitted),
            _ => {}
        }
        let after = sessions(&waits);
        for session in before.iter().flat_map(|before| before ^ &after) {
            let step = if after.contains(&session) { 1 } else { -1 };
            output.tally(AHEAD, ahead(&session.to_string(), fact.time), [0, step]);
        }
    }
    for wait in waits {
        let session = Value::from(wait.session.to_string());
        output.tally(WAITING, vec![session.clone()], [1]);
        let since = Value::Integer(wait.since.timestamp_micros());
        let parcours = Value::from(history.stream().uuid.to_string());
        output.row(
            TURN,
            vec![session, since, parcours],
            vec![Value::from(wait.offered.map(days))],
        );
    }
    if let (Some(session), Some(leaving)) = (trained_in, success::leaving(&facts)) {
        let key = vec![
            Value::from(session.to_string()),
            Value::Integer(days(leaving.day)),
        ];
        output.tally(RESULT, key, result(&leaving, presented, review));
    }
}

fn sessions(waits: &[Wait]) -> BTreeSet<Uuid> {
    waits.iter().map(|wait| wait.session).collect()
}

/// Whether the fact was known before its time.
fn is_ahead(fact: &Effective<'_>) -> bool {
    fact.time > fact.correction.unwrap_or(fact.record).recorded
}

fn result(leaving: &Leaving, presented: bool, review: Option<&ReviewSubmitted>) -> [i64; 11] {
    let counted = |truth: bool| i64::from(truth && !leaving.neutral);
    let mut sums = [0; 11];
    sums[0] = counted(true);
    sums[1] = counted(presented || leaving.certified);
    sums[2] = counted(leaving.certified);
    sums[3] = counted(leaving.employed);
    if let Some(review) = review {
        let scores = [
            review.welcome,
            review.content,
            review.team,
            review.means,
            review.support,
            review.overall,
        ];
        sums[4] = 1;
        for (sum, score) in sums[5..].iter_mut().zip(scores) {
            *sum = score.get().into();
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::Story;
    use serde_json::json;

    fn results(story: &Story) -> Vec<i64> {
        let tallies = fold(&story.0).unwrap().tallies;
        tallies
            .into_iter()
            .find(|(table, ..)| *table == RESULT)
            .map(|(_, _, sums)| sums)
            .unwrap_or_default()
    }

    fn waiting(story: &Story) -> usize {
        fold(&story.0)
            .unwrap()
            .tallies
            .iter()
            .filter(|(table, ..)| *table == WAITING)
            .count()
    }

    #[test]
    fn whoever_is_admitted_waits_no_longer() {
        let wait =
            |story: Story| story.tell("2026-01-08", "waitlisted", json!({"session": Uuid::from_u128(8)}));
        assert_eq!(waiting(&wait(Story::started())), 1);
        let admitted = json!({"operator": "19290076900014", "session": Uuid::from_u128(8)});
        assert_eq!(
            waiting(&wait(Story::started()).tell("2026-01-09", "admitted", admitted)),
            0
        );
        assert_eq!(
            waiting(&wait(Story::started()).tell("2026-01-09", "withdrawn", json!({}))),
            0
        );
        let elsewhere = json!({"session": Uuid::from_u128(77)});
        assert_eq!(
            waiting(&wait(Story::started()).tell("2026-01-09", "declined", elsewhere)),
            1
        );
    }

    #[test]
    fn results_count_who_left_a_session_and_their_last_review() {
        let review = |overall: u8| json!({"welcome": 5, "content": 4, "team": 3, "means": 2, "support": 1, "overall": overall});
        let story = Story::started()
            .certified("2026-05-01")
            .exit("2026-06-30", "completed")
            .employed("2026-08-01");
        let story = story.tell("2026-07-01", "review.submitted", review(1)).tell(
            "2026-07-02",
            "review.submitted",
            review(4),
        );
        assert_eq!(results(&story), [1, 1, 1, 1, 1, 5, 4, 3, 2, 1, 4]);
        let neutral = Story::started()
            .certified("2026-05-01")
            .exit("2026-06-30", "moved_away");
        assert_eq!(results(&neutral)[..4], [0, 0, 0, 0]);
        assert!(results(&Story::started()).is_empty(), "nobody has left");
    }
}
