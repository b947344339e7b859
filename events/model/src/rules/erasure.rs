//! Nothing is recorded of a trainee who was erased.

use super::{Refusal, Rule, beyond_one_history};
use crate::event::Event;
use crate::history::History;
use crate::stream::StreamId;
use crate::streams::{Fact, StreamKind, parcours, trainee};

pub(super) const ERASED: Rule = Rule {
    code: "erased",
    english: "Nothing happens in a parcours after its trainee's erasure",
    french: "Rien n'advient dans un parcours après l'effacement de son stagiaire",
    check: beyond_one_history,
};

/// The stream of the trainee whose parcours this is, as the orientation says.
pub(super) fn trainee_of(history: &History) -> Option<StreamId> {
    history.effective().find_map(|fact| match fact.fact {
        Fact::Parcours(parcours::Fact::Oriented(oriented)) => {
            Some(StreamId::new(StreamKind::Trainee, oriented.trainee))
        }
        _ => None,
    })
}

/// Refuses an event of a parcours dated after the erasure of its trainee.
pub(super) fn check(trainee: &History, event: &Event) -> Result<(), Refusal> {
    let erasure = trainee
        .effective()
        .find(|fact| matches!(fact.fact, Fact::Trainee(trainee::Fact::Erased(_))));
    match erasure {
        Some(erasure) if event.time >= erasure.time => Err(Refusal::by(&ERASED).against(erasure.key())),
        _ => Ok(()),
    }
}
