//! The sequencer: everything appended goes through here, one group after another.
//!
//! Group commit. While a group is written and synced by the [`committer`]'s thread, the next one is decided as its
//! calls come in: nobody ever waits for a group to fill, and the disk does not wait for decisions.
//!
//! It decides on what it knows: the head and the histories in memory, as they will be once all that it has handed
//! over is written. That is right as long as all of it is written and nobody else writes, and every commit checks it:
//! the database takes a batch only if the head is still the one it was decided on. When a batch is not written, what
//! was decided on top of it is forgotten, and all of it is decided again under the write lock; while another process
//! goes on writing, the lock is taken first. No answer is given, not even a refusal, before everything it was decided
//! on is written.
//!
//! What the database refuses for its content is refused alone: the others of its group, and what was decided on top of
//! it, are decided again without it.
//!
//! That an event is in the log once is decided here, too, and not by the database: every name is looked up in the index
//! and in what is handed over, and since nothing is written on another head, nobody can have taken it since.
//!
//! Invariants between groups: `head` is where what is handed over leads to, or else was the head of the database at
//! some moment; every history in `known` is that of its stream at `head`.

mod ahead;
mod committer;
mod draft;
mod known;
mod loading;
pub(crate) mod queue;
mod shelf;
mod story;
mod unwritten;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parcours_model::EventKey;
use tokio::sync::mpsc::{Receiver, UnboundedReceiver};

use crate::store::index::Index;
use crate::store::index::keeper::{self, Keeping};
use crate::store::index::shelf::Shelf;
use crate::store::{Batch, HeadRow, Loader, Writer};
use crate::tail::Tail;
use crate::writing::Notes;
use crate::{Anchor, Append, Clock, LogError, Options, Rejection};
use ahead::Ahead;
use committer::{Cause, Committer, Failure, Proposal};
use draft::Draft;
use known::Known;
use queue::{Answer, Answers, Call, Incoming, Message, Reach};
use unwritten::Unwritten;

/// Groups for which the lock is taken first after another process was seen writing.
const WARY: u32 = 32;
/// Attempts at one group under the lock, which another process cannot disturb but by replacing the log.
const ATTEMPTS: usize = 5;
/// Entries another process may have written before it is cheaper to forget everything than to ask which streams.
const MANY: u64 = 50_000;
/// Events decided on at a time: a free committer waits no longer than they take.
const STRETCH: usize = 128;

pub(crate) struct Sequencer<L> {
    loader: L,
    committer: Committer,
    _keeping: Keeping,
    calls: UnboundedReceiver<Message>,
    reaches: Receiver<Reach>,
    answers: Answers,
    notes: Notes,
    tail: Tail,
    head: HeadRow,
    /// What is handed over.
    unwritten: Unwritten,
    known: Known,
    /// Every source that has a number at `head`.
    sources: HashMap<Arc<str>, u64>,
    /// Groups still to be decided under the lock from the start.
    wary: u32,
    group: usize,
    clock: Clock,
    ahead: Ahead,
}

impl<L: Loader> Sequencer<L> {
    /// Starts the committer, reads the head and the sources. `answers` belong to the callers' runtime.
    pub async fn open<W: Writer, S: Shelf>(
        writer: impl AsyncFnOnce() -> Result<W, LogError> + Send + 'static,
        loader: impl FnOnce() -> Result<L, LogError>,
        shelf: impl FnOnce() -> Result<S, LogError> + Send + 'static,
        index: Arc<Index>,
        Incoming {
            calls,
            reaches,
            notes,
        }: Incoming,
        answers: Answers,
        options: &Options,
    ) -> Result<Sequencer<L>, LogError> {
        let started = Committer::start(writer, answers.clone(), index.clone(), notes.clone(), options);
        let (committer, head, tail, steps) = started.await?;
        let keeping = keeper::start(index, shelf, steps, head.size(), &options.supervisor).await?;
        let mut loader = loader()?;
        loader.catch_up(head.size()).await?;
        let sources = loader.sources(0).await?.into_iter();
        let mut ahead = Ahead::default();
        ahead.compare(head.recorded);
        Ok(Sequencer {
            sources: sources
                .map(|(number, source)| (source, number))
                .filter(|(_, number)| *number < head.sources)
                .collect(),
            known: Known::new(options.history_bytes, options.session_bytes),
            group: options.group,
            unwritten: Unwritten::default(),
            wary: 0,
            loader,
            committer,
            _keeping: keeping,
            calls,
            reaches,
            answers,
            notes,
            tail,
            head,
            clock: options.clock.clone(),
            ahead,
        })
    }

    /// The live end of the log, which its commits move.
    pub fn tail(&self) -> Tail {
        self.tail.clone()
    }

    /// Works until the queue is closed and empty, or everybody who could fill it is gone.
    pub async fn run(mut self) {
        loop {
            tokio::select! {
                biased;
                failure = self.committer.failure() => Box::pin(self.recover(failure)).await,
                Some(reach) = self.reaches.recv() => self.reach(reach).await,
                message = self.calls.recv() => match message {
                    Some(message) => self.group(message).await,
                    None => break,
                },
            }
        }
        if let Err(failure) = self.committer.settled().await {
            Box::pin(self.recover(failure)).await;
        }
    }

    /// Takes the log to an instant, once all that was decided is written: what is decided from then on is recorded after.
    async fn reach(&mut self, Reach { instant, answer, .. }: Reach) {
        if let Err(failure) = self.committer.settled().await {
            Box::pin(self.recover(failure)).await;
        }
        let reached = async {
            let known = self.tail.end();
            let head = self.committer.reach(instant).await?;
            self.catch_up(head.clone(), known).await?;
            Ok(head)
        };
        let reached = reached.await;
        if let Err(error) = &reached {
            self.notes.failed(error);
        }
        // Whoever asked may be gone.
        let _ = answer.send(reached);
    }

    /// Decides on what `first` and the queue bring, and hands it over.
    async fn group(&mut self, first: Message) {
        let calls = gather(&mut self.calls, first, STRETCH.min(self.group));
        if calls.is_empty() {
            return;
        }
        if self.wary > 0 {
            self.wary -= 1;
            if let Err(failure) = self.committer.settled().await {
                Box::pin(self.recover(failure)).await;
            }
            return Box::pin(self.under_lock(calls)).await;
        }
        match self.decide(&appends(&calls)).await {
            Ok((batch, answers)) => self.propose(batch, calls, answers),
            Err(error) => self.unavailable(calls, &error),
        }
        self.committer.room(self.group).await;
    }

    /// Decides on these appends, on top of everything decided before.
    ///
    /// Every name is looked up, in the log and in what is handed over, before anything is drafted under it. Those of
    /// consequences come up only then: if one is taken, all is decided again with that known.
    async fn decide(&mut self, appends: &[&Append]) -> Result<(Batch, Vec<Answer>), LogError> {
        self.ahead.compare(self.head.recorded);
        let given = appends.iter().flat_map(|append| &append.submissions);
        let mut asked: HashSet<EventKey> = given.map(|given| given.event.key.clone()).collect();
        let mut taken = self.taken(asked.iter().cloned().collect()).await?;
        loop {
            let mut draft = Draft::new(
                &mut self.loader,
                &mut self.known,
                &self.unwritten,
                &self.head,
                &taken,
                self.clock.now(),
            );
            let (batch, answers) = match draft.decide(appends).await {
                Ok(answers) => (draft.seal(self.head.clone(), &mut self.sources), answers),
                Err(error) => {
                    draft.forget();
                    return Err(error);
                }
            };
            let keys = batch.rows.iter().map(|row| &row.key);
            let new: Vec<_> = keys.filter(|key| asked.insert((*key).clone())).cloned().collect();
            match self.taken(new).await {
                Ok(also) if also.is_empty() => return Ok((batch, answers)),
                Ok(also) => taken.extend(also),
                Err(error) => {
                    self.undo(&batch);
                    return Err(error);
                }
            }
            self.undo(&batch);
        }
    }

    /// Undoes in memory what was decided on top of all that is handed over.
    fn undo(&mut self, batch: &Batch) {
        for row in batch.rows.iter().rev() {
            match &row.entry.written {
                Some(record) => self.known.pop(record),
                None => self.known.forget(row.entry.stream),
            }
        }
        for (_, source) in &batch.sources {
            self.sources.remove(source);
        }
    }

    /// Hands a decision over to the committer, and goes on as if it were written.
    fn propose(&mut self, mut batch: Batch, calls: Vec<Call>, answers: Vec<Answer>) {
        if batch.rows.is_empty() {
            // Nothing is written, so the head stays what it is in the database, the time of its last entry too.
            batch.after = batch.before.clone();
        }
        let written = self.tail.size();
        self.unwritten.written(written);
        self.unwritten.extend(&batch.rows);
        self.known.trim(written);
        self.head = batch.after.clone();
        self.committer.offer(Proposal {
            batch,
            calls,
            answers,
        });
    }

    /// Decides again on what is not written, and then on what was decided on top of it.
    async fn recover(&mut self, Failure { cause, first, rest }: Failure) {
        if let Some(rest) = &rest {
            self.take_back(&rest.batch);
        }
        self.take_back(&first.batch);
        match cause {
            Cause::Moved => {
                self.wary = WARY;
                Box::pin(self.under_lock(first.calls)).await;
            }
            Cause::Refused(why) => Box::pin(self.apart(first.calls, why)).await,
            Cause::Failed(error) => self.unavailable(first.calls, &error),
        }
        if let Some(rest) = rest {
            Box::pin(self.under_lock(rest.calls)).await;
        }
    }

    /// Decides with the write lock held, and waits until that is written.
    async fn under_lock(&mut self, mut calls: Vec<Call>) {
        for _ in 0..ATTEMPTS {
            let (batch, answers) = match self.decide_under_lock(&appends(&calls)).await {
                Ok(decided) => decided,
                Err(error) => return self.unavailable(calls, &error),
            };
            self.propose(batch, calls, answers);
            let Err(Failure { cause, first, .. }) = self.committer.settled().await else {
                return;
            };
            self.take_back(&first.batch);
            calls = first.calls;
            match cause {
                Cause::Moved => {}
                Cause::Refused(why) => return Box::pin(self.apart(calls, why)).await,
                Cause::Failed(error) => return self.unavailable(calls, &error),
            }
        }
        self.unavailable(calls, &undecided());
    }

    /// Has appends written of which the database refuses some, all together for this reason: in halves, and halves of
    /// those, until what it refuses stands alone. Each part is decided on what is written by then, so that nothing
    /// rests on what is refused.
    async fn apart(&mut self, calls: Vec<Call>, why: String) {
        let all = appends(&calls);
        let mut answers = Vec::with_capacity(all.len());
        let whole = 0..all.len();
        let mut parts = vec![whole];
        let mut known = Some(why);
        while let Some(part) = parts.pop() {
            let written = match known.take() {
                Some(why) => Err(Cause::Refused(why)),
                None => self.write(&all[part.clone()]).await,
            };
            match written {
                Ok(given) => answers.extend(given),
                Err(Cause::Refused(detail)) if part.len() == 1 => {
                    tracing::warn!(detail, "the database refuses to store an append: it is refused");
                    answers.push(Err(Rejection::Unstorable { detail }));
                }
                Err(Cause::Refused(_)) => {
                    let middle = part.start + part.len() / 2;
                    parts.push(middle..part.end);
                    parts.push(part.start..middle);
                }
                Err(Cause::Moved) => answers.extend(self.failed(part.len(), &undecided())),
                Err(Cause::Failed(error)) => {
                    answers.extend(self.failed(all.len() - part.start, &error));
                    break;
                }
            }
        }
        self.answers.give(calls, answers);
    }

    /// Decides on these appends with the lock held and has that written; what they are to be answered then.
    async fn write(&mut self, appends: &[&Append]) -> Result<Vec<Answer>, Cause> {
        for _ in 0..ATTEMPTS {
            let decided = self.decide_under_lock(appends).await;
            let (batch, answers) = decided.map_err(Cause::Failed)?;
            self.propose(batch, Vec::new(), Vec::new());
            match self.committer.settled().await {
                Ok(()) if self.committer.is_gone() => {
                    let gone = "the thread that writes the log has ended".to_owned();
                    return Err(Cause::Failed(LogError::OutcomeUnknown(gone)));
                }
                Ok(()) => return Ok(answers),
                Err(Failure { cause, first, .. }) => {
                    self.take_back(&first.batch);
                    if !matches!(cause, Cause::Moved) {
                        return Err(cause);
                    }
                }
            }
        }
        Err(Cause::Moved)
    }

    /// Leaves no lock behind if it fails.
    async fn decide_under_lock(&mut self, appends: &[&Append]) -> Result<(Batch, Vec<Answer>), LogError> {
        let decided = async {
            let known = self.tail.end();
            let head = self.committer.lock().await?;
            self.catch_up(head, known).await?;
            self.decide(appends).await
        };
        let decided = decided.await;
        if decided.is_err() {
            self.committer.unlock();
        }
        decided
    }

    fn unavailable(&mut self, calls: Vec<Call>, error: &LogError) {
        let answers = self.failed(appends(&calls).len(), error);
        self.answers.give(calls, answers);
    }

    /// What so many appends are answered when the database has failed.
    fn failed(&self, appends: usize, error: &LogError) -> Vec<Answer> {
        self.notes.failed(error);
        vec![Err(Rejection::Unavailable(error.clone())); appends]
    }

    /// Undoes in memory what was not written.
    fn take_back(&mut self, batch: &Batch) {
        self.undo(batch);
        self.unwritten.clear();
        self.head = batch.before.clone();
    }

    /// Takes in what another process has written since `self.head`; `known` is the end of the log as it was known before
    /// `head` was asked for.
    async fn catch_up(&mut self, head: HeadRow, known: Anchor) -> Result<(), LogError> {
        if head.frontier == self.head.frontier {
            // The same entries; another process may have taken the log to a later instant.
            self.head = head;
            return Ok(());
        }
        self.wary = WARY;
        let (from, size) = (self.head.size(), head.size());
        let end = self.goes_on(&head, known).await?;
        self.loader.catch_up(size).await?;
        if size - from <= MANY {
            for stream in self.loader.moved(from, size).await? {
                self.known.outdated(stream);
            }
        } else {
            self.known.clear();
        }
        let sources = self.loader.sources(self.head.sources).await?;
        self.sources
            .extend(sources.into_iter().map(|(number, source)| (source, number)));
        self.tail.grown_to(end);
        self.head = head;
        Ok(())
    }

    /// Makes sure that the log as it is now goes on from where it was left: what others have written joins the two trees.
    /// Of very much of it only the ends are looked at. Answers its end.
    async fn goes_on(&mut self, head: &HeadRow, known: Anchor) -> Result<Anchor, LogError> {
        let (from, size) = (self.head.size(), head.size());
        let back = || LogError::gone_back(from.max(known.size), size);
        if size < known.size.max(from) {
            return Err(back());
        }
        let Some(last) = size.checked_sub(1).filter(|_| from < size) else {
            return Err(LogError::another_entry(from.saturating_sub(1)));
        };
        let first = if size - from <= MANY { from } else { last };
        let leaves = self.loader.leaves(first, size).await?;
        let leaf = *leaves.last().ok_or_else(back)?;
        let joined = if first == from {
            let mut frontier = self.head.frontier.clone();
            leaves.into_iter().for_each(|leaf| frontier.push(leaf));
            frontier == head.frontier
        } else {
            let before = known.size.saturating_sub(1);
            known.is_held(self.loader.leaves(before, known.size).await?.first().copied())
        };
        if !joined {
            return Err(LogError::Replaced(format!(
                "what was appended after its first {from} entries does not go on from them"
            )));
        }
        Ok(Anchor { size, leaf })
    }

    /// Which of these events are in the log or handed over, under any stream.
    async fn taken(&mut self, keys: Vec<EventKey>) -> Result<HashMap<EventKey, u64>, LogError> {
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let found = self.loader.positions(&keys).await?;
        let mut taken = self.unwritten.among(&keys);
        taken.extend(
            found
                .into_iter()
                .map(|(index, position)| (keys[index].clone(), position)),
        );
        Ok(taken)
    }
}

/// Takes what is queued, up to so many events.
fn gather(queue: &mut UnboundedReceiver<Message>, first: Message, most: usize) -> Vec<Call> {
    let (mut calls, mut events) = (Vec::new(), 0);
    let mut next = Some(first);
    while let Some(message) = next {
        match message {
            Message::Call(call) if call.is_abandoned() => {}
            Message::Call(call) => {
                events += call.events();
                calls.push(call);
            }
            Message::Close => queue.close(),
        }
        next = if events < most {
            queue.try_recv().ok()
        } else {
            None
        };
    }
    calls
}

fn undecided() -> LogError {
    LogError::Unavailable(format!("no decision in {ATTEMPTS} attempts"))
}

fn appends(calls: &[Call]) -> Vec<&Append> {
    calls.iter().flat_map(Call::appends).collect()
}
