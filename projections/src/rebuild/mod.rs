//! Rebuilding: a new generation beside the one that answers, then a takeover in one transaction.
//!
//! In order: the generation is *loaded* in one [`pass`] over all streams up to a target; then it *catches up* with
//! what has been appended since, as a live view does; then it *takes over*. Each step is kept as it is done, so a
//! rebuild that ends early, however it ends, goes on from there the next time, and the generation that answers
//! notices nothing. One rebuild a view at a time, whichever process runs it.

mod fold;
mod job;
mod lane;
mod pass;

use std::sync::Arc;

use futures_util::future::join_all;
use parcours_log::Log;
use tokio_util::sync::CancellationToken;

use crate::runner::ProjectorOptions;
use crate::runner::feed::Feed;
use crate::shared::Shared;
use crate::view::View;
use crate::{ViewError, Views};
use job::Job;

/// How far the loading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Entries read.
    pub done: u64,
    /// Entries to read.
    pub total: u64,
}

/// Rebuilds views from the log: those named, or all if none is. Several share one pass. Safe beside a projector, in
/// this process or another; the views answer all the while. When `cancel` is cancelled it ends within a moment with
/// [`ViewError::Cancelled`], and the next rebuild goes on from there.
///
/// One view's failure does not stop the others; the first is answered.
pub async fn rebuild(
    log: &Log,
    views: &Views,
    names: &[&str],
    progress: impl Fn(Progress) + Send + Sync,
    cancel: CancellationToken,
) -> Result<(), ViewError> {
    let shared = &views.0.shared;
    let find = |name: &&str| match shared.board.find(name) {
        Some((view, _)) => Ok(view),
        None => Err(ViewError::Unknown((*name).into())),
    };
    let mut chosen: Vec<&'static View> = names.iter().map(find).collect::<Result<_, _>>()?;
    if chosen.is_empty() {
        chosen = shared.board.all().map(|(view, _)| view).collect();
    }
    chosen.sort_by_key(|view| view.name);
    chosen.dedup_by_key(|view| view.name);
    let options = ProjectorOptions {
        // Shared with nobody, and needed for catching up only.
        history_bytes: 8 << 20,
        state_bytes: 2 << 20,
    };
    let feed = Arc::new(Feed::new(log.clone(), shared.clone(), &chosen, &options));
    let results = run(&feed, shared, &chosen, &progress, &cancel).await;
    results.into_iter().try_for_each(|(_, result)| result)
}

/// Rebuilds these views, each listed once, and answers how each ended.
pub(crate) async fn run(
    feed: &Arc<Feed>,
    shared: &Arc<Shared>,
    views: &[&'static View],
    progress: &(dyn Fn(Progress) + Send + Sync),
    cancel: &CancellationToken,
) -> Vec<(&'static View, Result<(), ViewError>)> {
    let target = feed.log().end();
    let mut jobs = Vec::new();
    let mut results = Vec::new();
    for view in views {
        match Job::begin(shared, view, feed.log(), target).await {
            Ok(job) => jobs.push(job),
            Err(error) => results.push((*view, Err(error))),
        }
    }
    // Those that go on from an earlier rebuild have targets of their own; the same target is the same pass.
    while let Some(target) = next_target(&jobs) {
        let (pass, others) = jobs
            .into_iter()
            .partition(|job| job.is_loading() && job.generation.target == target);
        jobs = others;
        let passed = pass::run(feed.log(), shared, pass, target, progress, cancel).await;
        let passed = passed
            .into_iter()
            .map(async |(mut job, ended)| (job.after_pass(ended).await, job));
        for (ended, job) in join_all(passed).await {
            match ended {
                Ok(()) => jobs.push(job),
                Err(error) => results.push((job.view, Err(error))),
            }
        }
    }
    let finished = jobs
        .into_iter()
        .map(async |mut job| (job.view, job.finish(feed, cancel).await));
    results.extend(join_all(finished).await);
    for view in views {
        shared.board.rebuild(view, None);
        if !results.iter().any(|(ended, _)| ended.name == view.name) {
            results.push((
                *view,
                Err(ViewError::Unavailable(
                    "the rebuild failed, as the log of the program says".into(),
                )),
            ));
        }
    }
    results
}

fn next_target(jobs: &[Job]) -> Option<u64> {
    jobs.iter()
        .find(|job| job.is_loading())
        .map(|job| job.generation.target)
}
