//! A stretch of the log, as views see it: the histories of the streams it touches, before it and after it; of hot streams
//! the records it brings, and no more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::{StreamExt, TryStreamExt, stream};
use lru::LruCache;
use parcours_log::{Anchor, Entry, Log, LogError};
use parcours_model::{Record, StreamId, StreamKind};

use super::states::{Started, States};
use crate::ViewError;
use crate::change::{Changes, Gathering};
use crate::reading::{PassedOver, Reading, decode, legible};
use crate::view::{Indigestible, View};

/// Histories asked of the log at once.
const AT_ONCE: usize = 8;

/// The entries from position `from` to the place `to`. Made once for all views.
pub(crate) struct Batch {
    pub from: u64,
    pub to: Anchor,
    touched: Vec<Touched>,
}

/// A stream of which the batch has entries. An entry that cannot be read is the trouble of the views that listen to
/// its kind of stream and do not pass it over, and of no other.
struct Touched {
    stream: StreamId,
    /// The revision of its first entry here.
    first: u64,
    /// What the batch brings, for views that take it record by record.
    records: Vec<Result<Arc<Record>, Indigestible>>,
    /// For views that fold the stream whole, if there is one.
    readings: Option<Both>,
}

/// A stream before the batch and after it.
type Both = (Arc<Reading>, Arc<Reading>);

impl Batch {
    /// The number of its entries.
    pub fn len(&self) -> usize {
        usize::try_from(self.to.size - self.from).unwrap_or(usize::MAX)
    }

    /// About how many bytes it keeps in memory.
    pub fn weight(&self) -> usize {
        let weight = |touched: &Touched| match &touched.readings {
            Some((_, after)) => after.weight(),
            None => touched.records.len() * size_of::<Record>(),
        };
        self.touched.iter().map(weight).sum()
    }

    /// What this view keeps of the hot streams that the batch touches, before it.
    pub async fn started(
        &self,
        log: &Log,
        states: &Arc<States>,
        view: &'static View,
        passed: &PassedOver,
    ) -> Result<Started, ViewError> {
        let mut started = Started::new();
        for touched in &self.touched {
            if let Some(begin) = view.runs(touched.stream.kind) {
                let (stream, before) = (touched.stream, touched.first - 1);
                let whose = (view, begin, passed);
                let state = states.at(log, whose, stream, before, self.from).await?;
                started.insert(stream, state);
            }
        }
        Ok(started)
    }

    /// What the batch changes in a view: `fold(after) − fold(before)`, over the streams it touches.
    pub fn digest(
        &self,
        view: &View,
        passed: &PassedOver,
        started: &Started,
        states: &States,
    ) -> Result<Changes, Indigestible> {
        let mut gathering = Gathering::new(view);
        for touched in self
            .touched
            .iter()
            .filter(|touched| view.listens(touched.stream.kind))
        {
            if let Some(state) = started.get(&touched.stream) {
                let state = state.as_ref().map_err(Indigestible::clone)?;
                let ran = view.run(&**state, &legible(&touched.records, passed)?)?;
                gathering.add(ran.before, ran.after);
                let reached = touched.first - 1 + touched.records.len() as u64;
                states.keep(view, touched.stream, reached, Arc::from(ran.state));
            } else if let Some((before, after)) = &touched.readings {
                gathering.add(view.digest_before(before, passed)?, view.digest(after, passed)?);
            }
        }
        Ok(gathering.finish())
    }
}

/// The streams used last, as they were read, bounded by their weight.
pub(crate) struct Known {
    readings: Mutex<(LruCache<StreamId, Arc<Reading>>, usize)>,
    limit: usize,
}

impl Known {
    /// Holds about `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            readings: Mutex::new((LruCache::unbounded(), 0)),
            limit,
        }
    }

    /// Keeps nothing any more.
    pub fn forget(&self) {
        let (readings, weight) = &mut *self.lock();
        *readings = LruCache::unbounded();
        *weight = 0;
    }

    /// The stream as it was at `revision`, just before the log's position `below`.
    fn at(&self, stream: StreamId, revision: u64, below: u64) -> Option<Arc<Reading>> {
        let reading = self.lock().0.get(&stream)?.clone();
        match reading.revision().cmp(&revision) {
            std::cmp::Ordering::Less => None,
            std::cmp::Ordering::Equal => Some(reading),
            std::cmp::Ordering::Greater => Some(Arc::new(reading.as_of(below))),
        }
    }

    /// Keeps the reading, unless a longer one is kept.
    fn keep(&self, reading: &Arc<Reading>) {
        let (readings, weight) = &mut *self.lock();
        let stream = reading.stream();
        if readings
            .peek(&stream)
            .is_some_and(|kept| kept.revision() >= reading.revision())
        {
            return;
        }
        *weight += reading.weight();
        if let Some(shorter) = readings.put(stream, reading.clone()) {
            *weight -= shorter.weight();
        }
        while *weight > self.limit
            && let Some((_, oldest)) = readings.pop_lru()
        {
            *weight -= oldest.weight();
        }
    }

    fn lock(&self) -> MutexGuard<'_, (LruCache<StreamId, Arc<Reading>>, usize)> {
        self.readings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which kinds of stream views listen to, and how.
pub(crate) struct Kinds {
    /// Those that some view folds whole.
    pub whole: Vec<StreamKind>,
    /// Those that some view takes record by record.
    pub hot: Vec<StreamKind>,
}

impl Kinds {
    /// Those of these views.
    pub fn of(views: &[&View]) -> Self {
        let among = |listens: &dyn Fn(&View, StreamKind) -> bool| {
            let wanted = |kind: &StreamKind| views.iter().any(|view| listens(view, *kind));
            StreamKind::ALL.iter().copied().filter(wanted).collect()
        };
        Self {
            whole: among(&|view, kind| view.folds(kind)),
            hot: among(&|view, kind| view.runs(kind).is_some()),
        }
    }

    /// Whether any view listens to this kind.
    pub fn listen(&self, kind: StreamKind) -> bool {
        self.whole.contains(&kind) || self.hot.contains(&kind)
    }
}

/// A stream's entries in a batch, and where its history before them comes from.
struct Share {
    stream: StreamId,
    entries: Vec<Entry>,
    /// Whether some view folds the whole stream.
    whole: bool,
    known: Option<Arc<Reading>>,
    stored: Vec<Entry>,
}

/// Makes a batch of entries that follow one another. Entries of streams to which no view listens are not even read.
pub(crate) async fn make(
    log: &Log,
    known: &Arc<Known>,
    kinds: &Kinds,
    entries: Vec<Entry>,
) -> Result<Batch, ViewError> {
    let from = entries.first().map_or(0, |entry| entry.position);
    let to = entries.last().map_or_else(Anchor::start, Entry::end);
    let mut shares: Vec<Share> = Vec::new();
    let mut places: HashMap<StreamId, usize> = HashMap::new();
    for entry in entries
        .into_iter()
        .filter(|entry| kinds.listen(entry.stream.kind))
    {
        let place = *places.entry(entry.stream).or_insert_with(|| {
            let (stream, before) = (entry.stream, entry.revision - 1);
            let whole = kinds.whole.contains(&stream.kind);
            let known = match (whole, before) {
                (false, _) => None,
                (true, 0) => Some(Arc::new(Reading::new(stream))),
                (true, before) => known.at(stream, before, from),
            };
            shares.push(Share {
                stream,
                entries: Vec::new(),
                whole,
                known,
                stored: Vec::new(),
            });
            shares.len() - 1
        });
        shares[place].entries.push(entry);
    }
    let loaded = stream::iter(shares).map(async |mut share| {
        if share.whole && share.known.is_none() {
            share.stored = log.stream(share.stream, Some(from)).await?;
        }
        Ok::<_, LogError>(share)
    });
    let shares: Vec<Share> = loaded.buffered(AT_ONCE).try_collect().await?;
    let known = known.clone();
    let read =
        tokio::task::spawn_blocking(move || shares.into_iter().map(|share| share.read(&known)).collect());
    let touched = read.await.map_err(|stopped| ViewError::unavailable(&stopped))?;
    Ok(Batch { from, to, touched })
}

impl Share {
    fn read(self, known: &Known) -> Touched {
        let Share {
            stream,
            entries,
            whole,
            known: before,
            stored,
        } = self;
        let records: Vec<_> = entries.iter().map(decode).collect();
        let readings = whole.then(|| {
            let before = before.unwrap_or_else(|| Arc::new(Reading::of(stream, &stored)));
            let mut after = (*before).clone();
            after.extend(records.iter().cloned());
            let after = Arc::new(after);
            known.keep(&after);
            (before, after)
        });
        Touched {
            stream,
            first: entries.first().map_or(1, |first| first.revision),
            records,
            readings,
        }
    }
}
