//! Deciding on a group of appends: what it would write, before anything is written.
//! What it has to know for that, it asks for in `loading.rs`.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use parcours_model::streams::parcours;
use parcours_model::{
    Event, EventKey, Fact, MAX_ENTRY, Record, StreamId, Submission, Verdict, admit, in_order,
};

use super::known::Known;
use super::loading::LOOKS_AHEAD;
use super::queue::Answer;
use super::unwritten::Unwritten;
use crate::store::{Batch, HeadRow, Loader, Row};
use crate::tree::Hash;
use crate::{Append, Entry, LogError, Receipt, Rejection};

/// The draft of one group. While it is open, `known` is ahead of the database by `unwritten` and then `rows`.
pub(super) struct Draft<'a, L> {
    pub(super) loader: &'a mut L,
    pub(super) known: &'a mut Known,
    /// The number of entries decided on before it.
    pub(super) base: u64,
    /// Entries that the database may not have yet, up to `base`.
    unwritten: &'a Unwritten,
    /// The clock, which the rules go by.
    pub(super) now: DateTime<Utc>,
    /// When the entries of the last append became known; before the first, the last of the log.
    recorded: DateTime<Utc>,
    rows: Vec<Drafted>,
    /// Events of this draft, by what identifies them: indexes into `rows`.
    drafted: HashMap<EventKey, usize>,
    /// Those of the group's events that are in the log or handed over, whatever their stream.
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
        unwritten: &'a Unwritten,
        head: &HeadRow,
        taken: &'a HashMap<EventKey, u64>,
        now: DateTime<Utc>,
    ) -> Self {
        let (rows, drafted, stored, unreadable) = <_>::default();
        Draft {
            loader,
            known,
            base: head.size(),
            unwritten,
            now,
            recorded: DateTime::from_timestamp_micros(head.recorded).unwrap_or_default(),
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
                Ok(receipts) if !append.dry_run => Ok(receipts),
                Ok(receipts) => {
                    self.take_back(before);
                    self.conflict(append).await?.map_or(Ok(receipts), Err)
                }
                Err(Stop::Rejected(rejection)) => {
                    self.take_back(before);
                    Err(self.conflict(append).await?.unwrap_or(rejection))
                }
                Err(Stop::Failed(error)) => return Err(error),
            });
        }
        Ok(answers)
    }

    /// Undoes in memory what is drafted, and nothing of what is handed over: the database may not have that yet.
    pub fn forget(mut self) {
        self.take_back(0);
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
            after.frontier.push(entry.leaf);
            rows.push(Row { entry, stream, key });
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
        // Of each event the receipt of its double, or its place among the new ones.
        let (mut found, mut new) = (Vec::with_capacity(append.submissions.len()), Vec::<usize>::new());
        for (index, submission) in append.submissions.iter().enumerate() {
            found.push(match self.find(index, submission).await? {
                Some(double) => Ok(double),
                None => Err(Self::place_among(&mut new, append, index)?),
            });
        }
        if new.is_empty() {
            return Ok(found.into_iter().filter_map(Result::ok).collect());
        }
        let given = self.admit(append, &new, rest).await?;
        let mut told = vec![false; given.len()];
        let receipts = found.into_iter().map(|double| {
            double.unwrap_or_else(|place| Receipt {
                duplicate: std::mem::replace(&mut told[place], true),
                ..given[place].clone()
            })
        });
        Ok(receipts.collect())
    }

    /// The place of a submission among the new ones of its append, added if no earlier one of them is the same event.
    fn place_among(new: &mut Vec<usize>, append: &Append, index: usize) -> Result<usize, Stop> {
        let submission = &append.submissions[index];
        let same = |other: &usize| append.submissions[*other].event.key == submission.event.key;
        match new.iter().position(same) {
            None => {
                new.push(index);
                Ok(new.len() - 1)
            }
            Some(place) if append.submissions[new[place]].is_same(submission) => Ok(place),
            Some(place) => Err(Rejection::Twice {
                index,
                other: new[place],
            }
            .into()),
        }
    }

    /// Whether an event of an append has the name of another one, of whatever stream. That is told whatever else is
    /// wrong with it.
    async fn conflict(&mut self, append: &Append) -> Result<Option<Rejection>, LogError> {
        let mut new = Vec::new();
        for (index, submission) in append.submissions.iter().enumerate() {
            let found = match self.find(index, submission).await {
                Ok(None) => Self::place_among(&mut new, append, index).map(|_| ()),
                found => found.map(|_| ()),
            };
            match found {
                Ok(()) => {}
                Err(Stop::Rejected(conflict)) => return Ok(Some(conflict)),
                Err(Stop::Failed(error)) => return Err(error),
            }
        }
        Ok(None)
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
            let actual = self.known.revision(stream);
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
        } else if let Some((position, revision)) = self.known.find(*stream, key) {
            (position, revision, self.stored_entry(position).await?)
        } else if let Some(&position) = self.taken.get(key) {
            // Of another stream; or of this one, whose entries are not kept.
            let bytes = self.stored_entry(position).await?;
            if let Some(differs) = submission.differs_from(&bytes) {
                return Err(conflict(index, position, differs));
            }
            let record = Record::decode(position, &bytes);
            let record =
                record.map_err(|wrong| Rejection::Unavailable(LogError::Damaged(wrong.to_string())))?;
            (position, record.revision, bytes)
        } else {
            return Ok(None);
        };
        if let Some(differs) = submission.differs_from(&bytes) {
            return Err(conflict(index, position, differs));
        }
        Ok(Some(Receipt {
            duplicate: true,
            position,
            revision,
            supersedes: self.superseded(&submission.event),
        }))
    }

    async fn stored_entry(&mut self, position: u64) -> Result<Bytes, Stop> {
        if let Some(bytes) = self.unwritten.entry(position) {
            return Ok(bytes);
        }
        if !self.stored.contains_key(&position) {
            match self.loader.entries(&[position]).await {
                Ok(entries) => self.stored.extend(entries),
                Err(error @ LogError::Damaged(_)) => return Err(Rejection::Unavailable(error).into()),
                Err(error) => return Err(Stop::Failed(error)),
            }
        }
        let missing = || {
            Stop::Failed(LogError::Damaged(format!(
                "there is no entry at position {position}"
            )))
        };
        self.stored.get(&position).cloned().ok_or_else(missing)
    }

    /// The correction in whose stead a correction stands.
    fn superseded(&self, event: &Event) -> Option<EventKey> {
        match event.fact {
            Fact::Parcours(parcours::Fact::Corrected(_)) => {
                self.known.superseded_by(event.stream, &event.key)
            }
            _ => None,
        }
    }

    /// Asks the rules about the events of an append that are new, all together, and drafts each with its consequences.
    /// The receipts are in the order of `new`, in whatever order the events are told.
    async fn admit(
        &mut self,
        append: &Append,
        new: &[usize],
        rest: &[&Append],
    ) -> Result<Vec<Receipt>, Stop> {
        let given = |place: &usize| &append.submissions[new[*place]];
        let events: Vec<&Event> = (0..new.len()).map(|place| &given(&place).event).collect();
        let order = in_order(&events);
        let events: Vec<&Event> = order.iter().map(|place| events[*place]).collect();
        let consequences = loop {
            match admit(&events, self.known, self.now) {
                Ok(Verdict::Admitted(consequences)) => break consequences,
                Ok(Verdict::Needs(stream)) => {
                    if L::FAR {
                        self.look_ahead(stream, rest).await?;
                    }
                    self.make_known(stream).await?;
                }
                Err(refused) => {
                    return Err(Rejection::Refused {
                        index: new[order[refused.index]],
                        refusals: refused.refusals,
                    }
                    .into());
                }
            }
        };
        self.recorded = next_instant(self.recorded, self.now);
        let mut receipts = Vec::with_capacity(new.len());
        for (place, consequences) in order.into_iter().zip(consequences) {
            let (row, index, submission) = (self.rows.len(), new[place], given(&place));
            self.draft(index, submission, &append.actor)?;
            for consequence in &consequences {
                self.draft(index, consequence, &append.actor)?;
            }
            let entry = &self.rows[row].entry;
            let receipt = Receipt {
                duplicate: false,
                position: entry.position,
                revision: entry.revision,
                supersedes: self.superseded(&submission.event),
            };
            receipts.push((place, receipt));
        }
        receipts.sort_unstable_by_key(|(place, _)| *place);
        Ok(receipts.into_iter().map(|(_, receipt)| receipt).collect())
    }

    fn draft(&mut self, index: usize, submission: &Submission, actor: &Arc<str>) -> Result<(), Stop> {
        let stream = submission.event.stream;
        let revision = self.known.revision(stream) + 1;
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
            return Err(conflict(index, position, "subject".to_owned()));
        }
        let record = Arc::new(Record {
            position,
            revision,
            recorded: self.recorded,
            actor: actor.clone(),
            event: submission.event.clone(),
        });
        self.known.push(&record).map_err(Stop::Failed)?;
        self.drafted.insert(key.clone(), self.rows.len());
        self.rows.push(Drafted {
            key,
            entry: Entry {
                position,
                stream,
                revision,
                leaf: Hash::of_leaf(&bytes),
                bytes: bytes.into(),
                written: Some(record),
            },
        });
        Ok(())
    }

    /// Undoes what one append drafted.
    fn take_back(&mut self, rows: usize) {
        for Drafted { key, entry } in self.rows.drain(rows..).rev() {
            self.drafted.remove(&key);
            match &entry.written {
                Some(record) => self.known.pop(record),
                None => self.known.forget(entry.stream),
            }
        }
    }
}

/// When the next append becomes known: each at an instant of its own, so that an instant tells what was known at it, and
/// none before the last, whose clock may have been ahead.
fn next_instant(last: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let next = now.timestamp_micros().max(last.timestamp_micros() + 1);
    DateTime::from_timestamp_micros(next).unwrap_or(last)
}

/// Another event has the name: of another stream, or it says something else in this one.
fn conflict(index: usize, position: u64, differs: String) -> Stop {
    Stop::Rejected(Rejection::Conflict {
        index,
        position,
        differs,
    })
}
