//! Which messages a reader may hear, and wants to.

use std::collections::BTreeSet;

use parcours_model::TerritoryCode;
use parcours_model::codes::Siret;
use parcours_model::geography::CommuneRecord;

use super::{OutcomeKind, OutcomeRow};

/// A choice of messages. Notices to forget pass every choice but that of territories and operator, whoever asks for
/// what kinds: nobody may keep what they were told because they listen to something else now.
///
/// A commune that today's geography does not know lies in no territory: what happens there is told to nobody. A notice
/// to forget whoever lives there is told to all, since nobody knows any more who has heard of them.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Filter {
    /// Whether messages about people are among them; otherwise only the public ones.
    pub people: bool,
    /// These kinds; all when left out.
    pub kinds: Option<BTreeSet<OutcomeKind>>,
    /// For each of these lists, in one of its territories: what somebody may hear, and what they ask for.
    pub territories: Vec<Vec<TerritoryCode>>,
    /// Of this operator. The public messages bear none.
    pub operator: Option<Siret>,
}

impl Filter {
    /// All that is public.
    pub fn public() -> Self {
        Self::default()
    }

    /// Everything.
    pub fn all() -> Self {
        Self {
            people: true,
            ..Self::default()
        }
    }

    /// The kinds that may come.
    pub fn kinds(&self) -> BTreeSet<OutcomeKind> {
        let wanted = |kind: &OutcomeKind| match kind {
            OutcomeKind::Forget => self.people,
            kind => {
                (self.people || *kind == OutcomeKind::Place)
                    && self.kinds.as_ref().is_none_or(|kinds| kinds.contains(kind))
            }
        };
        OutcomeKind::ALL.into_iter().filter(wanted).collect()
    }

    /// Whether this message is among those chosen: in memory what [`after`](super::query::after) asks of the database.
    pub fn admits(&self, message: &OutcomeRow) -> bool {
        let wanted = match message.kind {
            OutcomeKind::Forget => self.people,
            OutcomeKind::Place => true,
            _ => self.people,
        };
        let kind = message.kind == OutcomeKind::Forget
            || self
                .kinds
                .as_ref()
                .is_none_or(|kinds| kinds.contains(&message.kind));
        if !wanted || !kind {
            return false;
        }
        let Some(commune) = message.commune else {
            return true;
        };
        let Some(place) = commune.record() else {
            return message.kind == OutcomeKind::Forget;
        };
        let operator = self
            .operator
            .is_none_or(|operator| message.operator == Some(operator));
        operator && self.territories.iter().all(|among| lies_in(place, among))
    }
}

fn lies_in(place: &CommuneRecord, among: &[TerritoryCode]) -> bool {
    among
        .iter()
        .any(|territory| place.code_at(territory.level) == Some(territory.code()))
}
