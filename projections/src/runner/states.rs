//! What views keep of the hot streams used last.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;
use parcours_log::Log;
use parcours_model::StreamId;

use crate::ViewError;
use crate::reading::{PassedOver, decode, legible};
use crate::running::{Begin, Running};
use crate::view::{Indigestible, Output, View};

/// Entries read at once of a stream that is not known.
pub(super) const PAGE: usize = 4096;
/// Bytes that an entry of the cache takes beside its state.
const SLOT: usize = 160;

/// The states of the streams used last, bounded by their weight. A state belongs to a revision of its stream, so that one
/// that was kept and whose rows were then not written is simply not the one asked for.
pub(crate) struct States {
    kept: Mutex<(LruCache<Name, Kept>, usize)>,
    limit: usize,
}

/// Whose state of which stream.
type Name = (&'static str, StreamId);

#[derive(Clone)]
struct Kept {
    revision: u64,
    state: Arc<dyn Running>,
}

/// The states of one view before a batch, of each hot stream that the batch touches; what is wrong with it, where an entry
/// before the batch cannot be digested.
pub(crate) type Started = HashMap<StreamId, Result<Arc<dyn Running>, Indigestible>>;

impl States {
    /// Holds about `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            kept: Mutex::new((LruCache::unbounded(), 0)),
            limit,
        }
    }

    /// Keeps nothing any more.
    pub fn forget(&self) {
        self.with(|kept, weight| (*kept, *weight) = (LruCache::unbounded(), 0));
    }

    /// Keeps the state of a stream as it is at `revision`.
    pub fn keep(&self, view: &View, stream: StreamId, revision: u64, state: Arc<dyn Running>) {
        self.with(|kept, weight| {
            *weight += SLOT + state.weight();
            if let Some(other) = kept.put((view.name, stream), Kept { revision, state }) {
                *weight -= SLOT + other.state.weight();
            }
            while *weight > self.limit
                && let Some((_, oldest)) = kept.pop_lru()
            {
                *weight -= SLOT + oldest.state.weight();
            }
        });
    }

    /// The view's state of a stream at `revision`, all of whose records up to there stand below `below`. If it is not
    /// known, the stream is read page by page, from the state that is known of an earlier revision or from its beginning.
    pub async fn at(
        self: &Arc<Self>,
        log: &Log,
        (view, begin, passed): (&'static View, Begin, &PassedOver),
        stream: StreamId,
        revision: u64,
        below: u64,
    ) -> Result<Result<Arc<dyn Running>, Indigestible>, ViewError> {
        let known = self.with(|kept, _| kept.get(&(view.name, stream)).cloned());
        let Kept {
            revision: mut reached,
            mut state,
        } = known
            .filter(|known| known.revision <= revision)
            .unwrap_or_else(|| Kept {
                revision: 0,
                state: Arc::from(begin(stream)),
            });
        while reached < revision {
            let entries = log.stream_page(stream, reached, below, PAGE).await?;
            let Some(last) = entries.last() else {
                return Err(ViewError::Unavailable(format!(
                    "the entries of {stream} are not readable yet"
                )));
            };
            reached = last.revision;
            let passed = passed.clone();
            let taken = tokio::task::spawn_blocking(move || {
                let records: Vec<_> = entries.iter().map(decode).collect();
                view.take(state.copy(), &legible(&records, &passed)?, &mut Output::new())
            });
            state = match taken.await.map_err(|stopped| ViewError::unavailable(&stopped))? {
                Ok(taken) => Arc::from(taken),
                Err(fault) => return Ok(Err(fault)),
            };
        }
        Ok(Ok(state))
    }

    fn with<T>(&self, work: impl FnOnce(&mut LruCache<Name, Kept>, &mut usize) -> T) -> T {
        let (kept, weight) = &mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        work(kept, weight)
    }
}
