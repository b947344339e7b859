//! What was told wrong: each correction and annulment, with what was so before it and what is so since, who told it and why.

use anyhow::Context;
use chrono::{DateTime, Utc};
use parcours_model::streams::parcours;
use parcours_model::{EventKey, Fact, History};
use serde::Serialize;
use serde_json::Value;

/// A correction or an annulment.
#[derive(Debug, Serialize)]
pub struct Amendment {
    /// What it is.
    pub kind: Kind,
    /// Its own id.
    pub id: String,
    /// Whose it is.
    pub source: String,
    /// Who brought it.
    pub actor: String,
    /// When it became known.
    pub recorded: DateTime<Utc>,
    /// Where it stands in the log.
    pub position: u64,
    /// Why.
    pub reason: Option<String>,
    /// The fact that it changes.
    pub fact: Amended,
    /// The correction that it takes away, which then no longer holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifts: Option<Named>,
    /// What was so before it; none where the fact had been annulled.
    pub before: Option<Stated>,
    /// What is so since; none where the fact is annulled.
    pub after: Option<Stated>,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What happened was told wrong.
    Correction,
    /// It never happened.
    Annulment,
}

/// A fact that is amended.
#[derive(Debug, Serialize)]
pub struct Amended {
    #[serde(rename = "type")]
    pub type_name: &'static str,
    #[serde(flatten)]
    pub named: Named,
}

/// An event of the parcours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub source: String,
    /// Where it stands in the log.
    pub position: u64,
}

/// What a fact says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stated {
    /// When it happened.
    pub time: DateTime<Utc>,
    /// What happened.
    pub data: Value,
}

/// The amendments of a history, in order of arrival.
pub fn of(history: &History) -> anyhow::Result<Vec<Amendment>> {
    let mut known = History::new(history.stream());
    let mut amendments = Vec::new();
    for record in history.records() {
        let event = &record.event;
        let told = match &event.fact {
            Fact::Parcours(parcours::Fact::Corrected(corrected)) => {
                Some((Kind::Correction, &corrected.event, corrected.reason.as_deref()))
            }
            Fact::Parcours(parcours::Fact::Annulled(annulled)) => {
                Some((Kind::Annulment, &annulled.event, Some(annulled.reason.as_str())))
            }
            _ => None,
        };
        let Some((kind, named, reason)) = told else {
            push(&mut known, record)?;
            continue;
        };
        let named = EventKey::new(named.source.as_str(), named.id.as_str());
        // Whatever it names, the fact behind it is known once the amendment is.
        let earlier = known.clone();
        push(&mut known, record)?;
        let fact = known.amended(&event.key).context("an amendment amends nothing")?;
        let (before, after) = (stated(&earlier, fact), stated(&known, fact));
        amendments.push(Amendment {
            kind,
            id: event.key.id.to_string(),
            source: event.key.source.to_string(),
            actor: record.actor.to_string(),
            recorded: record.recorded,
            position: record.position,
            reason: reason.map(str::to_owned),
            lifts: match kind {
                Kind::Annulment if named != *fact => known.find(&named).map(|record| Named::of(record)),
                _ => None,
            },
            fact: known
                .find(fact)
                .map(|record| Amended {
                    type_name: record.event.fact.type_name(),
                    named: Named::of(record),
                })
                .context("an amendment amends an event that is not there")?,
            before,
            after,
        });
    }
    Ok(amendments)
}

fn push(known: &mut History, record: &std::sync::Arc<parcours_model::Record>) -> anyhow::Result<()> {
    known
        .push(record.clone())
        .map_err(|wrong| anyhow::anyhow!("{wrong:?}"))
        .context("the stream contradicts itself")
}

fn stated(history: &History, fact: &EventKey) -> Option<Stated> {
    history.standing(fact).map(|standing| Stated {
        time: standing.time,
        data: standing.fact.data(),
    })
}

impl Named {
    fn of(record: &parcours_model::Record) -> Named {
        Named {
            id: record.event.key.id.to_string(),
            source: record.event.key.source.to_string(),
            position: record.position,
        }
    }
}
