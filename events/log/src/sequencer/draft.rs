//! Deciding on a group of appends: what it would write, before anything is written.
//! What it has to know for that, it asks for in `loading.rs`.

use std::collections::{HashMap, VecDeque};
use std::iter;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use parcours_model::{
    Event, EventKey, Histories, History, MAX_ENTRY, Record, StreamId, Submission, Verdict, admit,
};

use super::known::Known;
use super::loading::LOOKS_AHEAD;
use super::queue::Answer;
use crate::store::{Batch, HeadRow, Loader, Row};
use crate::tree::Hash;
use crate::{Append, Entry, LogError, Receipt, Rejection};

/// The draft of one group. While it is open, `known` is ahead of the database by `unwritten` and then `rows`.
pub(super) struct Draft<'a, L> {
    pub(super) loader: &'a mut L,
    pub(super) known: &'a mut Known,
    /// The number of entries decided on before it.
    pub(super) base: u64,
    /// Position and bytes of entries that the database may not have yet, up to `base`.
    unwritten: &'a VecDeque<(u64, Bytes)>,
    pub(super) recorded: DateTime<Utc>,
    rows: Vec<Drafted>,
    /// Events of this draft, by what identifies them: indexes into `rows`.
    drafted: HashMap<EventKey, usize>,
    /// Events known to be in the log, whatever their stream: looked up when the database found one taken.
    taken: &'a HashMap<EventKey, u64>,
    /// Entries read to be compared with submissions of the same key.
    pub(super) stored: HashMap<u64, Bytes>,
    /// Streams that cannot be read. Only who needs them is refused.
    pub(super) unreadable: HashMap<StreamId, LogError>,
    pub(super) looks_left: usize,
}

/// An entry that is decided on.
struct Drafted {
    key: EventKey,
    entry: Entry,
}

/// Why the work on one append ends early.
pub(super) enum Stop {
    /// It is rejected; the others go on.
    Rejected(Rejection),
    /// The database failed; so does the group.
    Failed(LogError),
}

impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Stop {
        Stop::Rejected(rejection)
    }
}

impl<'a, L: Loader> Draft<'a, L> {
    /// A draft of what comes after `head`, to which `unwritten` leads.
    pub fn new(
        loader: &'a mut L,
        known: &'a mut Known,
        unwritten: &'a VecDeque<(u64, Bytes)>,
        head: &HeadRow,
        taken: &'a HashMap<EventKey, u64>,
    ) -> Self {
        let now = Utc::now().timestamp_micros().max(head.recorded);
        let (rows, drafted, stored, unreadable) = <_>::default();
        Draft {
            loader,
            known,
            base: head.size(),
            unwritten,
            recorded: DateTime::from_timestamp_micros(now).unwrap_or_default(),
            rows,
            drafted,
            taken,
            stored,
            unreadable,
            looks_left: LOOKS_AHEAD,
        }
    }

    /// Decides on every append, in order. An error means that the database failed; then, as whenever it does not come
    /// to be sealed, the draft has to be forgotten.
    pub async fn decide(&mut self, appends: &[&Append]) -> Result<Vec<Answer>, LogError> {
        self.load_ahead(appends).await?;
        let mut answers = Vec::with_capacity(appends.len());
        for (index, append) in appends.iter().enumerate() {
            let before = self.rows.len();
            answers.push(match self.append(append, &appends[index + 1..]).await {
                Ok(receipts) => Ok(receipts),
                Err(Stop::Rejected(rejection)) => {
                    self.take_back(before);
                    Err(rejection)
                }
                Err(Stop::Failed(error)) => return Err(error),
            });
        }
        Ok(answers)
    }

    /// Undoes in memory what is drafted.
    pub fn forget(self) {
        for row in &self.rows {
            self.known.forget(row.entry.stream);
        }
    }

    /// Gives numbers to new names, hashes the leaves and grows the tree: what is to be written after `before`.
    pub fn seal(self, before: HeadRow, sources: &mut HashMap<Arc<str>, u64>) -> Batch {
        let mut after = before.clone();
        after.recorded = self.recorded.timestamp_micros();
        let (mut new_streams, mut new_sources) = (Vec::new(), Vec::new());
        let mut rows = Vec::with_capacity(self.rows.len());
        for Drafted { key, entry } in self.rows {
            let (stream, new) = self.known.number(entry.stream, after.streams);
            if new {
                after.streams += 1;
                new_streams.push((stream, entry.stream));
            }
            sources.entry(key.source.clone()).or_insert_with_key(|source| {
                new_sources.push((after.sources, source.clone()));
                after.sources += 1;
                after.sources - 1
            });
            let leaf = Hash::of_leaf(&entry.bytes);
            after.frontier.push(leaf);
            rows.push(Row {
                entry,
                leaf,
                stream,
                key,
            });
        }
        Batch {
            before,
            after,
            streams: new_streams,
            sources: new_sources,
            rows,
        }
    }

    async fn append(&mut self, append: &Append, rest: &[&Append]) -> Result<Vec<Receipt>, Stop> {
        for stream in append.submissions.iter().map(|given| given.event.stream) {
            self.make_known(stream).await?;
        }
        self.check_expected(append).await?;
        let mut receipts = Vec::with_capacity(append.submissions.len());
        for (index, submission) in append.submissions.iter().enumerate() {
            let receipt = match self.find(index, submission).await? {
                Some(duplicate) => duplicate,
                None => self.admit(index, submission, &append.actor, rest).await?,
            };
            receipts.push(receipt);
        }
        Ok(receipts)
    }

    /// An append that brings nothing new has been done before, and is answered as it was, wherever the streams
    /// have gone since. Any other must find them where it expects them.
    async fn check_expected(&mut self, append: &Append) -> Result<(), Stop> {
        if append.expected.is_empty() {
            return Ok(());
        }
        let mut fresh = false;
        for (index, submission) in append.submissions.iter().enumerate() {
            fresh = fresh || self.find(index, submission).await?.is_none();
        }
        for &(stream, expected) in append.expected.iter().filter(|_| fresh) {
            self.make_known(stream).await?;
            let actual = self.known.history(stream).map_or(0, History::revision);
            if actual != expected {
                return Err(Rejection::WrongRevision {
                    stream,
                    expected,
                    actual,
                }
                .into());
            }
        }
        Ok(())
    }

    /// The receipt of an event that is in the log or in this draft already.
    async fn find(&mut self, index: usize, submission: &Submission) -> Result<Option<Receipt>, Stop> {
        let Event { key, stream, .. } = &submission.event;
        let (position, revision, bytes) = if let Some(&row) = self.drafted.get(key) {
            let entry = &self.rows[row].entry;
            (entry.position, entry.revision, entry.bytes.clone())
        } else if let Some(record) = self.known.find(*stream, key) {
            let (position, revision) = (record.position, record.revision);
            (position, revision, self.stored_entry(position).await?)
        } else if let Some(&position) = self.taken.get(key) {
            return Err(Rejection::Conflict { index, position }.into());
        } else {
            return Ok(None);
        };
        if !submission.is_content_of(&bytes) {
            return Err(Rejection::Conflict { index, position }.into());
        }
        Ok(Some(Receipt {
            duplicate: true,
            position,
            revision,
        }))
    }

    async fn stored_entry(&mut self, position: u64) -> Result<Bytes, Stop> {
        if let Some((_, bytes)) = self.unwritten.iter().find(|(other, _)| *other == position) {
            return Ok(bytes.clone());
        }
        if !self.stored.contains_key(&position) {
            let entries = self.loader.entries(&[position]).await.map_err(Stop::Failed)?;
            self.stored.extend(entries);
        }
        let missing = || {
            Stop::Failed(LogError::Damaged(format!(
                "there is no entry at position {position}"
            )))
        };
        self.stored.get(&position).cloned().ok_or_else(missing)
    }

    /// Asks the rules about a new event, and drafts it with its consequences.
    async fn admit(
        &mut self,
        index: usize,
        submission: &Submission,
        actor: &Arc<str>,
        rest: &[&Append],
    ) -> Result<Receipt, Stop> {
        let consequences = loop {
            match admit(&submission.event, &*self.known, self.recorded) {
                Ok(Verdict::Admitted(consequences)) => break consequences,
                Ok(Verdict::Needs(stream)) => {
                    if L::FAR {
                        self.look_ahead(stream, rest).await?;
                    }
                    self.make_known(stream).await?;
                }
                Err(refusal) => {
                    return Err(Rejection::Refused {
                        index,
                        refusal: Box::new(refusal),
                    }
                    .into());
                }
            }
        };
        let row = self.rows.len();
        for submission in iter::once(submission).chain(&consequences) {
            self.draft(index, submission, actor)?;
        }
        let entry = &self.rows[row].entry;
        Ok(Receipt {
            duplicate: false,
            position: entry.position,
            revision: entry.revision,
        })
    }

    fn draft(&mut self, index: usize, submission: &Submission, actor: &Arc<str>) -> Result<(), Stop> {
        let stream = submission.event.stream;
        let revision = self.known.history(stream).map_or(0, History::revision) + 1;
        let bytes = submission.encode(actor, self.recorded, revision);
        if bytes.len() > MAX_ENTRY {
            return Err(Rejection::TooLarge {
                index,
                bytes: bytes.len(),
            }
            .into());
        }
        let position = self.base + self.rows.len() as u64;
        let key = submission.event.key.clone();
        // Only a consequence can still find its name taken: what is given was looked for before.
        let other = self.drafted.get(&key).map(|row| self.base + *row as u64);
        if let Some(position) = other.or_else(|| self.taken.get(&key).copied()) {
            return Err(Rejection::Conflict { index, position }.into());
        }
        let record = Arc::new(Record {
            position,
            revision,
            recorded: self.recorded,
            actor: actor.clone(),
            event: submission.event.clone(),
        });
        self.drafted.insert(key.clone(), self.rows.len());
        self.rows.push(Drafted {
            key,
            entry: Entry {
                position,
                stream,
                revision,
                bytes: bytes.into(),
                written: Some(record.clone()),
            },
        });
        self.known.push(record).map_err(Stop::Failed)
    }

    /// Undoes what one append drafted.
    fn take_back(&mut self, rows: usize) {
        for Drafted { key, entry } in self.rows.drain(rows..).rev() {
            self.drafted.remove(&key);
            self.known.truncate(entry.stream, entry.revision - 1);
        }
    }
}
