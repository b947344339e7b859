//! A LHEO catalogue into the log: each formation compared with what the log has, what is new appended.

use super::lheo::{
    Additions, Catalogue, Formation, Known, Options, Seen, Tally, Unreadable, additions, withdrawal,
};
use super::report::{Refused, Report};
use parcours_log::{Append, Log, LogError};
use parcours_model::{History, StreamId, StreamKind, Submission, calendar};
use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Formations read ahead; one of them may take 16 MiB.
const AHEAD: usize = 2;

/// Why an import of a catalogue stops before its end.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The file is no catalogue, or could not be read further.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The log could not be read, or could not take more.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Entries of the log looked at in one go.
const PAGE: usize = 1_000;

/// The import of one or more catalogues.
pub struct Importer<'a> {
    log: &'a Log,
    options: Options,
    actor: Arc<str>,
    known: Arc<Known>,
    seen: Seen,
}

impl<'a> Importer<'a> {
    /// Reads in the log what catalogues have said before: the whole of it once, most entries by a glance at their bytes.
    pub async fn new(log: &'a Log, options: Options, actor: Arc<str>) -> Result<Importer<'a>, LogError> {
        let mut known = Known::default();
        let (mut next, size) = (0, log.size());
        while next < size {
            let page = log.read(next, PAGE).await?;
            let Some(last) = page.last() else { break };
            next = last.position + 1;
            for entry in &page {
                if Known::may_be_of_a_catalogue(&entry.bytes, entry.stream.kind) {
                    known.learn(&entry.record()?.event);
                }
            }
        }
        Ok(Importer {
            log,
            options,
            actor,
            known: Arc::new(known),
            seen: Seen::default(),
        })
    }

    /// Imports every formation of `source`; tells `report`, and `progress` after each formation. Gives what was read, and
    /// whether it came to the end.
    pub async fn import(
        &mut self,
        source: impl Read + Send + 'static,
        report: &mut Report,
        mut progress: impl FnMut(u64),
        cancel: &CancellationToken,
    ) -> Result<(Tally, bool), Stopped> {
        let mut tally = Tally::default();
        let (sender, mut formations) = mpsc::channel(AHEAD);
        let (as_of, known) = (self.options.as_of, self.known.clone());
        tokio::task::spawn_blocking(move || match Catalogue::open(source, as_of) {
            Err(unreadable) => drop(sender.blocking_send(Err(unreadable))),
            Ok(catalogue) => {
                for formation in catalogue.knowing(known) {
                    if sender.blocking_send(formation).is_err() {
                        break;
                    }
                }
            }
        });
        while let Some(formation) = formations.recv().await {
            let formation = match formation {
                Err(Unreadable::NotLheo { line, detail }) => {
                    tally.refused += 1;
                    self.seen.nothing();
                    report.refuse(&Refused {
                        line,
                        id: None,
                        code: "not-lheo",
                        field: None,
                        detail: format!("this is not a LHEO catalogue: {detail}"),
                    });
                    return Ok((tally, true));
                }
                formation => formation?,
            };
            report.read();
            let known = load(self.log, &formation).await?;
            let additions = additions(&formation, &|stream| known.get(&stream), &self.options);
            tally.add(&formation, &additions);
            self.seen.add(&formation, &additions);
            tell(report, &formation, &additions);
            self.append(formation.line, additions.submissions, report).await?;
            progress(tally.formations as u64);
            if cancel.is_cancelled() {
                return Ok((tally, false));
            }
        }
        Ok((tally, true))
    }

    /// Tells which sessions none of the catalogues lists any more; if they are `complete`, withdraws them.
    pub async fn finish(self, complete: bool, report: &mut Report) -> Result<(), LogError> {
        let left = self
            .seen
            .left(&self.known, calendar::day(self.options.as_of), complete);
        if complete && !left.is_empty() && !self.seen.is_whole() {
            report.refuse(&Refused {
                line: 1,
                id: None,
                code: "incomplete",
                field: None,
                detail: "a part of the catalogue could not be read, and does not tell what it is: nothing is withdrawn"
                    .to_owned(),
            });
        }
        let withdraw = complete && self.seen.is_whole();
        for left in left {
            let stream = StreamId::new(StreamKind::Session, left.session);
            let history = history(self.log, stream).await?;
            let Some(withdrawal) = withdrawal(&left, &history, &self.options) else {
                continue;
            };
            report.left(&left, withdraw.then_some(withdrawal.holders));
            if withdraw {
                self.append(1, vec![withdrawal.submission], report).await?;
            }
        }
        Ok(())
    }

    async fn append(
        &self,
        line: u64,
        submissions: Vec<Submission>,
        report: &mut Report,
    ) -> Result<(), LogError> {
        let ids: Vec<_> = submissions
            .iter()
            .map(|submission| submission.event.key.id.clone())
            .collect();
        let appends = submissions
            .into_iter()
            .map(|submission| Append::one(submission, self.actor.clone()));
        for (id, answer) in ids.into_iter().zip(self.log.append_each(appends.collect()).await) {
            report.answered(line, &id, answer)?;
        }
        Ok(())
    }
}

fn tell(report: &mut Report, formation: &Formation, additions: &Additions) {
    report.not_taken(&formation.not_taken);
    formation.remarks.iter().for_each(|note| report.remark(note));
    for note in formation.refusals.iter().chain(&additions.left) {
        report.refuse(&Refused {
            line: note.line,
            id: Some(&note.formation),
            code: "catalogue",
            field: None,
            detail: note.to_string(),
        });
    }
}

async fn load(log: &Log, formation: &Formation) -> Result<HashMap<StreamId, History>, LogError> {
    let mut known = HashMap::new();
    for stream in formation.streams() {
        known.insert(stream, history(log, stream).await?);
    }
    Ok(known)
}

async fn history(log: &Log, stream: StreamId) -> Result<History, LogError> {
    let entries = log.stream(stream, None).await?;
    let records = entries
        .iter()
        .map(parcours_log::Entry::record)
        .collect::<Result<Vec<_>, _>>()?;
    History::replay(stream, records)
        .map_err(|wrong| LogError::Damaged(format!("{stream} contradicts itself: {wrong:?}")))
}
