//! The rows of a log, as its tables hold them.

use bytes::Bytes;
use parcours_log::tree::Hash;
use parcours_log::{Entry, Log};
use parcours_model::{EventId, Record, StreamId};
use std::collections::HashMap;
use std::sync::Arc;

/// What one entry puts into the tables.
pub struct Row {
    pub position: i64,
    pub stream: i64,
    pub revision: i64,
    pub leaf: [u8; 32],
    pub entry: Bytes,
    pub id: EventId,
    pub source: i64,
    /// The stream's name, with its first entry.
    pub begins: Option<StreamId>,
    /// The source's name, with its first event.
    pub sender: Option<Arc<str>>,
}

/// The rows of a log in order, names numbered as they come: as the log numbers them.
#[derive(Default)]
pub struct Rows {
    streams: HashMap<StreamId, i64>,
    sources: HashMap<Arc<str>, i64>,
    /// Positions below are read.
    next: u64,
}

impl Rows {
    /// The next rows, at most `limit`; none at the end.
    pub async fn next(&mut self, log: &Log, limit: usize) -> anyhow::Result<Vec<Row>> {
        let entries = log.read(self.next, limit).await?;
        self.next += entries.len() as u64;
        entries.into_iter().map(|entry| self.row(entry)).collect()
    }

    fn row(&mut self, entry: Entry) -> anyhow::Result<Row> {
        let Entry {
            position,
            stream,
            revision,
            bytes,
            ..
        } = entry;
        let record = Record::decode(position, &bytes)?;
        let key = record.event.key;
        let (stream_number, begins) = number(&mut self.streams, stream);
        let (source, sender) = number(&mut self.sources, key.source);
        Ok(Row {
            position: i64::try_from(position)?,
            stream: stream_number,
            revision: i64::try_from(revision)?,
            leaf: Hash::of_leaf(&bytes).0,
            entry: bytes,
            id: key.id,
            source,
            begins,
            sender,
        })
    }
}

/// The number of a name, and the name if it is new.
fn number<N: Clone + Eq + std::hash::Hash>(numbers: &mut HashMap<N, i64>, name: N) -> (i64, Option<N>) {
    match numbers.get(&name) {
        Some(number) => (*number, None),
        None => {
            let number = numbers.len() as i64;
            numbers.insert(name.clone(), number);
            (number, Some(name))
        }
    }
}
