//! The way of views that are behind, across the gap before them: stream after stream of those that it touches.
//!
//! Each stream is read once and folded twice, as it was before the gap and as it is after it, and written once, however
//! often the gap touches it: so the work is in proportion to what there is to catch up with, however long the log is. A
//! stride is some of the streams, a transaction of each view; the view remembers how many are done, and goes on from there
//! if it is stopped. Its checkpoint moves when all are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::{StreamExt, TryStreamExt, stream};
use parcours_log::{Anchor, Entry, Log};
use parcours_model::{Record, StreamId, StreamKind};

use super::batch::Kinds;
use super::feed::is_of_one_append;
use super::states::{PAGE, States};
use crate::ViewError;
use crate::change::{Changes, Gathering};
use crate::reading::{PassedOver, Reading, decode, legible};
use crate::running::Running;
use crate::shared::Shared;
use crate::store::{Crossing, Mark};
use crate::view::{Indigestible, Output, View};

/// Streams read and folded at once: some megabytes of histories.
const STREAMS: usize = 256;
/// Streams of a stride at the most: whoever stops the service waits for its end.
const MOST: usize = 4 * STREAMS;
/// Bytes that a stride's changes take at the least, of all views together, unless it ends before: they are held in memory
/// until they are written, and in the WAL until that is moved.
const BYTES: usize = 8 << 20;
/// Entries of a gap: what it is to cross is held in memory, some hundred bytes for each stream.
const WIDEST: u64 = 2_000_000;

/// A stride of one view.
struct Share {
    view: &'static View,
    passed: PassedOver,
    /// What it changes, until the view takes it.
    changes: Mutex<Option<Result<Gathering, Indigestible>>>,
}

/// A stretch of the log, by the streams of which it has entries.
pub(crate) struct Gap {
    pub from: Anchor,
    pub to: Anchor,
    /// In the order of their names, which is that of most tables; of each, how much stands before the gap.
    streams: Vec<(StreamId, u64)>,
}

impl Gap {
    /// Looks at the gap that a view at `mark` has before it. It does not cut an append in two, and ends where another view
    /// is, at `next`.
    pub async fn look(log: &Log, mark: Mark, next: Option<Mark>) -> Result<Gap, ViewError> {
        let from = mark.at;
        let end = match (mark.crossing, next) {
            (Some(crossing), _) => crossing.to.size,
            (None, Some(next)) if next.at.size > from.size => next.at.size,
            (
                None,
                Some(Mark {
                    crossing: Some(other),
                    ..
                }),
            ) => other.to.size,
            (None, _) => log.size().min(from.size.saturating_add(WIDEST)),
        };
        let mut touched: HashMap<StreamId, u64> = HashMap::new();
        let (mut to, mut last) = (from, None::<Entry>);
        let mut follower = log.follow_after(from);
        while follower.position() < log.size() {
            let limit = usize::try_from(end.saturating_sub(to.size)).unwrap_or(PAGE);
            let entries = follower.next(limit.clamp(1, PAGE)).await?;
            let mut over = false;
            for entry in entries {
                if to.size >= end && !last.as_ref().is_some_and(|last| is_of_one_append(last, &entry)) {
                    over = true;
                    break;
                }
                touched.entry(entry.stream).or_insert(entry.revision - 1);
                to = entry.end();
                last = (to.size >= end).then_some(entry);
            }
            if over {
                break;
            }
        }
        let mut streams: Vec<_> = touched.into_iter().collect();
        streams.sort_unstable();
        Ok(Gap { from, to, streams })
    }

    /// Whether it is the gap that a view at `mark` has before it.
    pub fn is_before(&self, mark: Mark) -> bool {
        self.from == mark.at && mark.crossing.is_none_or(|crossing| crossing.to == self.to)
    }
}

/// A stride, made once for all views that are at its beginning.
pub(crate) struct Stride {
    pub gap: Arc<Gap>,
    first: usize,
    end: usize,
    shares: Vec<Share>,
}

/// What a stride is to one view.
pub(crate) struct Strode {
    /// Where the way across the gap leads.
    pub end_of_gap: u64,
    /// How far the view is after it.
    pub to: Mark,
    /// What it changes.
    pub changes: Result<Changes, Indigestible>,
}

impl Stride {
    /// Whether it is the next one of a view at `mark`.
    pub fn begins_at(&self, mark: Mark) -> bool {
        self.gap.is_before(mark) && done(mark) == self.first
    }

    /// How far a view is that has made it.
    pub fn end(&self) -> Mark {
        if self.end == self.gap.streams.len() {
            return Mark::at(self.gap.to);
        }
        Mark {
            at: self.gap.from,
            crossing: Some(Crossing {
                to: self.gap.to,
                done: self.end as u64,
            }),
        }
    }

    /// What it changes in this view, once.
    pub async fn take(&self, view: &View) -> Result<Option<Result<Changes, Indigestible>>, ViewError> {
        let share = self.shares.iter().find(|share| share.view.name == view.name);
        match share.and_then(|share| share.lock().take()) {
            None => Ok(None),
            Some(Err(fault)) => Ok(Some(Err(fault))),
            Some(Ok(gathering)) => {
                let finished = tokio::task::spawn_blocking(move || gathering.finish()).await;
                Ok(Some(Ok(
                    finished.map_err(|stopped| ViewError::unavailable(&stopped))?
                )))
            }
        }
    }

    /// Whether it may take more streams: not when its changes take the bytes allowed, or a view can take none.
    fn has_room(&self) -> bool {
        let weights = self.shares.iter().map(|share| {
            let changes = share.lock();
            let gathering = changes.as_ref().and_then(|changes| changes.as_ref().ok());
            gathering.map_or(BYTES, Gathering::weight)
        });
        weights.sum::<usize>() < BYTES
    }
}

impl Share {
    /// Nothing yet.
    fn of(view: &'static View, passed: PassedOver) -> Share {
        Share {
            view,
            passed,
            changes: Mutex::new(Some(Ok(Gathering::new(view)))),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Result<Gathering, Indigestible>>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, outputs: Result<(Output, Output), Indigestible>) {
        let mut changes = self.lock();
        match (&mut *changes, outputs) {
            (Some(Ok(gathering)), Ok((before, after))) => gathering.add(before, after),
            (Some(Err(_)) | None, _) => {}
            (changes, Err(fault)) => *changes = Some(Err(fault)),
        }
    }
}

/// How many streams of the gap before it a view at `mark` has done.
fn done(mark: Mark) -> usize {
    mark.crossing
        .map_or(0, |crossing| usize::try_from(crossing.done).unwrap_or(usize::MAX))
}

/// How a stride is made.
pub(crate) struct Make<'a> {
    pub log: &'a Log,
    pub states: &'a Arc<States>,
    pub shared: &'a Shared,
    /// For whom.
    pub views: &'a [&'static View],
    /// How many threads may work on it.
    pub at_once: usize,
}

/// Makes a stride of views at `mark`, which ends where another view is, at `next`.
pub(crate) async fn make(
    how: Make<'_>,
    gap: Arc<Gap>,
    mark: Mark,
    next: Option<Mark>,
) -> Result<Stride, ViewError> {
    let Make {
        log,
        states,
        shared,
        views,
        at_once,
    } = how;
    let kinds = Kinds::of(views);
    let first = done(mark).min(gap.streams.len());
    // Not beyond a view that is on the same way.
    let meets = next.filter(|next| next.at == gap.from).map(done);
    let limit = meets.filter(|meets| *meets > first).unwrap_or(gap.streams.len());
    let limit = limit.min(first.saturating_add(MOST));
    let mut shares = Vec::new();
    for view in views {
        shares.push(Share::of(view, shared.passed_over(view, log).await?));
    }
    let stride = Arc::new(Stride {
        gap: gap.clone(),
        first,
        end: first,
        shares,
    });
    let mut end = first;
    while end < limit && stride.has_room() {
        let streams = &gap.streams[end..limit.min(end + at_once * STREAMS)];
        end += streams.len();
        let touched = |kinds: &[StreamKind]| -> Vec<(StreamId, u64)> {
            let touched = streams.iter().filter(|(stream, _)| kinds.contains(&stream.kind));
            touched.copied().collect()
        };
        let whole = touched(&kinds.whole);
        let pieces = whole.chunks(STREAMS).map(<[_]>::to_vec);
        let folded = stream::iter(pieces.map(|piece| fold(log, piece, gap.to.size, stride.clone())));
        folded
            .buffer_unordered(at_once)
            .try_for_each(async |()| Ok(()))
            .await?;
        for (stream, before) in touched(&kinds.hot) {
            run(log, states, stream, before, &stride).await?;
        }
    }
    let mut stride = Arc::into_inner(stride)
        .ok_or_else(|| ViewError::Unavailable("a thread of a stride did not end".into()))?;
    stride.end = end;
    Ok(stride)
}

/// Reads some streams, and adds to each view's share what the gap changes of them.
async fn fold(log: &Log, piece: Vec<(StreamId, u64)>, to: u64, stride: Arc<Stride>) -> Result<(), ViewError> {
    let ids = piece.iter().map(|(stream, _)| *stream).collect();
    let stored = log.streams(ids, to).await?;
    let folded = tokio::task::spawn_blocking(move || {
        for ((stream, before), entries) in piece.into_iter().zip(stored) {
            fold_one(stream, before, &entries, &stride);
        }
    });
    folded.await.map_err(|stopped| ViewError::unavailable(&stopped))
}

fn fold_one(stream: StreamId, before: u64, entries: &[Entry], stride: &Stride) {
    let folds = || stride.shares.iter().filter(|share| share.view.folds(stream.kind));
    let cut = entries.partition_point(|entry| entry.revision <= before);
    let mut reading = Reading::of(stream, &entries[..cut]);
    let outputs: Vec<_> = folds()
        .map(|share| share.view.digest_before(&reading, &share.passed))
        .collect();
    reading.extend(entries[cut..].iter().map(decode));
    for (share, before) in folds().zip(outputs) {
        share.add(before.and_then(|before| Ok((before, share.view.digest(&reading, &share.passed)?))));
    }
}

/// Takes what the gap brings of a hot stream, page by page.
async fn run(
    log: &Log,
    states: &Arc<States>,
    stream: StreamId,
    before: u64,
    stride: &Arc<Stride>,
) -> Result<(), ViewError> {
    let (from, to) = (stride.gap.from.size, stride.gap.to.size);
    let mut runs = Vec::new();
    for (place, share) in stride.shares.iter().enumerate() {
        let Some(begin) = share.view.runs(stream.kind) else {
            continue;
        };
        let whose = (share.view, begin, &share.passed);
        match states.at(log, whose, stream, before, from).await? {
            Ok(state) => runs.push(Run::of(place, share.view, &*state)),
            Err(fault) => share.add(Err(fault)),
        }
    }
    let mut reached = before;
    loop {
        let entries = log.stream_page(stream, reached, to, PAGE).await?;
        let Some(last) = entries.last() else { break };
        reached = last.revision;
        let told = stride.clone();
        let taken = tokio::task::spawn_blocking(move || {
            let records: Vec<_> = entries.iter().map(decode).collect();
            let take = |run: Run| {
                let share = &told.shares[run.place];
                let taken = legible(&records, &share.passed).and_then(|records| run.take(&records));
                taken.map_err(|fault| share.add(Err(fault))).ok()
            };
            runs.into_iter().filter_map(take).collect()
        });
        runs = taken.await.map_err(|stopped| ViewError::unavailable(&stopped))?;
    }
    for run in runs {
        let share = &stride.shares[run.place];
        share.add(run.finish().map(|(before, after, state)| {
            states.keep(share.view, stream, reached, state);
            (before, after)
        }));
    }
    Ok(())
}

/// A view on its way along a hot stream.
struct Run {
    /// Its place among the shares.
    place: usize,
    view: &'static View,
    /// What the stream contributed as it stood.
    before: Output,
    /// What is added for ever.
    added: Output,
    state: Box<dyn Running>,
    last: Option<Arc<Record>>,
}

impl Run {
    fn of(place: usize, view: &'static View, state: &dyn Running) -> Run {
        let mut before = Output::new();
        state.standing(&mut before);
        Run {
            place,
            view,
            before,
            added: Output::new(),
            state: state.copy(),
            last: None,
        }
    }

    fn take(mut self, records: &[Arc<Record>]) -> Result<Run, Indigestible> {
        self.state = self.view.take(self.state, records, &mut self.added)?;
        self.last = records.last().cloned().or(self.last);
        Ok(self)
    }

    /// What the stream contributed before, what it does now, and the state that it has come to.
    fn finish(self) -> Result<(Output, Output, Arc<dyn Running>), Indigestible> {
        let Run {
            view,
            before,
            mut added,
            state,
            last,
            ..
        } = self;
        state.standing(&mut added);
        let checked = |output| {
            view.checked(output).map_err(|detail| Indigestible {
                position: last.as_ref().map_or(0, |last| last.position),
                detail,
            })
        };
        Ok((checked(before)?, checked(added)?, Arc::from(state)))
    }
}
