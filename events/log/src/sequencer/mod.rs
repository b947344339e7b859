//! The sequencer: the one place that writes the log, on a thread of its own.
//!
//! It takes all that is queued as one group, decides on each append in order, writes what was admitted in one
//! commit, and only then answers. While a group is being committed the next one gathers, so nobody ever waits
//! for a group to fill.
//!
//! It decides on what it knows: the head and the histories in memory. That is right as long as nobody else
//! writes, and every commit checks it: the database takes a batch only if the head is still the one it was
//! decided on. When another process has written, the group is decided again under the write lock; and while
//! that goes on happening, the lock is taken first.
//!
//! Invariant between groups: `head` was the head at some moment, and every history in `known` is that of its
//! stream at that head.

mod draft;
mod known;
mod loading;
pub(crate) mod queue;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use parcours_model::EventKey;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::store::{Batch, Commit, HeadRow, Writer};
use crate::tail::Tail;
use crate::{Append, LogError, Options, Rejection};
use draft::Draft;
use known::Known;
use queue::{Answer, Answers, Call, Message};

/// Groups for which the lock is taken first after another process was seen writing.
const WARY: u32 = 32;
/// Attempts at one group: on what is known, under the lock, with names looked up, and some for names which only
/// then come up.
const ATTEMPTS: usize = 6;
/// Entries another process may have written before it is cheaper to forget everything than to ask which streams.
const MANY: u64 = 50_000;

pub(crate) struct Sequencer<W> {
    writer: W,
    calls: UnboundedReceiver<Message>,
    answers: Answers,
    tail: Tail,
    head: HeadRow,
    known: Known,
    /// Every source that has a number at `head`.
    sources: HashMap<Arc<str>, u64>,
    /// Groups still to be decided under the lock from the start.
    wary: u32,
    group: usize,
}

/// How one attempt at a group ended.
enum Attempt {
    Done(Vec<Answer>),
    /// Another process wrote: to be done again under the lock.
    Moved,
    /// The name of one of these events is taken: to be done again with all of them looked up.
    KeyTaken(Vec<EventKey>),
}

impl<W: Writer> Sequencer<W> {
    /// Reads the head and the sources. `answers` belong to the callers' runtime.
    pub async fn open(
        mut writer: W,
        calls: UnboundedReceiver<Message>,
        answers: Answers,
        options: &Options,
    ) -> Result<Sequencer<W>, LogError> {
        let head = writer.lock().await?;
        writer.unlock().await;
        let sources = writer
            .sources(0)
            .await?
            .into_iter()
            .map(|(number, source)| (source, number));
        Ok(Sequencer {
            sources: sources.filter(|(_, number)| *number < head.sources).collect(),
            tail: Tail::new(head.size(), options.recent_bytes),
            known: Known::new(options.history_bytes),
            group: options.group,
            wary: 0,
            writer,
            calls,
            answers,
            head,
        })
    }

    /// The live end of the log, which it moves.
    pub fn tail(&self) -> Tail {
        self.tail.clone()
    }

    /// Works until the queue is closed and empty, or everybody who could fill it is gone.
    pub async fn run(mut self) {
        while let Some(message) = self.calls.recv().await {
            let mut group = Vec::new();
            self.gather(message, &mut group);
            if !group.is_empty() {
                self.group(group).await;
            }
        }
    }

    /// Takes what is queued, up to the size of a group.
    fn gather(&mut self, first: Message, group: &mut Vec<Call>) {
        let mut events = 0;
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Call(call) if call.is_abandoned() => {}
                Message::Call(call) => {
                    events += call
                        .appends()
                        .iter()
                        .map(|append| append.submissions.len())
                        .sum::<usize>();
                    group.push(call);
                }
                Message::Close => self.calls.close(),
            }
            next = if events < self.group {
                self.calls.try_recv().ok()
            } else {
                None
            };
        }
    }

    async fn group(&mut self, calls: Vec<Call>) {
        let appends: Vec<&Append> = calls.iter().flat_map(Call::appends).collect();
        let answers = match self.append(&appends).await {
            Ok(answers) => answers,
            Err(error) => {
                tracing::warn!(%error, events = appends.len(), "a group could not be appended to the log");
                self.writer.unlock().await;
                appends
                    .iter()
                    .map(|_| Err(Rejection::Unavailable(error.clone())))
                    .collect()
            }
        };
        self.known.trim();
        self.answers.give(calls, answers);
    }

    async fn append(&mut self, appends: &[&Append]) -> Result<Vec<Answer>, LogError> {
        let mut locked = self.wary > 0;
        let mut doubtful = Vec::new();
        self.wary = self.wary.saturating_sub(1);
        for _ in 0..ATTEMPTS {
            if locked {
                let head = self.writer.lock().await?;
                self.catch_up(head).await?;
            }
            // Right only under the lock, which is why there is no doubt without it.
            let taken = self.taken(&doubtful).await?;
            match self.attempt(appends, &taken).await? {
                Attempt::Done(answers) => return Ok(answers),
                Attempt::Moved => self.wary = WARY,
                Attempt::KeyTaken(keys) => doubtful.extend(keys),
            }
            locked = true;
        }
        Err(LogError::Unavailable(format!(
            "no decision in {ATTEMPTS} attempts"
        )))
    }

    async fn attempt(
        &mut self,
        appends: &[&Append],
        taken: &HashMap<EventKey, u64>,
    ) -> Result<Attempt, LogError> {
        let now = Utc::now().timestamp_micros().max(self.head.recorded);
        let recorded = DateTime::from_timestamp_micros(now).unwrap_or_default();
        let mut draft = Draft::new(
            &mut self.writer,
            &mut self.known,
            self.head.size(),
            recorded,
            taken,
        );
        let answers = match draft.decide(appends).await {
            Ok(answers) => answers,
            Err(error) => {
                let touched = draft.touched();
                touched.into_iter().for_each(|stream| self.known.forget(stream));
                return Err(error);
            }
        };
        let batch = draft.seal(self.head.clone(), &mut self.sources);
        match self.writer.commit(&batch).await {
            Ok(Commit::Done) => {
                self.publish(batch);
                Ok(Attempt::Done(answers))
            }
            Ok(Commit::Moved) => {
                self.forget(&batch);
                Ok(Attempt::Moved)
            }
            Ok(Commit::KeyTaken) => {
                self.forget(&batch);
                Ok(Attempt::KeyTaken(
                    batch.rows.into_iter().map(|row| row.key).collect(),
                ))
            }
            Err(error) => {
                self.forget(&batch);
                Err(error)
            }
        }
    }

    fn publish(&mut self, batch: Batch) {
        if !batch.rows.is_empty() {
            self.head = batch.after;
            self.tail.publish(batch.rows.into_iter().map(|row| row.entry));
        }
    }

    /// Undoes in memory what was not written.
    fn forget(&mut self, batch: &Batch) {
        batch
            .rows
            .iter()
            .for_each(|row| self.known.forget(row.entry.stream));
        for (_, source) in &batch.sources {
            self.sources.remove(source);
        }
    }

    /// Takes in what another process has written since `self.head`.
    async fn catch_up(&mut self, head: HeadRow) -> Result<(), LogError> {
        if head == self.head {
            return Ok(());
        }
        self.wary = WARY;
        let (from, size) = (self.head.size(), head.size());
        if size > from && size - from <= MANY {
            for stream in self.writer.moved(from, size).await? {
                self.known.forget(stream);
            }
        } else {
            // Far behind, or the database was put back to an earlier state.
            self.known.clear();
        }
        if size <= from {
            self.sources.clear();
        }
        let first = if size > from { self.head.sources } else { 0 };
        let sources = self.writer.sources(first).await?;
        self.sources
            .extend(sources.into_iter().map(|(number, source)| (source, number)));
        self.tail.grown_to(size);
        self.head = head;
        Ok(())
    }

    /// Which of these events are in the log, under any stream.
    async fn taken(&mut self, keys: &[EventKey]) -> Result<HashMap<EventKey, u64>, LogError> {
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let found = self.writer.positions(keys).await?;
        Ok(found
            .into_iter()
            .map(|(index, position)| (keys[index].clone(), position))
            .collect())
    }
}
