//! What is agreed, asked for and decided beside the parcours, and what waits for whom: requests, needs, conventions,
//! branches, calls, communities, committees, envelopes (R13, R15 to R19, R21, R25).

mod document;
mod place;
mod query;
mod running;

pub use document::{
    Branch, Call, Committee, Community, Convention, Decision, Document, Envelope, Need, Proposal, Request,
    Waits,
};
pub use query::{Entry, Page, Query};

pub(crate) use query::{one, page};

use crate::{Indigestible, Kind, Output, Table, Value, View, moments};
use chrono::NaiveDate;
use document::State;
use parcours_model::{Effective, History, StreamId, StreamKind, geography};

/// The kinds of stream that it has.
pub const KINDS: [StreamKind; 8] = [
    StreamKind::Request,
    StreamKind::Need,
    StreamKind::Convention,
    StreamKind::Branch,
    StreamKind::Call,
    StreamKind::Community,
    StreamKind::Committee,
    StreamKind::Envelope,
];

/// The view.
pub static VIEW: View = View {
    name: "register",
    version: 1 + geography::EDITION,
    tables: &[Table {
        name: "register",
        // As it stands from `since` to before `until`, in microseconds since 1970: one row a stream, save where a fact was
        // recorded ahead of its time.
        keys: &[("kind", Kind::Text), ("id", Kind::Text), ("since", Kind::Integer)],
        values: &[
            ("until", Kind::Integer),
            ("state", Kind::Text),
            ("begun_day", Kind::Integer),
            // Who has to do something next, and from which day on.
            ("waits", Kind::Text),
            ("due_day", Kind::Integer),
            // Null where it is of no such place, or today's geography does not know it.
            ("commune", Kind::Text),
            ("epci", Kind::Text),
            ("departement", Kind::Text),
            ("region", Kind::Text),
            ("revision", Kind::Integer),
            // The rest, as JSON.
            ("document", Kind::Text),
        ],
        sums: false,
        indexes: &["kind, begun_day, id", "kind, waits, due_day, id"],
        words: None,
    }],
    streams: &KINDS,
    fold,
    replaces: false,
    running: &[
        (StreamKind::Community, running::community),
        (StreamKind::Envelope, running::envelope),
    ],
};

fn fold(history: &History) -> Result<Output, Indigestible> {
    let mut output = Output::default();
    for moment in moments::of(history) {
        let read = read(history.stream().kind, &moment.facts);
        if let Some(state) = read {
            state.write(
                &mut output,
                history.stream(),
                (moment.since, moment.until),
                history.revision(),
            );
        }
    }
    Ok(output)
}

/// How a stream of this kind stands after these facts; `None` before it begins.
fn read(kind: StreamKind, facts: &[Effective<'_>]) -> Option<State> {
    match kind {
        StreamKind::Request => document::request(facts),
        StreamKind::Need => document::need(facts),
        StreamKind::Convention => document::convention(facts),
        StreamKind::Branch => document::branch(facts),
        StreamKind::Call => document::call(facts),
        StreamKind::Committee => document::committee(facts),
        _ => None,
    }
}

impl State {
    /// Writes its row, of this stretch of time.
    fn write(&self, output: &mut Output, stream: StreamId, (since, until): (i64, i64), revision: u64) {
        let day = |day: NaiveDate| crate::territory::days(day);
        let waits = self.waits.map(|(waits, due)| (waits.word(), day(due)));
        let text = |text: Option<&str>| Value::from(text);
        let key = vec![
            Value::from(stream.kind.name()),
            Value::from(name(stream)),
            Value::Integer(since),
        ];
        let written = serde_json::to_string(&self.document).expect("a document is JSON");
        let values = vec![
            Value::Integer(until),
            Value::from(self.word),
            Value::Integer(day(self.begun)),
            Value::from(waits.map(|(word, _)| word)),
            Value::from(waits.map(|(_, due)| due)),
            text(self.place.commune.as_deref()),
            text(self.place.epci),
            text(self.place.departement),
            text(self.place.region),
            Value::Integer(i64::try_from(revision).expect("a revision is below 2^63")),
            Value::from(written),
        ];
        output.row(0, key, values);
    }
}

/// What a stream is called within its kind.
fn name(stream: StreamId) -> String {
    let subject = stream.to_string();
    subject
        .rsplit_once('/')
        .map_or(String::new(), |(_, name)| name.to_owned())
}
