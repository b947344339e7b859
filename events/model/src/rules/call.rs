//! A call for proposals: opened, answered in time, and what is selected stays within its money (R15).

use super::{Breach, Clause, Rule, begins_with, nothing_after};
use crate::calendar;
use crate::history::Effective;
use crate::streams::{Fact, call};

pub(super) const CALL_IN_ORDER: Rule = Rule {
    code: "call-in-order",
    english: "A call is opened once, before anything else; proposals are submitted until its last day, a proposal that was submitted is selected once, and nothing follows its closing",
    french: "Un appel est ouvert une seule fois, avant toute autre chose ; les projets sont déposés jusqu'à son dernier jour, un projet déposé est retenu une seule fois, et rien ne suit sa clôture",
    check,
};

const BEFORE: Clause = [
    "A call is opened before anything else happens to it",
    "Un appel est ouvert avant que rien d'autre ne lui arrive",
];
const ONCE: Clause = ["A call is opened once", "Un appel est ouvert une seule fois"];
const CLOSED: Clause = [
    "Nothing follows the closing of a call",
    "Rien ne suit la clôture d'un appel",
];
const IN_TIME: Clause = [
    "A proposal is submitted by the last day of the call",
    "Un projet est déposé au plus tard le dernier jour de l'appel",
];
const NAMED_ONCE: Clause = [
    "Two proposals of a call have two names",
    "Deux projets d'un appel portent deux noms",
];
const SUBMITTED: Clause = [
    "What is selected is one proposal that was submitted before: by its name, or by its operator who made only one",
    "Ce qui est retenu est un projet déposé auparavant : par son nom, ou par son organisme s'il n'en a déposé qu'un",
];
const SELECTED_ONCE: Clause = [
    "A proposal is selected once",
    "Un projet est retenu une seule fois",
];

pub(super) const CALL_WITHIN_ENVELOPE: Rule = Rule {
    code: "call-within-envelope",
    english: "What is selected of a call never costs more than there is for it",
    french: "Ce qui est retenu d'un appel ne coûte jamais plus que son enveloppe",
    check: costs,
};

/// A proposal, where it was submitted, and where it was selected.
struct Submitted<'a> {
    index: usize,
    proposal: &'a call::Proposal,
    selected: Option<usize>,
}

fn check(facts: &[Effective<'_>]) -> Vec<Breach> {
    let opened = |fact: &Fact| matches!(fact, Fact::Call(call::Fact::Opened(_)));
    let closed = |fact: &Fact| matches!(fact, Fact::Call(call::Fact::Closed(_)));
    let mut breaches = begins_with(facts, opened, &BEFORE, &ONCE);
    breaches.extend(nothing_after(facts, closed, &CLOSED, &CLOSED));
    walk(facts, |breach| breaches.push(breach), |_, _| ());
    breaches
}

fn costs(facts: &[Effective<'_>]) -> Vec<Breach> {
    let (mut breaches, mut opening, mut left) = (Vec::new(), None, 0);
    for (index, fact) in facts.iter().enumerate() {
        if let Fact::Call(call::Fact::Opened(opened)) = fact.fact {
            (opening, left) = (Some(index), opened.envelope_cents.get());
            break;
        }
    }
    walk(
        facts,
        |_| (),
        |index, proposal| match left.checked_sub(proposal.cents.get()) {
            Some(rest) => left = rest,
            None => breaches.push(Breach::with(index, opening)),
        },
    );
    breaches
}

/// Goes through the proposals: tells what is out of order, and each selection with what it selects.
fn walk<'a>(
    facts: &'a [Effective<'a>],
    mut broken: impl FnMut(Breach),
    mut selection: impl FnMut(usize, &'a call::Proposal),
) {
    let (mut opening, mut submitted) = (None, Vec::<Submitted<'a>>::new());
    for (index, fact) in facts.iter().enumerate() {
        match fact.fact {
            Fact::Call(call::Fact::Opened(opened)) => opening = opening.or(Some((index, opened.until))),
            Fact::Call(call::Fact::ProposalSubmitted(proposal)) => {
                if let Some((opening, _)) = opening.filter(|(_, until)| calendar::day(fact.time) > *until) {
                    broken(Breach::between(index, opening).of(&IN_TIME));
                }
                let same = |other: &&Submitted<'_>| {
                    proposal.proposal.is_some() && other.proposal.proposal == proposal.proposal
                };
                if let Some(other) = submitted.iter().find(same) {
                    broken(Breach::between(index, other.index).of(&NAMED_ONCE));
                }
                submitted.push(Submitted {
                    index,
                    proposal,
                    selected: None,
                });
            }
            Fact::Call(call::Fact::ProposalSelected(selected)) => {
                let meant = |other: &&mut Submitted<'_>| match selected.proposal {
                    Some(name) => other.proposal.proposal == Some(name),
                    None => Some(other.proposal.operator) == selected.operator,
                };
                let mut meant: Vec<_> = submitted.iter_mut().filter(meant).collect();
                match meant.as_mut_slice() {
                    [one] => match one.selected.replace(index) {
                        Some(earlier) => broken(Breach::between(index, earlier).of(&SELECTED_ONCE)),
                        None => selection(index, one.proposal),
                    },
                    _ => broken(Breach::at(index).of(&SUBMITTED)),
                }
            }
            _ => {}
        }
    }
}
