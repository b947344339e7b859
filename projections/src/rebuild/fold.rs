//! Decoding and folding whole streams, on a thread of its own.

use std::sync::Arc;

use parcours_log::{Entry, StreamCursor, Streams};
use parcours_model::{Record, StreamId};

use crate::reading::{PassedOver, Reading, decode, legible};
use crate::running::Running;
use crate::view::{Indigestible, Output, View};

/// A view in a pass, and the last stream it has loaded already.
pub(super) struct Place {
    pub view: &'static View,
    pub passed: PassedOver,
    pub loaded: Option<u64>,
}

impl Place {
    fn wants(&self, cursor: StreamCursor, stream: StreamId) -> bool {
        self.view.listens(stream.kind) && self.loaded.is_none_or(|last| last < cursor.0)
    }
}

/// What some streams, one after another in the order of the scan, contribute to each view of the pass.
pub(super) struct Chunk {
    /// Of each view, in the order of the places; nothing of it if there is an event that it cannot digest.
    pub outputs: Vec<Result<Vec<Output>, Indigestible>>,
    /// The last stream.
    pub cursor: u64,
    /// The number of entries.
    pub entries: u64,
}

impl Chunk {
    fn new(places: &[Place]) -> Self {
        Self {
            outputs: places.iter().map(|_| Ok(Vec::new())).collect(),
            cursor: 0,
            entries: 0,
        }
    }

    /// Adds what one stream contributes.
    fn add(&mut self, part: Part, places: &[Place]) {
        self.cursor = part.cursor.0;
        self.entries += part.entries;
        let reading = part.whole.map(|entries| Reading::of(part.stream, &entries));
        for ((place, run), outputs) in places.iter().zip(part.runs).zip(&mut self.outputs) {
            let Ok(given) = outputs else { continue };
            let output = match (run, &reading) {
                (Some(run), _) => run.and_then(|run| run.finish(place.view)),
                (None, Some(reading)) if place.wants(part.cursor, part.stream) => {
                    place.view.digest(reading, &place.passed)
                }
                (None, _) => continue,
            };
            match output {
                Ok(output) => given.push(output),
                Err(fault) => *outputs = Err(fault),
            }
        }
    }
}

/// Folds streams, each read once for all views.
pub(super) fn fold(streams: Streams, places: &[Place]) -> Chunk {
    let mut chunk = Chunk::new(places);
    for (cursor, stream, entries) in streams {
        let mut part = Part::begin(cursor, stream, places);
        part.take(entries, places);
        chunk.add(part, places);
    }
    chunk
}

/// A stream that comes in pieces: folded as they come where it can be, kept where it must be.
pub(super) struct Part {
    pub cursor: StreamCursor,
    stream: StreamId,
    entries: u64,
    /// All entries, for views that fold it whole, if there is one.
    whole: Option<Vec<Entry>>,
    /// Of each view that takes it record by record, in the order of the places.
    runs: Vec<Option<Result<Run, Indigestible>>>,
}

/// How far a view has come with a stream.
struct Run {
    state: Box<dyn Running>,
    added: Output,
    last: Option<Arc<Record>>,
}

impl Part {
    /// A stream of which nothing has come yet.
    pub fn begin(cursor: StreamCursor, stream: StreamId, places: &[Place]) -> Self {
        let wanted = |place: &&Place| place.wants(cursor, stream);
        let run = |place: &Place| {
            let begin = Some(place)
                .filter(wanted)
                .and_then(|place| place.view.runs(stream.kind))?;
            Some(Ok(Run {
                state: begin(stream),
                added: Output::new(),
                last: None,
            }))
        };
        let is_whole = places
            .iter()
            .filter(wanted)
            .any(|place| place.view.folds(stream.kind));
        Self {
            cursor,
            stream,
            entries: 0,
            whole: is_whole.then(Vec::new),
            runs: places.iter().map(run).collect(),
        }
    }

    /// Takes the next of its entries.
    pub fn take(&mut self, entries: Vec<Entry>, places: &[Place]) {
        self.entries += entries.len() as u64;
        if self.runs.iter().any(Option::is_some) {
            let records: Vec<_> = entries.iter().map(decode).collect();
            for (run, place) in self.runs.iter_mut().zip(places) {
                if let Some(Ok(held)) = run.take_if(|run| run.is_ok()) {
                    let told = legible(&records, &place.passed);
                    *run = Some(told.and_then(|records| held.take(place.view, &records)));
                }
            }
        }
        if let Some(whole) = &mut self.whole {
            whole.extend(entries);
        }
    }

    /// What it contributes, now that it has come whole.
    pub fn finish(self, places: &[Place]) -> Chunk {
        let mut chunk = Chunk::new(places);
        chunk.add(self, places);
        chunk
    }
}

impl Run {
    fn take(mut self, view: &View, records: &[Arc<Record>]) -> Result<Self, Indigestible> {
        self.state = view.take(self.state, records, &mut self.added)?;
        self.last = records.last().cloned().or(self.last);
        Ok(self)
    }

    fn finish(mut self, view: &View) -> Result<Output, Indigestible> {
        self.state.standing(&mut self.added);
        let position = self.last.map_or(0, |last| last.position);
        view.checked(self.added)
            .map_err(|detail| Indigestible { position, detail })
    }
}
