//! Corrections and annulments: what they name, and what they change.

use super::History;
use crate::envelope::Record;
use crate::event::EventKey;
use crate::streams::parcours::{self, EventRef};
use crate::streams::{Fact, Misfit};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// A correction or an annulment, resolved to what it amends. Positions are indexes into the history's lists.
#[derive(Clone, Debug)]
pub(super) struct Amendment {
    /// The record that amends.
    pub record: usize,
    /// The record of the fact amended, directly or through a correction of it.
    pub target: usize,
    /// A correction's time.
    pub time: Option<DateTime<Utc>>,
    /// A correction's data, read as the target's type.
    pub told: Option<Arc<Fact>>,
    /// The same in the newest version of that type.
    pub fact: Option<Arc<Fact>>,
    /// Whether the fact itself is annulled.
    pub annuls: bool,
    /// The earlier correction that is annulled.
    pub lifts: Option<usize>,
    /// Whether a later annulment took this correction away.
    pub lifted: bool,
}

/// An amendment that names nothing it can amend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misdirected {
    /// No event of that id and source in this stream.
    Unknown(EventKey),
    /// The event is annulled already.
    Annulled {
        /// The event it names.
        target: EventKey,
        /// The annulment.
        by: EventKey,
    },
    /// A correction may only name a fact, an annulment a fact or a correction.
    NotAFact(EventKey),
    /// The data of a correction are not those of the type it corrects.
    InvalidData {
        /// The event it names.
        target: EventKey,
        /// What is wrong with them, and where in them.
        misfit: Box<Misfit>,
    },
}

impl Amendment {
    /// What `record` amends in `history`; `None` if it states a fact.
    pub fn of(history: &History, record: &Record) -> Result<Option<Self>, Misdirected> {
        match &record.event.fact {
            Fact::Parcours(parcours::Fact::Corrected(correction)) => {
                let target = resolve(history, &correction.event)?;
                let corrected = &history.records[target].event;
                if is_amendment(&corrected.fact) {
                    return Err(Misdirected::NotAFact(corrected.key.clone()));
                }
                let told = match &correction.data {
                    None => None,
                    Some(data) => Some(Arc::new(read_as(&corrected.fact, data).map_err(|misfit| {
                        Misdirected::InvalidData {
                            target: corrected.key.clone(),
                            misfit: misfit.into(),
                        }
                    })?)),
                };
                Ok(Some(Self {
                    target,
                    time: correction.time,
                    fact: told
                        .as_ref()
                        .map(|told| told.upcast().map_or(told.clone(), Arc::new)),
                    told,
                    ..Self::blank()
                }))
            }
            Fact::Parcours(parcours::Fact::Annulled(annulment)) => {
                let named = resolve(history, &annulment.event)?;
                match &history.records[named].event.fact {
                    Fact::Parcours(parcours::Fact::Annulled(_)) => {
                        Err(Misdirected::NotAFact(history.records[named].event.key.clone()))
                    }
                    Fact::Parcours(parcours::Fact::Corrected(_)) => {
                        let lifts = history
                            .amendments
                            .iter()
                            .position(|amendment| amendment.record == named);
                        let target = history.amendments
                            [lifts.expect("every correction is among the amendments")]
                        .target;
                        Ok(Some(Self {
                            target,
                            lifts,
                            ..Self::blank()
                        }))
                    }
                    _ => Ok(Some(Self {
                        target: named,
                        annuls: true,
                        ..Self::blank()
                    })),
                }
            }
            _ => Ok(None),
        }
    }

    /// Whether it says what really happened; an annulment only says what did not.
    pub fn corrects(&self) -> bool {
        self.time.is_some() || self.fact.is_some()
    }

    fn blank() -> Self {
        Self {
            record: 0,
            target: 0,
            time: None,
            told: None,
            fact: None,
            annuls: false,
            lifts: None,
            lifted: false,
        }
    }
}

impl Fact {
    /// The event that it corrects or annuls.
    pub fn amends(&self) -> Option<EventKey> {
        let named = match self {
            Fact::Parcours(parcours::Fact::Corrected(corrected)) => &corrected.event,
            Fact::Parcours(parcours::Fact::Annulled(annulled)) => &annulled.event,
            _ => return None,
        };
        Some(EventKey::new(named.source.as_str(), named.id.as_str()))
    }
}

fn is_amendment(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Parcours(parcours::Fact::Corrected(_) | parcours::Fact::Annulled(_))
    )
}

/// The index of the record an amendment names, if it still stands.
fn resolve(history: &History, named: &EventRef) -> Result<usize, Misdirected> {
    let key = EventKey::new(named.source.as_str(), named.id.as_str());
    let Some(index) = history.index_of(&key) else {
        return Err(Misdirected::Unknown(key));
    };
    let takes_away = |amendment: &Amendment| {
        (amendment.annuls && amendment.target == index)
            || amendment
                .lifts
                .is_some_and(|lifted| history.amendments[lifted].record == index)
    };
    match history.amendments.iter().find(|amendment| takes_away(amendment)) {
        None => Ok(index),
        Some(annulment) => Err(Misdirected::Annulled {
            target: key,
            by: history.records[annulment.record].event.key.clone(),
        }),
    }
}

fn read_as(corrected: &Fact, data: &serde_json::Value) -> Result<Fact, Misfit> {
    let (type_name, text) = (corrected.type_name(), data.to_string());
    let read = Fact::read(corrected.kind(), type_name, &text);
    read.expect("a fact is of a type of its stream")
        .map_err(|wrong| wrong.told(type_name, &text))
}
