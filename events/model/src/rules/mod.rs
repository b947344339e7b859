//! What streams obey. Rules are data over pure functions: each has a code, a sentence in English and French,
//! and a check that reads the effective history and says which facts break it.
//!
//! An event is accepted if and only if the whole effective history with it breaks no rule that the history without it
//! did not break already. So a late fact takes its place in time, a correction that would make a later fact impossible
//! is refused, and a history recorded before a rule existed still takes what makes it no worse.

mod admission;
mod admit;
mod agreed;
mod agreement;
mod aid;
mod bilan;
mod budget;
mod call;
mod ceiling;
mod certification;
mod clock;
mod commitment;
mod committee;
mod community;
mod effects;
mod envelope;
mod erasure;
mod exit;
mod gathered;
mod immersion;
mod instant;
mod limit;
mod membership;
mod need;
mod occupancy;
mod offer;
mod operator;
mod orientation;
mod outcome;
mod person;
pub mod places;
mod plausible;
mod profile;
mod referent;
mod refusal;
mod request;
mod review;
mod session;
mod start;
mod steps;
mod trainee;
mod training;
mod trial;
mod withdrawal;

pub use admit::{Knowledge, Refused, Verdict, admit, in_order};
pub use ceiling::Ceiling;
pub use effects::{is_consequence, source_of_consequences};
pub use gathered::Gathered;
pub use refusal::{Breach, Clause, Refusal};

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
    /// Reads an effective history in order; says which facts break the rule, as if each stood all the same.
    /// Rules that look beyond one history (the clock, the trainee's erasure, amendments) hold here and are checked on admission.
    pub check: fn(&[Effective<'_>]) -> Vec<Breach>,
}

/// A rule which one history cannot show broken: it is checked when an event is admitted.
fn beyond_one_history(_: &[Effective<'_>]) -> Vec<Breach> {
    Vec::new()
}

/// The rules of a kind of stream, in the order in which they are checked.
pub fn of(kind: StreamKind) -> &'static [&'static Rule] {
    match kind {
        StreamKind::Parcours => &[
            &orientation::ORIENTATION_FIRST,
            &admission::ELIGIBILITY_BEFORE_ADMISSION,
            &admission::WAITS_ELSEWHERE,
            &admission::OFFERED_TO_WHO_WAITS,
            &commitment::COMMITMENT_BEFORE_START,
            &commitment::COMMITMENT_BEFORE_PAY,
            &referent::REFERENT_BEFORE_START,
            &referent::ONE_REFERENT,
            &instant::ONE_AT_AN_INSTANT,
            &start::START_ONCE,
            &training::IN_TRAINING,
            &withdrawal::WITHDRAWN_BEFORE_START,
            &bilan::BILAN_BEFORE_IMMERSION,
            &bilan::BILAN_BEFORE_COMPLETION,
            &immersion::IMMERSION_IN_ORDER,
            &certification::CERTIFICATION_IN_ORDER,
            &exit::EXIT_ONCE,
            &outcome::OUTCOME_AFTER_START,
            &review::REVIEW_AFTER_EXIT,
            &profile::CONSENT_BEFORE_PROFILE,
            &aid::AID_WITHIN_ENVELOPE,
            &agreed::UNDER_CONVENTION,
            &plausible::PLAUSIBLE,
            &erasure::ERASED,
            &clock::NOT_IN_THE_FUTURE,
            &refusal::AMENDS_A_FACT,
        ],
        StreamKind::Trainee => &[
            &trainee::REGISTERED_FIRST,
            &trainee::NOTHING_AFTER_ERASURE,
            &person::MERGED_ONCE,
            &person::ONE_PARCOURS,
            &person::TRAINING_BY_PARCOURS,
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
            &session::LINKED_BY_CAUSE,
            &clock::NOT_IN_THE_FUTURE,
        ],
        StreamKind::Session => &[
            &session::OPENED_FIRST,
            &session::PLACE_AVAILABLE,
            &session::NOT_CANCELLED,
            &session::PLACE_BY_ADMISSION,
            &session::LINKED_BY_CAUSE,
            &clock::NOT_IN_THE_FUTURE,
        ],
        StreamKind::Request => &[&request::REQUEST_IN_ORDER, &clock::NOT_IN_THE_FUTURE],
        StreamKind::Need => &[&need::NEED_IN_ORDER, &clock::NOT_IN_THE_FUTURE],
        StreamKind::Convention => &[&agreement::CONVENTION_IN_ORDER, &clock::NOT_IN_THE_FUTURE],
        StreamKind::Branch => &[&agreement::AGREEMENT_IN_ORDER, &clock::NOT_IN_THE_FUTURE],
        StreamKind::Call => &[
            &call::CALL_IN_ORDER,
            &call::CALL_WITHIN_ENVELOPE,
            &clock::NOT_IN_THE_FUTURE,
        ],
        StreamKind::Community => &[
            &community::CREATED_FIRST,
            &community::MEMBERS_IN_ORDER,
            &community::CONSENT_BEFORE_COMMUNITY,
            &clock::NOT_IN_THE_FUTURE,
        ],
        StreamKind::Committee => &[&committee::COMMITTEE_IN_ORDER, &clock::NOT_IN_THE_FUTURE],
        StreamKind::Envelope => &[
            &envelope::WITHIN_ENVELOPE,
            &envelope::OF_ITS_YEAR,
            &envelope::RESERVED_BY_GRANT,
            &clock::NOT_IN_THE_FUTURE,
        ],
    }
}

/// Checks every rule of the stream's kind over the whole effective history: all that breaks one, rule by rule.
/// Complexity: linear in the facts of the stream, for each rule.
pub fn check(history: &History) -> Vec<(&'static Rule, Breach)> {
    let facts: Vec<Effective<'_>> = history.effective().collect();
    let broken = |rule: &&'static Rule| {
        let rule = *rule;
        (rule.check)(&facts).into_iter().map(move |breach| (rule, breach))
    };
    of(history.stream().kind).iter().flat_map(broken).collect()
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

/// What `needs` something comes after the first fact that `is` it.
fn before(
    facts: &[Effective<'_>],
    is: fn(&parcours::Fact) -> bool,
    needs: fn(&parcours::Fact) -> bool,
) -> Vec<Breach> {
    let first = journey(facts).find(|(_, fact)| is(fact)).map(|(first, _)| first);
    journey(facts)
        .take_while(|(index, _)| first.is_none_or(|first| *index < first))
        .filter(|(_, fact)| needs(fact))
        .map(|(fact, _)| Breach::with(fact, first))
        .collect()
}

/// A stream begins with a fact that `is` its beginning, and has only one: what comes `before` it is told by one clause, what
/// begins it `again` by the other.
fn begins_with(
    facts: &[Effective<'_>],
    is: fn(&Fact) -> bool,
    before: &'static Clause,
    again: &'static Clause,
) -> Vec<Breach> {
    let first = facts.iter().position(|fact| is(fact.fact));
    let broken = |index: usize| match first {
        Some(first) if index < first => Some(before),
        Some(first) => (index > first && is(facts[index].fact)).then_some(again),
        None => Some(before),
    };
    (0..facts.len())
        .filter_map(|fact| Some(Breach::with(fact, first).of(broken(fact)?)))
        .collect()
}

/// Nothing comes after the first fact that `is` the end of a stream: another such fact is told by the clause `again`, anything
/// else by `after`.
fn nothing_after(
    facts: &[Effective<'_>],
    is: fn(&Fact) -> bool,
    again: &'static Clause,
    after: &'static Clause,
) -> Vec<Breach> {
    let Some(end) = facts.iter().position(|fact| is(fact.fact)) else {
        return Vec::new();
    };
    let clause = |index: usize| if is(facts[index].fact) { again } else { after };
    (end + 1..facts.len())
        .map(|index| Breach::between(index, end).of(clause(index)))
        .collect()
}

/// Of the facts that `is` picks out, no two share an instant.
fn alone_at_its_instant(facts: &[Effective<'_>], is: fn(&parcours::Fact) -> bool) -> Vec<Breach> {
    let (mut breaches, mut last) = (Vec::new(), None::<usize>);
    for (index, _) in journey(facts).filter(|(_, fact)| is(fact)) {
        if let Some(last) = last.filter(|last| facts[*last].time == facts[index].time) {
            breaches.push(Breach::between(index, last));
        }
        last = Some(index);
    }
    breaches
}
