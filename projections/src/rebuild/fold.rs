//! Decoding and folding whole streams, on a thread of its own.

use parcours_log::Streams;
use parcours_model::History;

use crate::runner::batch::replay;
use crate::view::{Indigestible, Output, View};

/// A view in a pass, and the last stream it has loaded already.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub view: &'static View,
    pub loaded: Option<u64>,
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

/// Folds streams, each read once for all views.
pub(super) fn fold(streams: Streams, places: &[Place]) -> Chunk {
    let mut chunk = Chunk {
        outputs: places.iter().map(|_| Ok(Vec::new())).collect(),
        cursor: 0,
        entries: 0,
    };
    for (cursor, stream, entries) in streams {
        chunk.cursor = cursor.0;
        chunk.entries += entries.len() as u64;
        let wanted = |place: &Place| {
            place.view.listens(stream.kind) && place.loaded.is_none_or(|last| last < cursor.0)
        };
        if !places.iter().any(wanted) {
            continue;
        }
        let history = replay(History::new(stream), &entries);
        let lanes = places.iter().zip(&mut chunk.outputs);
        for (place, outputs) in lanes.filter(|(place, _)| wanted(place)) {
            let Ok(given) = outputs else { continue };
            match history
                .as_ref()
                .map_err(Indigestible::clone)
                .and_then(|history| place.view.digest(history))
            {
                Ok(output) => given.push(output),
                Err(fault) => *outputs = Err(fault),
            }
        }
    }
    chunk
}
