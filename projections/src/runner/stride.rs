//! A large step of views that are behind: tens of thousands of entries at once.
//!
//! Each stream that the step touches is read once and folded twice, before the step and after it, a few hundred streams at
//! a time. What is kept until the step is written is what it changes: a stream touched often is written once. So the work
//! is in proportion to what there is to catch up with, however long the log is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt, TryStreamExt, stream};
use parcours_log::{Entry, Log};
use parcours_model::{History, Record, StreamId};

use super::batch::{Kinds, decode, replay};
use super::states::States;
use crate::ViewError;
use crate::change::{Changes, Gathering};
use crate::view::{Indigestible, View};

/// Streams read and folded at once: some megabytes of histories.
const STREAMS: usize = 256;

/// What a step changes in one view.
type Share = Result<Gathering, Indigestible>;

/// A step, made once for all views that are at its beginning.
pub(crate) struct Stride {
    pub from: u64,
    pub to: u64,
    shares: Vec<(&'static View, Mutex<Option<Share>>)>,
}

/// A stream that the step touches: how much of it stands before the step, and what the step brings, for hot streams.
struct Touched {
    before: u64,
    brought: Vec<Entry>,
}

impl Stride {
    /// What it changes in this view, once.
    pub async fn take(&self, view: &View) -> Result<Option<Result<Changes, Indigestible>>, ViewError> {
        let share = self
            .share(view)
            .and_then(|share| share.lock().unwrap_or_else(PoisonError::into_inner).take());
        match share {
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

    /// About how many bytes its changes take, as it was made.
    pub fn weight(&self) -> usize {
        let weight = |share: &Mutex<Option<Share>>| {
            let share = share.lock().unwrap_or_else(PoisonError::into_inner);
            share
                .as_ref()
                .and_then(|share| share.as_ref().ok())
                .map_or(0, Gathering::weight)
        };
        self.shares.iter().map(|(_, share)| weight(share)).sum()
    }

    fn share(&self, view: &View) -> Option<&Mutex<Option<Share>>> {
        let same = |(other, _): &&(&'static View, Mutex<Option<Share>>)| other.name == view.name;
        self.shares.iter().find(same).map(|(_, share)| share)
    }
}

/// Makes a step of `size` entries from `from` on, for these views; `at_once` is how many threads may work on it.
pub(crate) async fn make(
    log: &Log,
    states: &Arc<States>,
    views: &[&'static View],
    from: u64,
    size: usize,
    at_once: usize,
) -> Result<Stride, ViewError> {
    let kinds = Kinds::of(views);
    let (to, touched) = touched(log, &kinds, from, size).await?;
    let (mut whole, mut hot) = (Vec::new(), Vec::new());
    for (stream, touched) in touched {
        if kinds.whole.contains(&stream.kind) {
            whole.push((stream, touched.before));
        }
        if kinds.hot.contains(&stream.kind) {
            hot.push((stream, touched));
        }
    }
    // In the order of the streams' names, which is that of most tables.
    whole.sort_unstable_by_key(|(stream, _)| *stream);
    let empty = |view: &&'static View| (*view, Mutex::new(Some(Ok(Gathering::new(view)))));
    let stride = Arc::new(Stride {
        from,
        to,
        shares: views.iter().map(empty).collect(),
    });
    let pieces = whole.chunks(STREAMS).map(<[_]>::to_vec);
    let folded = stream::iter(pieces.map(|piece| fold(log, piece, to, stride.clone())));
    folded
        .buffer_unordered(at_once)
        .try_for_each(async |()| Ok(()))
        .await?;
    for (stream, touched) in hot {
        run(log, states, stream, touched, &stride).await?;
    }
    Arc::into_inner(stride).ok_or_else(|| ViewError::Unavailable("a thread of a step did not end".into()))
}

/// The streams of which the step has entries. It does not cut an append in two.
async fn touched(
    log: &Log,
    kinds: &Kinds,
    from: u64,
    size: usize,
) -> Result<(u64, HashMap<StreamId, Touched>), ViewError> {
    let mut touched: HashMap<StreamId, Touched> = HashMap::new();
    let end = from.saturating_add(size as u64).min(log.size());
    let mut to = from;
    let mut last: Option<Entry> = None;
    loop {
        let limit = usize::try_from(end.saturating_sub(to)).unwrap_or(size).max(1);
        let entries = log.read(to, limit).await?;
        let mut over = entries.is_empty();
        for entry in entries {
            if to >= end
                && !last
                    .as_ref()
                    .is_some_and(|last| super::feed::is_of_one_append(last, &entry))
            {
                over = true;
                break;
            }
            last = (to + 1 >= end).then(|| entry.clone());
            to = entry.position + 1;
            let stream = entry.stream;
            if kinds.listen(stream.kind) {
                let touched = touched.entry(stream).or_insert_with(|| Touched {
                    before: entry.revision - 1,
                    brought: Vec::new(),
                });
                if kinds.hot.contains(&stream.kind) {
                    touched.brought.push(entry);
                }
            }
        }
        if over {
            return Ok((to, touched));
        }
    }
}

/// Reads some streams, and adds to each view's share what the step changes of them.
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
    let folds = || stride.shares.iter().filter(|(view, _)| view.folds(stream.kind));
    let cut = entries.partition_point(|entry| entry.revision <= before);
    let outputs = replay(History::new(stream), &entries[..cut]).and_then(|history| {
        let before: Vec<_> = folds().map(|(view, _)| view.digest_before(&history)).collect();
        let history = replay(history, &entries[cut..])?;
        Ok((before, history))
    });
    match outputs {
        Ok((before, history)) => {
            for ((view, share), before) in folds().zip(before) {
                add(
                    share,
                    before.and_then(|before| Ok((before, view.digest(&history)?))),
                );
            }
        }
        Err(fault) => folds().for_each(|(_, share)| add(share, Err(fault.clone()))),
    }
}

/// Takes the step's records of a hot stream.
async fn run(
    log: &Log,
    states: &Arc<States>,
    stream: StreamId,
    touched: Touched,
    stride: &Arc<Stride>,
) -> Result<(), ViewError> {
    let Touched { before, brought } = touched;
    let decoded =
        tokio::task::spawn_blocking(move || brought.iter().map(decode).collect::<Result<Vec<_>, _>>());
    let records = decoded
        .await
        .map_err(|stopped| ViewError::unavailable(&stopped))?;
    let records: Result<Arc<[Arc<Record>]>, _> = records.map(Into::into);
    for (place, (view, share)) in stride.shares.iter().enumerate() {
        let Some(begin) = view.runs(stream.kind) else {
            continue;
        };
        let state = states.at(log, view, begin, stream, before, stride.from).await?;
        let (state, records) = match (state, &records) {
            (Ok(state), Ok(records)) => (state, records.clone()),
            (Err(fault), _) => {
                add(share, Err(fault));
                continue;
            }
            (_, Err(fault)) => {
                add(share, Err(fault.clone()));
                continue;
            }
        };
        let (view, states, stride) = (*view, states.clone(), stride.clone());
        let ran = tokio::task::spawn_blocking(move || {
            let outputs = view.run(&*state, &records).map(|ran| {
                let reached = before + records.len() as u64;
                states.keep(view, stream, reached, Arc::from(ran.state));
                (ran.before, ran.after)
            });
            add(&stride.shares[place].1, outputs);
        });
        ran.await.map_err(|stopped| ViewError::unavailable(&stopped))?;
    }
    Ok(())
}

fn add(share: &Mutex<Option<Share>>, outputs: Result<(crate::Output, crate::Output), Indigestible>) {
    let mut share = share.lock().unwrap_or_else(PoisonError::into_inner);
    match (&mut *share, outputs) {
        (Some(Ok(gathering)), Ok((before, after))) => gathering.add(before, after),
        (Some(Err(_)) | None, _) => {}
        (share, Err(fault)) => *share = Some(Err(fault)),
    }
}
