//! What partners may hear: an append-only list of messages, each caused by one entry of the log.
//!
//! - `person`: what became of people, while their consent for partners stands (R16, R20, R22).
//! - `places`: sessions that open, fill, and have places again (R18). Public.
//! - An erasure ([`erased`]) is a notice to all, and hides what was told before.
//!
//! What is recorded ahead of its time acts from its time on, consents and erasures included: the message it causes stands
//! in the tables at once, and is told ([`OutcomeRow::told`]) at the first whole second that is not before that time. So the
//! fold knows no clock. Whoever asks says up to which instant the list has come, which the log promises to record nothing
//! before any more: what is told later is not in the list yet, and what ceases to be told later still is.
//!
//! Two exceptions to "append-only", both for the person's sake: once a consent is withdrawn, what was told under it is
//! removed and the notice stays (what is withdrawn ahead is left out from then on, and removed with the next record); once
//! a trainee is erased, [`after`] leaves out everything but notices. Whoever reads the list from its beginning learns no
//! more than whoever listened and forgot. A message that is there never changes, and a new one only comes after all that
//! are there: a place in it is a [`Cursor`], to which the name of a message, its [`Key`], leads.

mod cause;
mod document;
mod filter;
mod key;
mod person;
mod places;
mod query;
mod row;

pub use document::{Document, Outcome, OutcomeKind, Place, PlaceChange, What};
pub use filter::Filter;
pub use key::{Cursor, Key};
pub use row::OutcomeRow;

pub(crate) use query::{about, after, next_told, one};

use crate::{Indigestible, Kind, Output, Table, Value, View};
use cause::Cause;
use key::moment;
use parcours_model::{Fact, History, Record, StreamKind, geography, streams::trainee};

/// The view.
pub static VIEW: View = View {
    name: "outcomes",
    version: 4 + geography::EDITION,
    tables: &[
        Table {
            name: "outcome",
            // `told`, here and below, is in microseconds since 1970.
            keys: &[
                ("told", Kind::Integer),
                ("position", Kind::Integer),
                ("ordinal", Kind::Integer),
            ],
            values: &[
                ("kind", Kind::Text),
                // Of the person's residence, or of the session; null where it is for every territory. What a commune
                // lies in is null where today's geography does not know it.
                ("commune", Kind::Text),
                ("epci", Kind::Text),
                ("departement", Kind::Text),
                ("region", Kind::Text),
                ("operator", Kind::Text),
                ("parcours", Kind::Text),
                ("trainee", Kind::Text),
                ("session", Kind::Text),
                // From then on it is told no more, the consent having been withdrawn; null for most.
                ("until", Kind::Integer),
                ("document", Kind::Text),
            ],
            sums: false,
            // Each gives a reader its messages in order, from a cursor on: see `query`.
            indexes: &[
                "kind, told, position, ordinal",
                "departement, told, position, ordinal",
                "operator, told, position, ordinal",
                "trainee, told, position, ordinal",
            ],
            words: None,
        },
        Table {
            name: "outcome_erased",
            keys: &[("trainee", Kind::Text)],
            // From then on.
            values: &[("told", Kind::Integer)],
            sums: false,
            indexes: &[],
            words: None,
        },
    ],
    streams: &[StreamKind::Parcours, StreamKind::Session, StreamKind::Trainee],
    fold,
    replaces: false,
    running: &[(StreamKind::Session, places::begin)],
};

const OUTCOME: usize = 0;
const ERASED: usize = 1;

fn fold(history: &History) -> Result<Output, Indigestible> {
    let mut output = Output::default();
    match history.stream().kind {
        StreamKind::Parcours => person::fold(history, &mut output)?,
        StreamKind::Trainee => erased(history, &mut output)?,
        // Sessions are folded record by record: see `places`.
        _ => {}
    }
    Ok(output)
}

/// A trainee who is erased is to be forgotten by everybody: which parcours were theirs, and where, this stream does not
/// say. The notice names a pseudonym that only those know who were told something of the person.
fn erased(history: &History, output: &mut Output) -> Result<(), Indigestible> {
    let is_erasure = |record: &&std::sync::Arc<Record>| {
        matches!(record.event.fact, Fact::Trainee(trainee::Fact::Erased(_)))
    };
    // Told of twice, the one that acts first counts.
    let erasures = history.records().iter().filter(is_erasure);
    if let Some(cause) = erasures
        .map(|record| erasing(history, record))
        .min_by_key(|cause| cause.instant())
    {
        let (trainee, key) = (history.stream().uuid, cause.next(None));
        let message = OutcomeRow {
            told: cause.told(key),
            key,
            kind: OutcomeKind::Forget,
            commune: None,
            operator: None,
            parcours: None,
            trainee: Some(trainee),
            session: None,
            document: Document::Forget { at: cause.instant() },
        };
        message.write(None, output)?;
        output.row(
            ERASED,
            vec![Value::from(trainee.to_string())],
            vec![Value::Integer(message.told.timestamp_micros())],
        );
    }
    Ok(())
}

/// What makes an erasure act: its record, or the moment of its time.
fn erasing(history: &History, record: &Record) -> Cause {
    if record.event.time <= record.recorded {
        return Cause::of(record);
    }
    let moment = moment(record.event.time);
    let before = history
        .records()
        .iter()
        .rev()
        .find(|other| other.recorded < moment);
    Cause::of(before.map_or(record, |before| before)).at(moment)
}
