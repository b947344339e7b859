//! The thread that turns what is in memory into runs, and runs into larger ones.
//!
//! It reads by itself and has all it writes written by whoever commits, a bounded step at a time between two commits. Of
//! the processes that have the log open one is at work at a time: it writes its number into the state, and each step
//! only if what stands there is what its last step left. Who does not move for a while is taken to be gone.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot::{self, error::TryRecvError};
use tokio::time::sleep;
use uuid::Uuid;

use super::Index;
use super::run::{Run, RunRow, Standing};
use super::shelf::{Hold, Shelf, Step, Stepped, Work};
use crate::LogError;
use crate::supervision::Supervisor;
use crate::trouble::Trouble;

/// Runs of one level that are merged into one of the next.
const FAN: usize = 4;
/// Runs of this level are merged no more, so that no merge needs more memory than for the filter of one.
const TOP: u64 = 3;
/// Entries that may be in no run when the log is opened, in the smallest runs: they are read in less than a second.
const LOOSE: u64 = 3;
/// Who is at work and has not moved for so long is taken to be gone.
const STALE: Duration = Duration::from_secs(1);
/// Between two looks at whether another process moves, or after a failure.
const LOOK: Duration = Duration::from_millis(250);
/// Between two lines on a log that is brought up to date.
const TELL: Duration = Duration::from_secs(5);

/// A step to be written, and where its end is told.
pub(crate) struct StepOrder {
    pub step: Step,
    pub ended: oneshot::Sender<Result<Stepped, LogError>>,
}

/// The thread. Stopped by being dropped, after the step it is at.
pub(crate) struct Keeping {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Keeping {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the thread works with.
pub(super) struct Keeper<S> {
    pub(super) index: Arc<Index>,
    pub(super) shelf: S,
    steps: UnboundedSender<StepOrder>,
    /// This process, while it is at work.
    number: i64,
    /// What its last step left; `None` if it is not at work.
    hold: Option<Hold>,
    /// The number of the next run.
    next_run: u64,
    /// Another process at work, and since when it has not moved.
    other: Option<(Hold, Instant)>,
    /// Whether there may be runs that nobody reads.
    litter: bool,
    /// Closed when the thread is to end.
    stop: oneshot::Receiver<()>,
}

/// Starts the thread, and answers when at most a few of the first `size` entries are in no run.
pub(crate) async fn start<S: Shelf>(
    index: Arc<Index>,
    open: impl FnOnce() -> Result<S, LogError> + Send + 'static,
    steps: UnboundedSender<StepOrder>,
    size: u64,
    supervisor: &Supervisor,
) -> Result<Keeping, LogError> {
    let (ready, started) = oneshot::channel();
    let (stop, stopped) = oneshot::channel();
    let work = move || {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return drop(ready.send(Err(LogError::unavailable(&error)))),
        };
        runtime.block_on(async {
            let begun = async {
                let mut keeper = Keeper::new(index, open()?, steps, stopped);
                keeper.bring_up(size).await?;
                Ok(keeper)
            };
            match begun.await {
                Ok(keeper) => {
                    let _ = ready.send(Ok(()));
                    keeper.run().await;
                }
                Err(error) => drop(ready.send(Err(error))),
            }
        });
    };
    let thread = supervisor.thread("log-index", work);
    let keeping = Keeping {
        stop: Some(stop),
        thread: Some(thread.map_err(|error| LogError::unavailable(&error))?),
    };
    let died = |_| LogError::Unavailable("the thread of the index ended as it began".into());
    started.await.map_err(died)??;
    Ok(keeping)
}

impl<S: Shelf> Keeper<S> {
    fn new(
        index: Arc<Index>,
        shelf: S,
        steps: UnboundedSender<StepOrder>,
        stop: oneshot::Receiver<()>,
    ) -> Keeper<S> {
        Keeper {
            index,
            shelf,
            steps,
            number: drawn(),
            hold: None,
            next_run: 0,
            other: None,
            litter: true,
            stop,
        }
    }

    /// Works whenever there is enough to do, until it is stopped.
    async fn run(mut self) {
        let trouble = Trouble::new("log", "the index cannot be written; it is tried again");
        loop {
            let pause = match self.work().await {
                Ok(pause) => {
                    trouble.over();
                    pause
                }
                Err(_) if self.is_stopped() => break,
                Err(error) => {
                    trouble.met(&error);
                    Some(LOOK)
                }
            };
            tokio::select! {
                _ = &mut self.stop => break,
                () = self.index.enough.notified() => {}
                () = sleep(pause.unwrap_or_default()), if pause.is_some() => {}
            }
        }
    }

    /// Loads the index, and writes runs until few of the first `size` entries are in none.
    async fn bring_up(&mut self, size: u64) -> Result<(), LogError> {
        self.index.load(&self.shelf).await?;
        let run = self.index.settings.run as u64;
        let behind = |keeper: &Self| size.saturating_sub(keeper.index.indexed());
        if behind(self) <= LOOSE * run {
            return Ok(());
        }
        tracing::info!(entries = behind(self), "the log's entries are being indexed");
        let mut told = Instant::now();
        while behind(self) > LOOSE * run {
            let next = size.min(self.index.indexed() + run);
            self.index.cover_from(&self.shelf, next).await?;
            if let Some(pause) = self.work().await? {
                sleep(pause).await;
            }
            if told.elapsed() >= TELL {
                told = Instant::now();
                tracing::info!(
                    done = self.index.indexed(),
                    total = size,
                    "indexing the log's entries"
                );
            }
        }
        Ok(())
    }

    /// Does what there is to do. Answers when to look again, if another process is at it.
    async fn work(&mut self) -> Result<Option<Duration>, LogError> {
        if self.litter {
            let runs = self.shelf.runs().await?;
            self.litter = runs.iter().any(|(_, standing)| *standing != Standing::Live);
        }
        if !self.has_work() {
            return Ok(None);
        }
        if !self.take_hold().await? {
            return Ok(self.has_work().then_some(LOOK));
        }
        loop {
            self.clear_away().await?;
            self.write_loose().await?;
            let Some(runs) = self.mergeable() else { break };
            self.merge(&runs).await?;
        }
        self.step(0, Work::Pass).await?;
        Ok(None)
    }

    fn is_stopped(&mut self) -> bool {
        self.stop.try_recv() == Err(TryRecvError::Closed)
    }

    fn has_work(&self) -> bool {
        self.litter || self.index.read().fresh.is_full() || self.mergeable().is_some()
    }

    /// The runs to be merged next. Those of a level stand next to each other, after those of higher ones.
    fn mergeable(&self) -> Option<Vec<Arc<Run>>> {
        let seen = self.index.read();
        (0..TOP).find_map(|level| {
            let runs: Vec<_> = seen
                .runs
                .iter()
                .filter(|run| run.row.level == level)
                .take(FAN)
                .cloned()
                .collect();
            (runs.len() == FAN).then_some(runs)
        })
    }

    /// Becomes the process that is at work. False if another one is, or if there is nothing to do after all.
    async fn take_hold(&mut self) -> Result<bool, LogError> {
        let state = self.shelf.state().await?;
        let version = self.index.read().version;
        if state.version != version {
            self.index.load_again(&self.shelf).await?;
            if !self.has_work() {
                return Ok(false);
            }
        }
        let Hold { keeper, .. } = state.hold;
        if keeper != 0 && keeper != self.number {
            match self.other {
                Some((hold, since)) if hold == state.hold && since.elapsed() >= STALE => {}
                Some((hold, _)) if hold == state.hold => return Ok(false),
                _ => {
                    self.other = Some((state.hold, Instant::now()));
                    return Ok(false);
                }
            }
        }
        self.other = None;
        self.hold = Some(state.hold);
        self.next_run = state.runs;
        self.step(self.number, Work::Pass).await?;
        // What the one before has left half done is litter now.
        self.litter = true;
        Ok(true)
    }

    /// Has a step written, which leaves this process at work, or `keeper`.
    async fn step(&mut self, keeper: i64, work: Work) -> Result<Stepped, LogError> {
        let lost = || LogError::Unavailable("another process is at work on the log's index".into());
        // Taken: after a failure nobody knows what stands in the state.
        let seen = self.hold.take().ok_or_else(lost)?;
        let (ended, end) = oneshot::channel();
        let step = Step { seen, keeper, work };
        let after = step.after();
        let order = StepOrder { step, ended };
        let closed = || LogError::Unavailable("the log is closed".into());
        if self.is_stopped() {
            return Err(closed());
        }
        self.steps.send(order).map_err(|_| closed())?;
        match end.await.map_err(|_| closed())?? {
            Stepped::Lost => Err(lost()),
            stepped => {
                self.hold = after;
                Ok(stepped)
            }
        }
    }

    /// As [`step`](Keeper::step), staying at work.
    pub(super) async fn go_on(&mut self, work: Work) -> Result<Stepped, LogError> {
        self.step(self.number, work).await
    }

    /// Lists a run that is going to be written.
    pub(super) async fn begin(&mut self, level: u64, from: u64, until: u64) -> Result<RunRow, LogError> {
        let row = RunRow {
            run: self.next_run,
            level,
            from,
            until,
            blocks: [0; 3],
        };
        self.go_on(Work::Begin(row)).await?;
        self.next_run += 1;
        Ok(row)
    }

    /// Lets a run be read, all of which is written.
    pub(super) async fn publish(&mut self, run: Run, replaced: Vec<u64>) -> Result<(), LogError> {
        let (version, before) = (drawn(), self.index.read().version);
        let indexed = self.index.indexed().max(run.row.until);
        let work = Work::Publish {
            row: run.row,
            replaced: replaced.clone(),
            version,
            indexed,
        };
        self.go_on(work).await?;
        self.litter |= !replaced.is_empty();
        if !self.index.publish(run, &replaced, before, version) {
            self.index.load_again(&self.shelf).await?;
        }
        Ok(())
    }

    /// Deletes the runs that nobody reads. Not while one is being written.
    async fn clear_away(&mut self) -> Result<(), LogError> {
        if !std::mem::take(&mut self.litter) {
            return Ok(());
        }
        let runs = self.shelf.runs().await?;
        for (row, _) in runs.iter().filter(|(_, standing)| *standing != Standing::Live) {
            while self.go_on(Work::Drop(row.run)).await? != Stepped::Gone {
                self.write_loose().await?;
            }
        }
        Ok(())
    }
}

/// A number drawn by chance, never 0.
fn drawn() -> i64 {
    Uuid::new_v4().as_u64_pair().0.cast_signed() | 1
}
