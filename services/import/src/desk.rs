//! Where what is imported is decided on: the log, which records it, or a trial, which does not.

use crate::trial::Trial;
use parcours_log::{Append, Log, LogError, Receipt, Rejection};
use parcours_model::{History, StreamId};

/// A position that no entry has.
const EVERYTHING: u64 = u64::MAX;

/// See above.
pub enum Desk<'a> {
    /// What is admitted is recorded.
    Log(&'a Log),
    /// Nothing is.
    Trial(Box<Trial<'a>>),
}

impl<'a> Desk<'a> {
    /// A desk on this log.
    pub fn new(log: &'a Log, dry_run: bool) -> Desk<'a> {
        match dry_run {
            false => Desk::Log(log),
            true => Desk::Trial(Box::new(Trial::of(log))),
        }
    }

    /// The log, if it is recorded to.
    pub(crate) fn log(&self) -> Option<&'a Log> {
        match self {
            Desk::Log(log) => Some(log),
            Desk::Trial(_) => None,
        }
    }

    /// Decides on each for itself, in this order.
    pub(crate) async fn append_each(&mut self, appends: Vec<Append>) -> Vec<Result<Vec<Receipt>, Rejection>> {
        match self {
            Desk::Log(log) => log.append_each(appends).await,
            Desk::Trial(trial) => trial.append_each(appends).await,
        }
    }

    /// The histories of these streams, in this order.
    pub(crate) async fn histories(&mut self, streams: Vec<StreamId>) -> Result<Vec<History>, LogError> {
        let log = match self {
            Desk::Log(log) => log,
            Desk::Trial(trial) => return trial.histories(&streams).await,
        };
        let all = log.streams(streams.clone(), EVERYTHING).await?;
        let read = |(stream, entries): (StreamId, Vec<parcours_log::Entry>)| {
            let records = entries.iter().map(parcours_log::Entry::record);
            let records = records.collect::<Result<Vec<_>, _>>()?;
            History::replay(stream, records)
                .map_err(|wrong| LogError::Damaged(format!("{stream} contradicts itself: {wrong:?}")))
        };
        streams.into_iter().zip(all).map(read).collect()
    }
}
