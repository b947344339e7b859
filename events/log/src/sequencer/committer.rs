//! The thread that writes, and the slot through which the sequencer hands over what it has decided.
//!
//! The slot holds one open batch. It grows as the sequencer decides; the committer takes it, whatever is in it, the
//! moment the batch before is on disk. So groups are as large as the disk is slow, and nobody waits for one to fill.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, oneshot};

use super::queue::{Answer, Answers, Call};
use crate::store::index::keeper::StepOrder;
use crate::store::index::shelf::{Hold, Step, Stepped, Work};
use crate::store::index::{Index, Sight};
use crate::store::{Batch, Commit, HeadRow, Writer};
use crate::tail::Tail;
use crate::writing::Notes;
use crate::{LogError, Options};

/// The sequencer's end.
pub(super) struct Committer {
    orders: Option<UnboundedSender<Order>>,
    slot: Arc<Slot>,
    thread: Option<JoinHandle<()>>,
}

/// A batch with the calls it was decided for, and what each append of them is answered once it is written.
pub(super) struct Proposal {
    pub batch: Batch,
    pub calls: Vec<Call>,
    pub answers: Vec<Answer>,
}

/// A proposal that is not written, and what was decided on top of it, in order. All their calls still wait.
pub(super) struct Failure {
    pub cause: Cause,
    pub first: Proposal,
    pub rest: Option<Proposal>,
}

/// Why the first of them is not written.
pub(super) enum Cause {
    /// Another process has moved the head.
    Moved,
    /// The database refuses something it holds, for this reason.
    Refused(String),
    /// The database failed.
    Failed(LogError),
}

enum Order {
    Lock(oneshot::Sender<Result<HeadRow, LogError>>),
    Unlock,
    Reach(i64, oneshot::Sender<Result<HeadRow, LogError>>),
    /// There is something in the slot, where there was nothing.
    Write,
}

/// What both ends see. Invariant: after a failure nothing is written until the sequencer has taken it.
#[derive(Default)]
struct Slot {
    state: Mutex<State>,
    /// Told when there is a failure, and of other changes while they are awaited.
    changed: Notify,
}

#[derive(Default)]
struct State {
    open: Option<Proposal>,
    writing: bool,
    failure: Option<Failure>,
    /// The sequencer waits for more than a failure.
    awaited: bool,
    /// The thread has ended; there will be no other, and whoever waits for it is let go.
    gone: bool,
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Committer {
    /// Starts the thread, with a small runtime of its own: an adapter may block it, and its connection is driven by
    /// nobody else. Answers the head, the tail that it moves, and where steps of the index are taken.
    pub async fn start<W: Writer>(
        open: impl AsyncFnOnce() -> Result<W, LogError> + Send + 'static,
        answers: Answers,
        index: Arc<Index>,
        notes: Notes,
        options: &Options,
    ) -> Result<(Committer, HeadRow, Tail, UnboundedSender<StepOrder>), LogError> {
        let (steps, asked) = unbounded_channel();
        let (orders, ordered) = unbounded_channel();
        let (started, starting) = oneshot::channel();
        let slot = Arc::new(Slot::default());
        let shared = slot.clone();
        let recent_bytes = options.recent_bytes;
        let work = move || {
            let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(started.send(Err(LogError::unavailable(&error)))),
            };
            runtime.block_on(async {
                let opened = async {
                    let mut writer = open().await?;
                    let head = writer.lock().await?;
                    let end = writer.end(&head).await;
                    writer.unlock().await;
                    Ok((writer, head, end?))
                };
                match opened.await {
                    Ok((writer, head, end)) => {
                        let tail = Tail::new(end, recent_bytes);
                        let _ = started.send(Ok((head, tail.clone())));
                        let desk = Desk {
                            writer,
                            tail,
                            answers,
                            slot: shared,
                            index,
                            notes,
                            locked: false,
                            hold: None,
                        };
                        desk.run(ordered, asked).await;
                    }
                    Err(error) => drop(started.send(Err(error))),
                }
            });
        };
        let thread = options.supervisor.thread("log-committer", work);
        let thread = thread.map_err(|error| LogError::unavailable(&error))?;
        let (head, tail) = starting.await.map_err(|_| gone())??;
        let committer = Committer {
            orders: Some(orders),
            slot,
            thread: Some(thread),
        };
        Ok((committer, head, tail, steps))
    }

    /// Hands over what was decided on top of all that was handed over before. What comes after a failure that the
    /// sequencer has not taken yet is taken with it.
    pub fn offer(&self, proposal: Proposal) {
        let mut state = self.slot.lock();
        if state.gone {
            // The calls go with the proposal, and hear that the log is closed.
        } else if let Some(failure) = &mut state.failure {
            join(&mut failure.rest, proposal);
        } else if join(&mut state.open, proposal) && !state.writing {
            drop(state);
            self.order(Order::Write);
        }
    }

    /// Waits until fewer than `events` are in the slot, or something has failed.
    pub async fn room(&self, events: usize) {
        self.until(|state| {
            let open = state.open.as_ref().map_or(0, |open| open.batch.rows.len());
            open < events || state.failure.is_some() || state.gone
        })
        .await;
    }

    /// Waits until everything handed over is written, or something has failed.
    pub async fn settled(&self) -> Result<(), Failure> {
        self.until(|state| state.failure.is_some() || state.gone || (state.open.is_none() && !state.writing))
            .await;
        self.slot.lock().failure.take().map_or(Ok(()), Err)
    }

    /// Whether the thread has ended: then nobody knows what became of what it was given last.
    pub fn is_gone(&self) -> bool {
        self.slot.lock().gone
    }

    /// Waits for a failure, which may never come.
    pub async fn failure(&self) -> Failure {
        loop {
            if let Some(failure) = self.slot.lock().failure.take() {
                return failure;
            }
            self.slot.changed.notified().await;
        }
    }

    /// Takes the write lock, and answers the head. Nothing may be in the slot.
    pub async fn lock(&self) -> Result<HeadRow, LogError> {
        let (answer, answered) = oneshot::channel();
        self.order(Order::Lock(answer));
        answered.await.map_err(|_| gone())?
    }

    /// Gives the lock back, if it is held.
    pub fn unlock(&self) {
        self.order(Order::Unlock);
    }

    /// Has the head's `recorded` be this much at least, and answers the head. Nothing may be in the slot.
    pub async fn reach(&self, recorded: i64) -> Result<HeadRow, LogError> {
        let (answer, answered) = oneshot::channel();
        self.order(Order::Reach(recorded, answer));
        answered.await.map_err(|_| gone())?
    }

    async fn until(&self, holds: impl Fn(&State) -> bool) {
        loop {
            {
                let mut state = self.slot.lock();
                state.awaited = !holds(&state);
                if !state.awaited {
                    return;
                }
            }
            self.slot.changed.notified().await;
        }
    }

    fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            // Whoever waits for the answer notices that the thread is gone.
            let _ = orders.send(order);
        }
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Adds to what is there; answers whether nothing was.
fn join(there: &mut Option<Proposal>, more: Proposal) -> bool {
    match there {
        None => {
            *there = Some(more);
            true
        }
        Some(open) => {
            open.batch.join(more.batch);
            open.calls.extend(more.calls);
            open.answers.extend(more.answers);
            false
        }
    }
}

/// What the thread works with.
struct Desk<W> {
    writer: W,
    tail: Tail,
    answers: Answers,
    slot: Arc<Slot>,
    index: Arc<Index>,
    notes: Notes,
    /// The sequencer has had the lock taken, and nothing ended it yet.
    locked: bool,
    /// What the last step of the index left, if this process is at work on it.
    hold: Option<Hold>,
}

impl<W> Drop for Desk<W> {
    fn drop(&mut self) {
        let mut state = self.slot.lock();
        state.gone = true;
        state.open = None;
        self.slot.changed.notify_one();
    }
}

impl<W: Writer> Desk<W> {
    /// Works until the sequencer is gone. Between two commits it writes one step of the index, if there is one: so the
    /// index never makes a commit wait for more than that, and commits do not hold it up.
    async fn run(mut self, mut orders: UnboundedReceiver<Order>, mut steps: UnboundedReceiver<StepOrder>) {
        loop {
            let order = tokio::select! {
                biased;
                order = orders.recv() => order,
                Some(step) = steps.recv(), if !self.locked => {
                    self.shelve(step).await;
                    continue;
                }
            };
            match order {
                Some(Order::Lock(answer)) => {
                    let head = self.writer.lock().await;
                    self.locked = head.is_ok();
                    let _ = answer.send(head);
                }
                Some(Order::Unlock) => {
                    self.writer.unlock().await;
                    self.locked = false;
                }
                Some(Order::Reach(recorded, answer)) => {
                    let reached = self.writer.reach(recorded).await;
                    if reached.is_ok() {
                        self.notes.committed();
                    }
                    let _ = answer.send(reached);
                }
                Some(Order::Write) => {
                    while let Some(proposal) = self.take() {
                        self.write(proposal).await;
                        self.locked = false;
                        if let Ok(step) = steps.try_recv() {
                            self.shelve(step).await;
                        }
                    }
                }
                None => break,
            }
        }
        self.let_go().await;
    }

    async fn shelve(&mut self, StepOrder { step, ended }: StepOrder) {
        let stepped = self.writer.shelve(&step).await;
        if matches!(stepped, Ok(Stepped::Done | Stepped::Gone)) {
            self.hold = step.after();
        }
        // Whoever waits for the end may be gone.
        let _ = ended.send(stepped);
    }

    /// Lets another process go on with the index at once.
    async fn let_go(&mut self) {
        if let Some(seen) = self.hold.take() {
            let step = Step {
                seen,
                keeper: 0,
                work: Work::Pass,
            };
            // If it fails, whoever is next waits a moment.
            let _ = self.writer.shelve(&step).await;
        }
    }

    /// What is in the slot, once nothing is being written.
    fn take(&self) -> Option<Proposal> {
        let mut state = self.slot.lock();
        let taken = state.open.take();
        state.writing = taken.is_some();
        if state.awaited {
            self.slot.changed.notify_one();
        }
        taken
    }

    async fn write(&mut self, proposal: Proposal) {
        let cause = match self.writer.commit(&proposal.batch).await {
            Ok(Commit::Done) => {
                let Proposal {
                    batch,
                    calls,
                    answers,
                } = proposal;
                if !batch.rows.is_empty() {
                    self.notes.committed();
                }
                // Before anybody hears of it: whoever looks for these entries finds them.
                self.index.extend(batch.rows.iter().map(|row| Sight {
                    position: row.entry.position,
                    stream: row.stream,
                    name: Some(self.index.name(&row.key)),
                }));
                self.tail.publish(batch.rows.into_iter().map(|row| row.entry));
                return self.answers.give(calls, answers);
            }
            Ok(Commit::Moved) => Cause::Moved,
            Ok(Commit::Refused(why)) => Cause::Refused(why),
            Err(error) => {
                self.writer.unlock().await;
                Cause::Failed(error)
            }
        };
        let mut state = self.slot.lock();
        let rest = state.open.take();
        state.failure = Some(Failure {
            cause,
            first: proposal,
            rest,
        });
        self.slot.changed.notify_one();
    }
}

fn gone() -> LogError {
    LogError::Unavailable("the thread that writes the log has ended".into())
}
