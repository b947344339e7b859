//! What is sent: simulated programmes, written to files first, so that they take no memory while it is measured.
//!
//! The programmes follow one another in time. The ids of events begin with the time, so what comes later in a run has
//! ids after all that is in the log, as new events have.

use super::scale::Scale;
use super::scratch::Scratch;
use anyhow::{Context, ensure};
use chrono::{Months, NaiveDate, Utc};
use parcours_model::streams::session;
use parcours_model::{Fact, Submission, calendar};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

/// The time of a cohort.
const COHORT_MONTHS: u32 = 18;
/// Fewer events than a person of a cohort has on average, catalogue aside, so that there are enough.
const COHORT_EVENTS: u64 = 20;
/// People simulated to see how many events a person of the programme has.
const SAMPLE: u64 = 500;
/// What is simulated beyond the events wanted. What is left over at the end is not sent.
const MARGIN: f64 = 1.08;
/// Places of the sessions of a cohort: the order in which its callers are served must not decide who gets one.
const CAPACITY: u32 = 5_000;

/// The files of a run.
pub struct Inputs {
    /// What fills the log: events in the order of arrival.
    pub programme: PathBuf,
    /// Who comes while it is watched how soon acknowledged events are visible.
    pub watched: Cohort,
    /// Who comes in each round of appends.
    pub pressed: Vec<Cohort>,
}

/// People with nothing to do with those before, and the catalogue they use.
pub struct Cohort {
    /// Operators, offers and sessions: to be loaded first, in this order.
    pub catalogue: PathBuf,
    /// Events of trainees and parcours, in the order of arrival. Parcours do not depend on each other.
    pub journeys: PathBuf,
}

/// Simulates the programmes in processes of their own, and writes their files.
pub async fn write(scratch: &Scratch, scale: &Scale) -> anyhow::Result<Inputs> {
    let cohorts = 1 + u32::try_from(scale.rounds)?;
    let first = calendar::day(Utc::now()) - Months::new(COHORT_MONTHS * cohorts);
    let programme = scratch.file("programme.ndjson");
    let time = (first - Months::new(scale.months), first);
    let sampled = Lines::of(time, 1, SAMPLE)?.count().await?;
    let people = (scale.events * SAMPLE) as f64 / sampled.max(1) as f64 * MARGIN;
    let mut lines = Lines::of(time, 1, (people as u64).max(20))?;
    let mut output = BufWriter::new(File::create(&programme)?);
    for _ in 0..scale.events {
        let line = lines
            .next()
            .await?
            .context("the simulation ended before there were enough events")?;
        output.write_all(line)?;
    }
    output.flush()?;
    let (mut until, mut written) = (first, Vec::new());
    for cohort in 0..cohorts {
        let from = until;
        until = from + Months::new(COHORT_MONTHS);
        let events = if cohort == 0 { scale.watched } else { scale.pressed };
        let files = Cohort {
            catalogue: scratch.file(&format!("catalogue-{cohort}.ndjson")),
            journeys: scratch.file(&format!("journeys-{cohort}.ndjson")),
        };
        let mut lines = Lines::of(
            (from, until),
            2 + u64::from(cohort),
            (events as u64 / COHORT_EVENTS).max(20),
        )?;
        files.write(&mut lines, events).await?;
        written.push(files);
    }
    let pressed = written.split_off(1);
    let watched = written.pop().context("there is always somebody to watch")?;
    Ok(Inputs {
        programme,
        watched,
        pressed,
    })
}

impl Cohort {
    /// Sorts the lines of a simulation into the two files, the whole catalogue and so many events of journeys.
    async fn write(&self, lines: &mut Lines, mut events: usize) -> anyhow::Result<()> {
        let mut catalogue = BufWriter::new(File::create(&self.catalogue)?);
        let mut journeys = BufWriter::new(File::create(&self.journeys)?);
        while let Some(line) = lines.next().await? {
            if is_of_a_person(line) {
                if events > 0 && !is_erasure(line) {
                    journeys.write_all(line)?;
                    events -= 1;
                }
            } else if let Some(submission) = unlimited(Submission::parse(line)?) {
                catalogue.write_all(&submission.to_json())?;
                catalogue.write_all(b"\n")?;
            }
        }
        ensure!(
            events == 0,
            "the simulation ended before there were enough events"
        );
        catalogue.flush()?;
        Ok(journeys.flush()?)
    }
}

fn is_of_a_person(line: &[u8]) -> bool {
    ["\"subject\":\"parcours/", "\"subject\":\"trainee/"]
        .iter()
        .any(|subject| contains(line, subject))
}

/// Nothing may follow an erasure, so it would depend on the order in which two callers are served.
fn is_erasure(line: &[u8]) -> bool {
    contains(line, "\"type\":\"trainee.erased")
}

/// Whether a canonical line contains a text.
pub fn contains(line: &[u8], text: &str) -> bool {
    memchr::memmem::find(line, text.as_bytes()).is_some()
}

/// A catalogue's event for sessions that are never full and never cancelled.
fn unlimited(submission: Submission) -> Option<Submission> {
    let mut event = submission.event;
    match &mut event.fact {
        Fact::Session(session::Fact::Opened(opened)) => opened.capacity = CAPACITY,
        Fact::Session(session::Fact::CapacityChanged(_) | session::Fact::Cancelled(_)) => return None,
        _ => {}
    }
    Some(Submission::new(event))
}

/// The lines of `parcours simulate`, run by this program. The process is killed when this is dropped.
struct Lines {
    _process: Child,
    output: BufReader<ChildStdout>,
    line: Vec<u8>,
}

impl Lines {
    fn of((from, until): (NaiveDate, NaiveDate), seed: u64, trainees: u64) -> anyhow::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args([
                "simulate",
                "--from",
                &from.to_string(),
                "--until",
                &until.to_string(),
            ])
            .args(["--seed", &seed.to_string(), "--trainees", &trainees.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("the simulation cannot be started")?;
        let output = process.stdout.take().context("the simulation has an output")?;
        Ok(Self {
            _process: process,
            output: BufReader::with_capacity(1 << 16, output),
            line: Vec::new(),
        })
    }

    /// How many there are.
    async fn count(mut self) -> anyhow::Result<u64> {
        let mut count = 0;
        while self.next().await?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    /// The next line, with its end.
    async fn next(&mut self) -> anyhow::Result<Option<&[u8]>> {
        self.line.clear();
        let length = self.output.read_until(b'\n', &mut self.line).await?;
        Ok((length > 0).then_some(&self.line))
    }
}
