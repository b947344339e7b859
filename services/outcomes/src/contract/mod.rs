//! The published contract: what partners receive, whichever way it comes. CloudEvents 1.0 whose data are types of their
//! own, not the log's: what is published stays as it is when the log's vocabulary grows.
//!
//! A message with `replaces` takes the place of the one it names: to be right, a partner keeps messages by `id`, and drops
//! the one named. A new meaning is a new type.

mod notice;
mod person;
mod place;
mod types;

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use parcours_model::calendar;
use parcours_projections::outcomes::{Document, Key, OutcomeRow};
use serde::Serialize;
use uuid::Uuid;

pub use notice::{Forget, Retraction};
pub use person::{
    Business, Certification, EmploymentEnded, EmploymentStarted, Entry, Exit, ExitReason, Followup, Person,
};
pub use place::{Place, PlaceChange};
pub use types::{MessageType, TYPES, schema};
pub(crate) use types::{Published, all_schemas};

use crate::partner::Named;

/// A message, in the JSON format of CloudEvents 1.0.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CloudEvent {
    specversion: &'static str,
    /// Its name, unique to its source; for a partner, to that partner.
    pub id: String,
    /// Who publishes.
    pub source: Arc<str>,
    /// What it states: one of [`TYPES`].
    #[serde(rename = "type")]
    pub type_name: &'static str,
    /// Whom it is about: the pseudonym of a parcours (of a trainee, for an erasure), or the UUID of a session.
    pub subject: String,
    /// When it happened; for a retraction or a notice, when that became known or came to be.
    pub time: String,
    datacontenttype: &'static str,
    /// The message it takes the place of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// What it tells.
    pub data: Data,
}

/// The data of a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Data {
    /// Of `outcome.entry.v1`.
    Entry(Entry),
    /// Of `outcome.certification.v1`.
    Certification(Certification),
    /// Of `outcome.employment.started.v1`.
    EmploymentStarted(EmploymentStarted),
    /// Of `outcome.employment.ended.v1`.
    EmploymentEnded(EmploymentEnded),
    /// Of `outcome.business.v1`.
    Business(Business),
    /// Of `outcome.exit.v1`.
    Exit(Exit),
    /// Of `outcome.followup.v1`.
    Followup(Followup),
    /// Of `outcome.place.v1`.
    Place(Place),
    /// Of `outcome.retraction.v1`.
    Retraction(Retraction),
    /// Of `outcome.forget.v1`.
    Forget(Forget),
}

impl CloudEvent {
    /// As it is sent.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a message has string keys only")
    }
}

/// Pseudonyms; `None` where there are none to give.
type Pseudonym<'a> = &'a dyn Fn(Named, Uuid) -> Option<Uuid>;

/// The row as a message, under the names that its audience knows; `None` if it is about a person and there are no
/// pseudonyms.
pub(crate) fn message(
    row: &OutcomeRow,
    source: &Arc<str>,
    id: &dyn Fn(Key) -> String,
    pseudonym: Pseudonym<'_>,
) -> Option<CloudEvent> {
    let parcours = row.parcours.map(|uuid| pseudonym(Named::Parcours, uuid));
    let trainee = row.trainee.map(|uuid| pseudonym(Named::Trainee, uuid));
    let (time, replaces, data) = match &row.document {
        Document::Outcome(outcome) => {
            let person = Person::of(row, outcome, parcours??, trainee??);
            let data = person::data(person, &outcome.what, &|uuid| pseudonym(Named::Employment, uuid))?;
            // The day is what is published: the instant would only help to recognise somebody.
            (calendar::midnight(outcome.day), outcome.replaces, data)
        }
        Document::Retraction { replaces, at } => {
            let data = Retraction {
                kind: row.kind.as_str(),
                parcours: parcours??,
                trainee: trainee??,
            };
            (*at, Some(*replaces), Data::Retraction(data))
        }
        Document::Forget { at } => {
            let data = Forget {
                parcours: parcours.flatten(),
                trainee: trainee??,
            };
            (*at, None, Data::Forget(data))
        }
        Document::Place(place) => (place.at, None, Data::Place(Place::of(row, place)?)),
    };
    let subject = parcours.or(trainee).flatten().or(row.session)?;
    Some(CloudEvent {
        specversion: "1.0",
        id: id(row.key),
        source: source.clone(),
        type_name: types::name(&data),
        subject: subject.to_string(),
        time: written(time),
        datacontenttype: "application/json",
        replaces: replaces.map(id),
        data,
    })
}

fn written(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
