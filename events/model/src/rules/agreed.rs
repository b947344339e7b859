//! What is done under a convention is done while it is in force, by whom it is with, in a role that it has (R16).

use super::{Refusal, Rule, beyond_one_history};
use crate::calendar;
use crate::codes::Siret;
use crate::event::EventKey;
use crate::history::History;
use crate::stream::StreamId;
use crate::streams::{Fact, StreamKind, convention, parcours};
use chrono::{DateTime, Utc};

pub(super) const UNDER_CONVENTION: Rule = Rule {
    code: "under-convention",
    english: "What is done under a convention is done between its first and its last day, before it ended, by its partner, in a role that it has",
    french: "Ce qui est fait au titre d'une convention l'est entre son premier et son dernier jour, avant sa fin, par son partenaire, dans un rôle qu'elle prévoit",
    check: beyond_one_history,
};

/// Something that a parcours says was done under a convention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Agreed {
    /// The event that states it.
    pub key: EventKey,
    /// The correction that stands on it.
    pub correction: Option<EventKey>,
    pub convention: StreamId,
    time: DateTime<Utc>,
    role: convention::Role,
    by: Option<Siret>,
}

impl Agreed {
    /// Whether both say the same of the same event.
    pub fn is_unchanged(&self, other: &Agreed) -> bool {
        let said = |agreed: &Agreed| {
            (
                agreed.key.clone(),
                agreed.convention,
                agreed.time,
                agreed.role,
                agreed.by,
            )
        };
        said(self) == said(other)
    }
}

/// Whether an event of a parcours can say that anything was: most cannot, and need no comparison.
pub(super) fn matters(fact: &Fact) -> bool {
    use parcours::Fact as P;
    matches!(
        fact,
        Fact::Parcours(P::Oriented(_) | P::PartnerReported(_) | P::Corrected(_) | P::Annulled(_))
    )
}

/// All that a parcours says was done under conventions.
pub(super) fn of(history: &History) -> Vec<Agreed> {
    let agreed = history.effective().filter_map(|fact| {
        let (convention, role, by) = match fact.fact {
            Fact::Parcours(parcours::Fact::Oriented(oriented)) => (
                oriented.convention?,
                convention::Role::Orient,
                oriented.prescriber,
            ),
            Fact::Parcours(parcours::Fact::PartnerReported(reported)) => (
                reported.convention?,
                convention::Role::Accompany,
                Some(reported.partner),
            ),
            _ => return None,
        };
        Some(Agreed {
            key: fact.key().clone(),
            correction: fact.correction.map(|by| by.event.key.clone()),
            convention: StreamId::new(StreamKind::Convention, convention),
            time: fact.time,
            role,
            by,
        })
    });
    agreed.collect()
}

/// Why it cannot be done under its convention, whose history this is, if it cannot.
pub(super) fn refusal(agreed: &Agreed, convention: &History) -> Option<Refusal> {
    let by = || Refusal::by(&UNDER_CONVENTION).field("data.convention");
    let signed = convention.effective().find_map(|fact| match fact.fact {
        Fact::Convention(convention::Fact::Signed(signed)) => Some((signed, fact.key().clone())),
        _ => None,
    });
    let Some((signed, key)) = signed else {
        let stream = agreed.convention;
        return Some(by().because(
            &format!("There is no {stream}."),
            &format!("Il n'y a pas de {stream}."),
        ));
    };
    let day = calendar::day(agreed.time);
    if !(signed.from..=signed.to).contains(&day) {
        let (from, to) = (signed.from, signed.to);
        let shown = |day: chrono::NaiveDate| day.format("%d/%m/%Y").to_string();
        return Some(
            by().because(
                &format!("It runs from {from} to {to}, and this is of {day}."),
                &format!(
                    "Elle court du {} au {}, et ceci est du {}.",
                    shown(from),
                    shown(to),
                    shown(day)
                ),
            )
            .against(&key),
        );
    }
    let ended = convention.effective().find(|fact| {
        matches!(fact.fact, Fact::Convention(convention::Fact::Ended(_))) && fact.time <= agreed.time
    });
    if let Some(ended) = ended {
        return Some(by().clash(ended.fact.type_name(), ended.time, ended.key()));
    }
    if !signed.roles.contains(&agreed.role) {
        let role = serde_json::to_string(&agreed.role).expect("a role is a word");
        return Some(
            by().because(
                &format!("Its roles do not have {role}."),
                &format!("Ses rôles ne comptent pas {role}."),
            )
            .against(&key),
        );
    }
    // A network signs once for all of its establishments.
    let another = agreed.by.filter(|by| by.siren() != signed.partner.siren())?;
    let partner = signed.partner;
    Some(
        by().because(
            &format!("It is with {partner}, and this is by {another}."),
            &format!("Elle est signée avec {partner}, et ceci est fait par {another}."),
        )
        .against(&key),
    )
}
