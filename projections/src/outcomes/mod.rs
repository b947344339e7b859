//! What partners may hear: an append-only list of messages, each caused by one entry of the log.
//!
//! - `person`: what became of people, while their consent for partners stands (R16, R20, R22).
//! - `places`: sessions that open, fill, and have places again (R18). Public.
//! - An erasure ([`erased`]) is a notice to all, and hides what was told before.
//!
//! Two exceptions to "append-only", both for the person's sake: once a consent is withdrawn, what was told under it is
//! removed and the notice stays; once a trainee is erased, [`after`] leaves out everything but notices. Whoever reads
//! the list from its beginning learns no more than whoever listened and forgot. A message that is there never changes,
//! and a new one only comes after all that are there: a cursor is a [`Key`].

mod document;
mod filter;
mod key;
mod person;
mod places;
mod query;
mod row;

pub use document::{Document, Outcome, OutcomeKind, Place, PlaceChange, What};
pub use filter::Filter;
pub use key::Key;
pub use row::OutcomeRow;

pub(crate) use query::{about, after};

use crate::{Indigestible, Kind, Output, Table, Value, View};
use parcours_model::{Fact, History, Record, StreamKind, geography, streams::trainee};

/// The view.
pub static VIEW: View = View {
    name: "outcomes",
    version: 3 + geography::EDITION,
    tables: &[
        Table {
            name: "outcome",
            keys: &[("position", Kind::Integer), ("ordinal", Kind::Integer)],
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
                ("document", Kind::Text),
            ],
            sums: false,
            // Each gives a reader its messages in order, from a cursor on: see `query`.
            indexes: &[
                "kind, position, ordinal",
                "departement, position, ordinal",
                "operator, position, ordinal",
                "trainee, position, ordinal",
            ],
        },
        Table {
            name: "outcome_erased",
            keys: &[("trainee", Kind::Text)],
            values: &[("position", Kind::Integer)],
            sums: false,
            indexes: &[],
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
        StreamKind::Session | StreamKind::Operator | StreamKind::Offer => {}
    }
    Ok(output)
}

/// A trainee who is erased is to be forgotten by everybody: which parcours were theirs, and where, this stream does not
/// say. The notice names a pseudonym that only those know who were told something of the person.
fn erased(history: &History, output: &mut Output) -> Result<(), Indigestible> {
    let is_erasure = |record: &&std::sync::Arc<Record>| {
        matches!(record.event.fact, Fact::Trainee(trainee::Fact::Erased(_)))
    };
    if let Some(record) = history.records().iter().find(is_erasure) {
        let trainee = history.stream().uuid;
        let message = OutcomeRow {
            key: Key {
                position: record.position,
                ordinal: 0,
            },
            kind: OutcomeKind::Forget,
            commune: None,
            operator: None,
            parcours: None,
            trainee: Some(trainee),
            session: None,
            document: Document::Forget { at: record.recorded },
        };
        message.write(record, output)?;
        output.row(
            ERASED,
            vec![Value::from(trainee.to_string())],
            vec![Value::Integer(record.position.cast_signed())],
        );
    }
    Ok(())
}
