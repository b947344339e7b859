//! What is said of an event that is refused.

use super::{Rule, beyond_one_history};
use crate::event::EventKey;
use crate::history::{Effective, History, Misdirected};
use chrono::{DateTime, Utc};

/// Which fact breaks a rule, and which other one it clashes with: indexes into the effective history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The fact that breaks the rule.
    pub fact: usize,
    /// The fact it clashes with, where there is one.
    pub with: Option<usize>,
    /// What of the rule is broken, where it says several things.
    pub clause: Option<&'static Clause>,
}

/// One of several things that a rule says: in English and in French, each without the full stop.
pub type Clause = [&'static str; 2];

impl Breach {
    /// The fact at `fact` breaks the rule by itself: something before it is missing.
    pub fn at(fact: usize) -> Self {
        Self::with(fact, None)
    }

    /// The fact at `fact` breaks the rule because of the one at `with`.
    pub fn between(fact: usize, with: usize) -> Self {
        Self::with(fact, Some(with))
    }

    /// The fact at `fact` breaks the rule, because of the one at `with` if there is one.
    pub fn with(fact: usize, with: Option<usize>) -> Self {
        Self {
            fact,
            with,
            clause: None,
        }
    }

    /// This is what is broken of the rule.
    pub(super) fn of(self, clause: &'static Clause) -> Self {
        Self {
            clause: Some(clause),
            ..self
        }
    }
}

/// An event refused by a rule. Nothing of it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {english}")]
pub struct Refusal {
    /// The rule's code.
    pub code: &'static str,
    /// Why, in English.
    pub english: String,
    /// Why, in French.
    pub french: String,
    /// The field that is wrong, where it is one field.
    pub field: Option<String>,
    /// The event already recorded that stands against it.
    pub conflicts_with: Option<Box<EventKey>>,
}

/// An amendment names an event of its own stream which still stands.
pub(super) const AMENDS_A_FACT: Rule = Rule {
    code: "amends-a-fact",
    english: "A correction names a fact of its own parcours which still stands, with data of that fact's type; an annulment names a fact or a correction",
    french: "Une correction nomme un fait du même parcours qui tient encore, avec les données du type de ce fait ; une annulation nomme un fait ou une correction",
    check: beyond_one_history,
};

const OF_ITS_PARCOURS: Clause = [
    "A correction or an annulment names an event of its own parcours",
    "Une rectification ou une annulation nomme un événement de son propre parcours",
];
const STANDING: Clause = [
    "What is corrected or annulled still stands",
    "Ce qui est rectifié ou annulé tient encore",
];
const FACTS_ONLY: Clause = [
    "A correction names a fact, an annulment a fact or a correction; what an annulment took away is sent again",
    "Une rectification nomme un fait, une annulation un fait ou une rectification ; ce qu'une annulation a retiré est envoyé à nouveau",
];
const DATA_OF_ITS_TYPE: Clause = [
    "The data of a correction are those of the type of the fact it corrects",
    "Les données d'une rectification sont celles du type du fait qu'elle rectifie",
];

impl Refusal {
    /// A refusal by `rule`, with its sentences alone.
    pub(super) fn by(rule: &Rule) -> Self {
        Self::by_clause(rule, &[rule.english, rule.french])
    }

    /// A refusal by `rule` of which this is broken.
    pub(super) fn by_clause(rule: &Rule, [english, french]: &Clause) -> Self {
        Self {
            code: rule.code,
            english: format!("{english}."),
            french: format!("{french}."),
            field: None,
            conflicts_with: None,
        }
    }

    /// Adds what is particular to this case.
    pub(super) fn because(mut self, english: &str, french: &str) -> Self {
        self.english = format!("{} {english}", self.english);
        self.french = format!("{} {french}", self.french);
        self
    }

    /// Names the field at fault.
    pub(super) fn field(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    /// Names the recorded event that stands against it.
    pub(super) fn against(mut self, key: &EventKey) -> Self {
        self.conflicts_with = Some(Box::new(key.clone()));
        self
    }

    /// The refusal of candidates, whose keys `is_new` picks out, by `rule` broken as `breach` says in `history`, which
    /// has them. What they amend is no clash: the sender knows of it.
    pub(super) fn of(
        history: &History,
        is_new: impl Fn(&EventKey) -> bool,
        rule: &Rule,
        breach: Breach,
    ) -> Self {
        let named = |index: usize| {
            history
                .effective()
                .nth(index)
                .expect("a breach names facts of the history it was found in")
        };
        let corrected = |fact: &Effective<'_>| fact.correction.is_some_and(|by| is_new(&by.event.key));
        let clash = [Some(breach.fact), breach.with]
            .into_iter()
            .flatten()
            .map(named)
            .find(|fact| !is_new(fact.key()) && !corrected(fact));
        let refusal = match breach.clause {
            Some(clause) => Self::by_clause(rule, clause),
            None => Self::by(rule),
        };
        match clash {
            None => refusal,
            Some(fact) => refusal.clash(fact.fact.type_name(), fact.time, fact.key()),
        }
    }

    /// Names the fact that stands against it.
    pub(super) fn clash(self, type_name: &str, time: DateTime<Utc>, key: &EventKey) -> Self {
        let day = crate::calendar::day(time);
        self.because(
            &format!("It clashes with {type_name} of {day} ({key})."),
            &format!(
                "Incompatible avec {type_name} du {} ({}).",
                day.format("%d/%m/%Y"),
                in_french(key)
            ),
        )
        .against(key)
    }
}

/// An event, as a French sentence names it.
fn in_french(key: &EventKey) -> String {
    format!("{} de {}", key.id, key.source)
}

impl From<Misdirected> for Refusal {
    fn from(misdirected: Misdirected) -> Self {
        let by = |clause| Refusal::by_clause(&AMENDS_A_FACT, clause);
        match misdirected {
            Misdirected::Unknown(key) => by(&OF_ITS_PARCOURS)
                .because(
                    &format!("This parcours has no event {key}."),
                    &format!("Ce parcours n'a pas d'événement {}.", in_french(&key)),
                )
                .field("data.event"),
            Misdirected::Annulled {
                target,
                by: annulment,
            } => by(&STANDING)
                .because(
                    &format!("The event {target} is annulled already, by {annulment}."),
                    &format!(
                        "L'événement {} est déjà annulé, par {}.",
                        in_french(&target),
                        in_french(&annulment)
                    ),
                )
                .field("data.event")
                .against(&annulment),
            Misdirected::NotAFact(key) => by(&FACTS_ONLY)
                .because(
                    &format!("The event {key} is itself an amendment."),
                    &format!("L'événement {} est lui-même une rectification.", in_french(&key)),
                )
                .field("data.event"),
            Misdirected::InvalidData { target, misfit } => {
                let misfit = misfit.of("data").of("data");
                let (at, english, french) = (&misfit.field, &misfit.detail, &misfit.french);
                by(&DATA_OF_ITS_TYPE)
                    .because(
                        &format!("The new data are not those of {target}: {at}: {english}."),
                        &format!(
                            "Les nouvelles données ne sont pas celles de {} : {at} : {french}.",
                            in_french(&target)
                        ),
                    )
                    .field(at)
            }
        }
    }
}
