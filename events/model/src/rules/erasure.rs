//! Nothing is recorded of a trainee who was erased, and no parcours goes to or from such a person.

use super::{Clause, Refusal, Rule, beyond_one_history};
use crate::event::EventKey;
use crate::history::History;
use crate::stream::StreamId;
use crate::streams::{Fact, StreamKind, parcours, trainee};
use chrono::{DateTime, Utc};

pub(super) const ERASED: Rule = Rule {
    code: "erased",
    english: "Nothing happens in a parcours after its trainee's erasure, and a parcours neither passes to somebody erased nor from them to somebody else",
    french: "Rien n'advient dans un parcours après l'effacement de son stagiaire, et un parcours ne passe ni à une personne effacée ni d'elle à une autre",
    check: beyond_one_history,
};

pub(super) const AFTER: Clause = [
    "Nothing happens in a parcours after its trainee's erasure",
    "Rien n'advient dans un parcours après l'effacement de son stagiaire",
];
pub(super) const PASSED_ON: Clause = [
    "A parcours neither passes to somebody erased nor from them to somebody else",
    "Un parcours ne passe ni à une personne effacée ni d'elle à une autre",
];
pub(super) const MERGED: Clause = [
    "Nobody who is erased is merged with anybody",
    "Une personne effacée n'est fusionnée avec personne",
];
pub(super) const CARRIED: Clause = [
    "Nothing carries a fact behind its trainee's erasure",
    "Rien ne porte un fait au-delà de l'effacement de son stagiaire",
];

/// The erasure of a trainee: when, and the event that states it.
#[derive(Clone, Debug)]
pub(super) struct Erasure {
    pub time: DateTime<Utc>,
    pub key: EventKey,
}

/// The stream of the trainee whose parcours this is, as the orientation says.
pub(super) fn trainee_of(history: &History) -> Option<StreamId> {
    history.effective().find_map(|fact| match fact.fact {
        Fact::Parcours(parcours::Fact::Oriented(oriented)) => {
            Some(StreamId::new(StreamKind::Trainee, oriented.trainee))
        }
        _ => None,
    })
}

/// The erasure of the trainee whose stream this is, the first if there are several.
pub(super) fn of(trainee: &History) -> Option<Erasure> {
    trainee
        .effective()
        .find(|fact| matches!(fact.fact, Fact::Trainee(trainee::Fact::Erased(_))))
        .map(|fact| Erasure {
            time: fact.time,
            key: fact.key().clone(),
        })
}

/// The facts of a parcours dated at or after an erasure.
pub(super) fn behind<'a>(history: &'a History, erasure: &Erasure) -> impl Iterator<Item = &'a EventKey> {
    let time = erasure.time;
    let facts = history.effective().filter(move |fact| fact.time >= time);
    facts.map(|fact| &fact.record.event.key)
}

pub(super) fn refusal(erasure: &Erasure, clause: &Clause) -> Refusal {
    Refusal::by_clause(&ERASED, clause).against(&erasure.key)
}
