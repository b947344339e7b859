//! The log as it would be with what is imported: for a dry run, which decides by the same rules and records nothing.
//!
//! Facts that follow from each other are judged as if each was recorded in its turn. What was tried is kept in memory.

use chrono::Utc;
use parcours_log::{Append, Log, LogError, Receipt, Rejection};
use parcours_model::{
    Event, Gathered, History, Knowledge, Record, StreamId, Submission, Verdict, admit, in_order,
};
use std::collections::HashMap;
use std::sync::Arc;

/// See above.
pub struct Trial<'a> {
    log: &'a Log,
    /// What of the log is looked at.
    below: u64,
    /// Entries there would be.
    size: u64,
    histories: HashMap<StreamId, History>,
    gathered: HashMap<StreamId, Gathered>,
}

impl Knowledge for Trial<'_> {
    fn history(&mut self, stream: StreamId) -> Option<&mut History> {
        self.histories.get_mut(&stream)
    }

    fn gathered(&mut self, stream: StreamId) -> Option<&mut Gathered> {
        self.gathered.get_mut(&stream)
    }
}

impl<'a> Trial<'a> {
    /// Of what the log has by now.
    pub fn of(log: &'a Log) -> Trial<'a> {
        Trial {
            log,
            below: log.size(),
            size: log.size(),
            histories: HashMap::new(),
            gathered: HashMap::new(),
        }
    }

    /// Tries each for itself, in this order, on what those before it would have left.
    pub(crate) async fn append_each(&mut self, appends: Vec<Append>) -> Vec<Result<Vec<Receipt>, Rejection>> {
        let mut answers = Vec::with_capacity(appends.len());
        for append in appends {
            answers.push(self.append(&append).await);
        }
        answers
    }

    /// The histories of streams, as they would be.
    pub(crate) async fn histories(&mut self, streams: &[StreamId]) -> Result<Vec<History>, LogError> {
        let mut found = Vec::with_capacity(streams.len());
        for stream in streams {
            self.load(*stream).await?;
            found.push(self.histories[stream].clone());
        }
        Ok(found)
    }

    async fn append(&mut self, append: &Append) -> Result<Vec<Receipt>, Rejection> {
        let mut receipts = Vec::with_capacity(append.submissions.len());
        let mut new: Vec<&Event> = Vec::new();
        for (index, Submission { event, .. }) in append.submissions.iter().enumerate() {
            self.load(event.stream).await?;
            let Some(record) = self.histories[&event.stream].find(&event.key) else {
                new.push(event);
                receipts.push(None);
                continue;
            };
            if record.event != *event {
                let differs = if record.event.time == event.time {
                    "data"
                } else {
                    "time"
                };
                return Err(Rejection::Conflict {
                    index,
                    position: record.position,
                    differs: differs.to_owned(),
                });
            }
            receipts.push(Some(receipt(record, true)));
        }
        let order = in_order(&new);
        let events: Vec<&Event> = order.iter().map(|place| new[*place]).collect();
        let consequences = loop {
            match admit(&events, self, Utc::now()) {
                Ok(Verdict::Admitted(consequences)) => break consequences,
                Ok(Verdict::Needs(stream)) => self.load(stream).await?,
                Err(refused) => {
                    let key = &events[refused.index].key;
                    let given = append
                        .submissions
                        .iter()
                        .position(|given| given.event.key == *key);
                    return Err(Rejection::Refused {
                        index: given.expect("it is one of those given"),
                        refusals: refused.refusals,
                    });
                }
            }
        };
        let mut taken = HashMap::new();
        for (event, consequences) in events.into_iter().zip(consequences) {
            let record = self.push(event.clone(), &append.actor).await?;
            taken.insert(event.key.clone(), receipt(&record, false));
            for consequence in consequences {
                self.push(consequence.event, &append.actor).await?;
            }
        }
        let given = append.submissions.iter().zip(receipts);
        let told = given.map(|(given, known)| known.or_else(|| taken.get(&given.event.key).cloned()));
        Ok(told.flatten().collect())
    }

    async fn push(&mut self, event: Event, actor: &Arc<str>) -> Result<Record, LogError> {
        let stream = event.stream;
        self.load(stream).await?;
        let history = self.histories.get_mut(&stream).expect("it is loaded");
        let record = Record {
            position: self.size,
            revision: history.revision() + 1,
            recorded: Utc::now(),
            actor: actor.clone(),
            event,
        };
        self.size += 1;
        if let Some(gathered) = self.gathered.get_mut(&stream) {
            gathered.push(&record);
        }
        let pushed = history.push(record.clone());
        pushed.map_err(|wrong| LogError::Damaged(format!("{stream} contradicts itself: {wrong:?}")))?;
        Ok(record)
    }

    /// Takes in what the log has of a stream.
    async fn load(&mut self, stream: StreamId) -> Result<(), LogError> {
        if self.histories.contains_key(&stream) {
            return Ok(());
        }
        let entries = self.log.stream(stream, Some(self.below)).await?;
        let records = entries.iter().map(parcours_log::Entry::record);
        let records = records.collect::<Result<Vec<_>, _>>()?;
        if stream.kind.is_gathered() {
            let mut gathered = Gathered::new(stream);
            records.iter().for_each(|record| gathered.push(record));
            self.gathered.insert(stream, gathered);
        }
        let history = History::replay(stream, records)
            .map_err(|wrong| LogError::Damaged(format!("{stream} contradicts itself: {wrong:?}")))?;
        self.histories.insert(stream, history);
        Ok(())
    }
}

fn receipt(record: &Record, duplicate: bool) -> Receipt {
    Receipt {
        duplicate,
        position: record.position,
        revision: record.revision,
        supersedes: None,
    }
}
