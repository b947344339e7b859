//! What streams obey. Rules are data over pure functions: each has a code, a sentence in English and French,
//! and a check that reads the effective history and says which fact breaks it.
//!
//! An event is accepted if and only if the whole effective history with it obeys every rule, so a late fact takes
//! its place in time, and a correction that would make a later fact impossible is refused.

mod admission;
mod admit;
mod aid;
mod bilan;
mod certification;
mod clock;
mod commitment;
mod erasure;
mod exit;
mod immersion;
mod offer;
mod operator;
mod orientation;
mod outcome;
pub mod places;
mod profile;
mod referent;
mod refusal;
mod review;
mod session;
mod start;
mod trainee;
mod training;

pub use admit::{Histories, Verdict, admit};
pub use refusal::{Breach, Refusal};

use crate::history::{Effective, History};
use crate::streams::{Fact, StreamKind, parcours};

/// A rule, as its code, its sentences and its check.
#[derive(Debug)]
pub struct Rule {
    /// A stable word for programs.
    pub code: &'static str,
    /// The rule in English.
    pub english: &'static str,
    /// The rule in French.
    pub french: &'static str,
    /// Reads an effective history in order; says which fact breaks the rule.
    /// Rules that look beyond one history (the clock, the trainee's erasure, amendments) hold here and are checked on admission.
    pub check: fn(&[Effective<'_>]) -> Result<(), Breach>,
}

/// A rule which one history cannot show broken: it is checked when an event is admitted.
fn beyond_one_history(_: &[Effective<'_>]) -> Result<(), Breach> {
    Ok(())
}

/// The rules of a kind of stream, in the order in which they are checked.
pub fn of(kind: StreamKind) -> &'static [&'static Rule] {
    match kind {
        StreamKind::Parcours => &[
            &orientation::ORIENTATION_FIRST,
            &admission::ELIGIBILITY_BEFORE_ADMISSION,
            &commitment::COMMITMENT_BEFORE_START,
            &commitment::COMMITMENT_BEFORE_PAY,
            &referent::REFERENT_BEFORE_START,
            &referent::ONE_REFERENT,
            &start::START_ONCE,
            &training::IN_TRAINING,
            &bilan::BILAN_BEFORE_IMMERSION,
            &bilan::BILAN_BEFORE_COMPLETION,
            &immersion::IMMERSION_IN_ORDER,
            &certification::CERTIFICATION_IN_ORDER,
            &exit::EXIT_ONCE,
            &outcome::OUTCOME_AFTER_START,
            &review::REVIEW_AFTER_EXIT,
            &profile::CONSENT_BEFORE_PROFILE,
            &aid::AID_WITHIN_ENVELOPE,
            &erasure::ERASED,
            &clock::NOT_IN_THE_FUTURE,
            &refusal::AMENDS_A_FACT,
        ],
        StreamKind::Trainee => &[
            &trainee::REGISTERED_FIRST,
            &trainee::NOTHING_AFTER_ERASURE,
            &clock::NOT_IN_THE_FUTURE,
        ],
        StreamKind::Operator => &[
            &operator::REGISTERED_FIRST,
            &operator::CONTRACT_IN_ORDER,
            &clock::NOT_IN_THE_FUTURE,
        ],
        StreamKind::Offer => &[
            &offer::PUBLISHED_FIRST,
            &offer::NOTHING_AFTER_WITHDRAWAL,
            &clock::NOT_IN_THE_FUTURE,
        ],
        StreamKind::Session => &[
            &session::OPENED_FIRST,
            &session::PLACE_AVAILABLE,
            &session::NOT_CANCELLED,
            &session::PLACE_BY_ADMISSION,
            &clock::NOT_IN_THE_FUTURE,
        ],
    }
}

/// Checks every rule of the stream's kind over the whole effective history.
/// Complexity: linear in the facts of the stream, for each rule.
pub fn check(history: &History) -> Result<(), (&'static Rule, Breach)> {
    let facts: Vec<Effective<'_>> = history.effective().collect();
    of(history.stream().kind)
        .iter()
        .try_for_each(|rule| (rule.check)(&facts).map_err(|breach| (*rule, breach)))
}

/// The facts of a parcours with their indexes.
fn journey<'a>(facts: &'a [Effective<'a>]) -> impl DoubleEndedIterator<Item = (usize, &'a parcours::Fact)> {
    facts
        .iter()
        .enumerate()
        .filter_map(|(index, fact)| match fact.fact {
            Fact::Parcours(parcours) => Some((index, parcours)),
            _ => None,
        })
}
