//! A table into the log: what is new is recorded, what changed is corrected, what is refused is tried once more.
//!
//! A fact that the rules refuse may be possible with others that stood behind it: with the correction of another, or with
//! what it is only possible together with, such as a late interruption with its resumption. So those refused are tried
//! again at the end, what belongs to one stream together.

mod again;
mod refusals;

use super::{Options, Stopped};
use crate::csv::plan::Plan;
use crate::csv::reading::{self, Ready, Told};
use crate::csv::rejects::Rejects;
use crate::csv::standing::{Amended, Outcome, outcome};
use crate::desk::Desk;
use crate::report::{Refusal, Report, refusal};
use parcours_console::progress::Progress;
use parcours_log::{Append, LogError, Receipt, Rejection};
use parcours_model::{History, StreamId, StreamKind, Submission};
use std::collections::HashMap;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Messages of the reader that may wait: groups, most of them.
const AHEAD: usize = 4;
/// Refused lines that are kept to be tried again; those beyond are refused at once.
const MOST_WAITING: usize = 10_000;
/// Lines decided together.
const GROUP: usize = 1_000;

/// What came of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Whether it was read to its end, and not interrupted.
    pub complete: bool,
    /// Where refused lines are, and how many.
    pub rejects: Option<(PathBuf, u64)>,
}

/// Imports every line of `source`, of `size` bytes if that is known; tells `report`.
pub async fn import(
    desk: &mut Desk<'_>,
    source: impl Read + Send + 'static,
    size: Option<u64>,
    options: &Options,
    report: &mut Report,
    cancel: &CancellationToken,
) -> Result<Summary, Stopped> {
    let mut work = Work {
        desk,
        report,
        actor: options.actor.clone(),
        words: Vec::new(),
        delimiter: b';',
        header: String::new(),
        rejects: Rejects::new(),
        waiting: Vec::new(),
        amended: Amended::default(),
        duplicates: 0,
    };
    let imported = work.import(source, size, options, cancel).await;
    // An import that broke off tries nothing again; what was refused until then is told, and kept to be corrected.
    for (sent, (code, field, detail)) in std::mem::take(&mut work.waiting) {
        work.refuse(&sent, code, field.as_deref(), detail)?;
    }
    let rejects = match &options.rejects {
        None => None,
        Some(to) => {
            let written = work.rejects.write(to, &work.header, work.delimiter);
            written.map_err(|error| Stopped::Rejects {
                file: to.file.clone(),
                error,
            })?
        }
    };
    Ok(Summary {
        complete: imported?,
        rejects,
    })
}

/// A line that is sent.
#[derive(Clone)]
struct Sent {
    number: u64,
    submission: Submission,
    /// Whether it became a correction of what stands.
    corrects: bool,
    text: String,
    plan: Arc<Plan>,
}

struct Work<'a, 'l> {
    desk: &'a mut Desk<'l>,
    report: &'a mut Report,
    actor: Arc<str>,
    /// The words of the header.
    words: Vec<String>,
    delimiter: u8,
    /// The header as it stands in the file.
    header: String,
    rejects: Rejects,
    /// What the rules refuse, and why, to be tried once more.
    waiting: Vec<(Sent, Refusal)>,
    amended: Amended,
    /// Duplicates so far.
    duplicates: u64,
}

impl Work<'_, '_> {
    async fn import(
        &mut self,
        source: impl Read + Send + 'static,
        size: Option<u64>,
        options: &Options,
        cancel: &CancellationToken,
    ) -> Result<bool, Stopped> {
        let (sender, mut told) = mpsc::channel(AHEAD);
        let for_reading = options.clone();
        let reading = tokio::task::spawn_blocking(move || reading::read(source, &for_reading, &sender));
        let mut progress = Progress::new("reading", "bytes", size);
        let mut done = 0;
        while let Some(told) = told.recv().await {
            match told {
                Told::Written {
                    delimiter,
                    header,
                    words,
                } => {
                    (self.delimiter, self.header, self.words) = (delimiter, header, words);
                }
                Told::Remark(remark) => self.report.remark_on_file(&remark),
                Told::Refused(line) => self.refused_line(&line)?,
                Told::Repeated => {
                    self.report.read();
                    self.report.duplicate();
                }
                Told::Bytes(bytes) => progress.at(bytes),
                Told::Sorted(lines) => {
                    std::mem::replace(&mut progress, Progress::new("importing", "lines", Some(lines)))
                        .finish();
                }
                Told::Group(group) => {
                    done += group.len() as u64;
                    self.group(group).await?;
                    progress.at(done);
                }
            }
            if cancel.is_cancelled() {
                break;
            }
        }
        progress.finish();
        drop(told);
        let complete = !cancel.is_cancelled();
        if complete {
            reading.await.map_err(io::Error::other)??;
        }
        if complete {
            let waiting = std::mem::take(&mut self.waiting);
            self.try_again(waiting.into_iter().map(|(sent, _)| sent)).await?;
        }
        Ok(complete)
    }

    async fn group(&mut self, group: Vec<Ready>) -> Result<(), Stopped> {
        let mut sent = Vec::with_capacity(group.len());
        for Ready {
            number,
            event,
            text,
            plan,
        } in group
        {
            self.report.read();
            match event {
                Ok(submission) => sent.push(Sent {
                    number,
                    submission,
                    corrects: false,
                    text,
                    plan,
                }),
                Err(malformed) => self.malformed(number, &malformed, &text, &plan)?,
            }
        }
        let answers = self.append(&sent).await;
        let (mut known, mut others) = (Vec::new(), Vec::new());
        for (sent, answer) in sent.into_iter().zip(answers) {
            match answer {
                Ok(receipts) if is_duplicate(&receipts) => known.push(sent),
                Err(Rejection::Conflict { .. }) => others.push(sent),
                answer => self.answered(sent, answer)?,
            }
        }
        others.extend(self.perhaps_amended(known).await?);
        let corrections = self.compare(others).await?;
        let answers = self.append(&corrections).await;
        for (sent, answer) in corrections.into_iter().zip(answers) {
            self.answered(sent, answer)?;
        }
        Ok(())
    }

    async fn append(&mut self, sent: &[Sent]) -> Vec<Result<Vec<Receipt>, Rejection>> {
        let one = |sent: &Sent| Append::one(sent.submission.clone(), self.actor.clone());
        let appends: Vec<Append> = sent.iter().map(one).collect();
        if appends.is_empty() {
            return Vec::new();
        }
        self.desk.append_each(appends).await
    }

    /// Of duplicates those on which a correction may stand; the others are counted.
    async fn perhaps_amended(&mut self, known: Vec<Sent>) -> Result<Vec<Sent>, LogError> {
        if known.is_empty() {
            return Ok(known);
        }
        // Only facts of a parcours are corrected.
        let of_parcours = |sent: &Sent| sent.submission.event.stream.kind == StreamKind::Parcours;
        let (known, others): (Vec<Sent>, Vec<Sent>) = known.into_iter().partition(of_parcours);
        others.iter().for_each(|_| self.report.duplicate());
        self.duplicates += known.len() as u64;
        let Some(log) = self
            .desk
            .log()
            .filter(|log| self.amended.pays(log, self.duplicates))
        else {
            return Ok(known);
        };
        self.amended.catch_up(log).await?;
        let amended = |sent: &Sent| self.amended.contains(&sent.submission.event.key);
        let (amended, same): (Vec<Sent>, Vec<Sent>) = known.into_iter().partition(amended);
        same.iter().for_each(|_| self.report.duplicate());
        Ok(amended)
    }

    /// Compares lines whose event the log has with what stands. Gives the corrections that they become.
    async fn compare(&mut self, lines: Vec<Sent>) -> Result<Vec<Sent>, Stopped> {
        let mut corrections = Vec::new();
        if lines.is_empty() {
            return Ok(corrections);
        }
        let mut streams: Vec<StreamId> = lines.iter().map(|sent| sent.submission.event.stream).collect();
        streams.sort_unstable();
        streams.dedup();
        let found = self.desk.histories(streams.clone()).await?;
        let histories: HashMap<StreamId, History> = streams.into_iter().zip(found).collect();
        for sent in lines {
            let event = &sent.submission.event;
            match outcome(event, &sent.plan, &histories[&event.stream]) {
                Outcome::Same => self.report.duplicate(),
                Outcome::Refused(code, detail) => self.refuse(&sent, code, None, detail)?,
                Outcome::Correction(submission) => corrections.push(Sent {
                    submission: *submission,
                    corrects: true,
                    ..sent
                }),
            }
        }
        Ok(corrections)
    }

    /// The log's answer on a line: what the rules refuse waits.
    fn answered(&mut self, sent: Sent, answer: Result<Vec<Receipt>, Rejection>) -> Result<(), Stopped> {
        match answer {
            Err(rejection @ Rejection::Refused { .. }) if self.waiting.len() < MOST_WAITING => {
                self.waiting.push((sent, refusal(rejection)?));
                Ok(())
            }
            answer => self.settled(&sent, answer),
        }
    }

    /// The log's last answer on a line.
    fn settled(&mut self, sent: &Sent, answer: Result<Vec<Receipt>, Rejection>) -> Result<(), Stopped> {
        match answer {
            Ok(receipts) if is_duplicate(&receipts) => self.report.duplicate(),
            Ok(_) => self.report.recorded(sent.corrects),
            Err(rejection) => {
                let (code, field, detail) = refusal(rejection)?;
                self.refuse(sent, code, field.as_deref(), detail)?;
            }
        }
        Ok(())
    }
}

fn is_duplicate(receipts: &[Receipt]) -> bool {
    receipts.iter().all(|receipt| receipt.duplicate)
}
