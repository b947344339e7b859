//! A message, between the fold that writes it and those who deliver it.

use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use parcours_model::codes::{Commune, Siret};
use parcours_model::{StreamId, StreamKind};
use uuid::Uuid;

use super::{Cursor, Document, Key, OUTCOME, OutcomeKind};
use crate::reader::Row;
use crate::{Indigestible, Output, Value, ViewError};

/// A message to partners. It names people by the uuids of the log: never to be sent as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeRow {
    /// When it is told.
    pub told: DateTime<Utc>,
    /// Its name.
    pub key: Key,
    /// What it is about. A retraction is of the kind of what it takes back.
    pub kind: OutcomeKind,
    /// Where: the person's residence, or where the session is held. None in the notice of an erasure, which is for all.
    pub commune: Option<Commune>,
    /// The person's operator.
    pub operator: Option<Siret>,
    /// Whose parcours; none if it is about a session, or about a trainee as a whole.
    pub parcours: Option<Uuid>,
    /// Whose; none if it is about a session.
    pub trainee: Option<Uuid>,
    /// Which session.
    pub session: Option<Uuid>,
    /// What it tells.
    pub document: Document,
}

/// The columns that [`OutcomeRow::read`] reads, in its order.
pub(super) const COLUMNS: &str = "t.told, t.position, t.ordinal, t.kind, t.commune, t.operator, t.parcours, t.trainee, t.session, t.document";

impl OutcomeRow {
    /// Whom or what it is about, a trainee or a session: messages about the same are told in their order, so that
    /// nobody hears of a person again after the notice to forget that person.
    pub fn about(&self) -> Option<StreamId> {
        let trainee = self.trainee.map(|uuid| StreamId::new(StreamKind::Trainee, uuid));
        trainee.or(self.session.map(|uuid| StreamId::new(StreamKind::Session, uuid)))
    }

    /// Its place in the list.
    pub fn cursor(&self) -> Cursor {
        Cursor {
            told: self.told,
            key: self.key,
        }
    }

    /// Adds it to what a stream contributes. From `until` on it may no longer be told.
    pub(super) fn write(
        &self,
        until: Option<DateTime<Utc>>,
        output: &mut Output,
    ) -> Result<(), Indigestible> {
        let document = serde_json::to_string(&self.document).map_err(|wrong| Indigestible {
            position: self.key.position,
            detail: wrong.to_string(),
        })?;
        let place = self.commune.and_then(Commune::record);
        // A notice that is of no known territory is for all, as that of an erasure.
        let commune = self
            .commune
            .filter(|_| place.is_some() || self.kind != OutcomeKind::Forget);
        let uuid = |uuid: Option<Uuid>| Value::from(uuid.map(|uuid| uuid.to_string()));
        let key = vec![
            Value::Integer(self.told.timestamp_micros()),
            Value::Integer(self.key.position.cast_signed()),
            Value::from(self.key.ordinal),
        ];
        let values = vec![
            Value::from(self.kind.as_str()),
            Value::from(commune.map(|commune| commune.to_string())),
            Value::from(place.and_then(|place| place.epci)),
            Value::from(place.map(|place| place.departement)),
            Value::from(place.map(|place| place.region)),
            Value::from(self.operator.map(|operator| operator.to_string())),
            uuid(self.parcours),
            uuid(self.trainee),
            uuid(self.session),
            Value::from(until.map(|until| until.timestamp_micros())),
            Value::from(document),
        ];
        output.row(OUTCOME, key, values);
        Ok(())
    }

    /// Reads [`COLUMNS`]. What another version of the program wrote may be beyond this one.
    pub(super) fn read(row: &Row) -> Result<Self, ViewError> {
        let number = |column: usize| row.integer(column);
        Ok(Self {
            told: DateTime::from_timestamp_micros(number(0)).ok_or_else(|| strange("time", number(0)))?,
            key: Key {
                position: u64::try_from(number(1)).map_err(|_| strange("position", number(1)))?,
                ordinal: u32::try_from(number(2)).map_err(|_| strange("ordinal", number(2)))?,
            },
            kind: OutcomeKind::named(row.text(3)).ok_or_else(|| strange("kind", row.text(3)))?,
            commune: parsed_by(Commune::read, row, 4, "commune")?,
            operator: parsed(row, 5, "operator")?,
            parcours: parsed(row, 6, "parcours")?,
            trainee: parsed(row, 7, "trainee")?,
            session: parsed(row, 8, "session")?,
            document: serde_json::from_str(row.text(9)).map_err(|_| strange("document", row.text(9)))?,
        })
    }
}

fn parsed<T: FromStr>(row: &Row, column: usize, name: &str) -> Result<Option<T>, ViewError> {
    parsed_by(T::from_str, row, column, name)
}

fn parsed_by<T, E>(
    read: impl Fn(&str) -> Result<T, E>,
    row: &Row,
    column: usize,
    name: &str,
) -> Result<Option<T>, ViewError> {
    row.optional_text(column)
        .map(|text| read(text).map_err(|_| strange(name, text)))
        .transpose()
}

fn strange(column: &str, value: impl Display) -> ViewError {
    ViewError::Unavailable(format!(
        "the view \"outcomes\" holds the {column} {value}, of which this version of the program knows nothing"
    ))
}
