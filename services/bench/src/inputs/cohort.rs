//! People who come after those of the programme, with a catalogue of their own.

use super::contains;
use super::lines::Lines;
use anyhow::{Context, ensure};
use chrono::NaiveDate;
use parcours_model::streams::session;
use parcours_model::{Fact, Submission};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// Fewer events than a person of a cohort has on average, catalogue aside, so that there are enough.
const EVENTS: u64 = 20;
/// Places of its sessions: the order in which its callers are served must not decide who gets one.
const CAPACITY: u32 = 5_000;

/// People with nothing to do with those before, and the catalogue they use.
pub struct Cohort {
    /// Operators, offers, sessions, conventions and envelopes: to be loaded first, in this order.
    pub catalogue: PathBuf,
    /// Events of trainees and parcours, in the order of arrival. Parcours do not depend on each other.
    pub journeys: PathBuf,
}

/// Many people who use one catalogue, in parts that do not depend on each other.
pub struct Crowd {
    /// As that of a cohort.
    pub catalogue: PathBuf,
    /// As those of as many cohorts.
    pub journeys: Vec<PathBuf>,
}

impl Cohort {
    /// Simulates so many events of journeys.
    pub async fn write(
        catalogue: PathBuf,
        journeys: PathBuf,
        time: (NaiveDate, NaiveDate),
        seed: u64,
        events: usize,
    ) -> anyhow::Result<Self> {
        let mut crowd = Crowd::write(catalogue, vec![journeys], time, seed, events).await?;
        Ok(Self {
            catalogue: crowd.catalogue,
            journeys: crowd.journeys.pop().context("a crowd of one part was written")?,
        })
    }
}

impl Crowd {
    /// Simulates so many events of journeys for each part.
    pub async fn write(
        catalogue: PathBuf,
        journeys: Vec<PathBuf>,
        time: (NaiveDate, NaiveDate),
        seed: u64,
        events: usize,
    ) -> anyhow::Result<Self> {
        let parts = journeys.len();
        // Parts are not equal: the more of them there are, the more surely one is small.
        let people = (events as u64 / EVENTS).max(20) * parts as u64 + 10 * (parts as u64 - 1);
        // Whoever comes back would have two parcours, and the second may depend on the first.
        let mut lines = Lines::of(time, seed, people, &["--reentry-rate", "0"])?;
        let mut known = BufWriter::new(File::create(&catalogue)?);
        let mut files = Vec::new();
        for file in &journeys {
            files.push((BufWriter::new(File::create(file)?), events));
        }
        while let Some(line) = lines.next().await? {
            if let Some(person) = person(line) {
                let (file, left) = &mut files[person as usize % parts];
                if *left > 0 && !is_erasure(line) {
                    file.write_all(line)?;
                    *left -= 1;
                }
            } else if let Some(submission) = unlimited(Submission::parse(line)?) {
                known.write_all(&submission.to_json())?;
                known.write_all(b"\n")?;
            }
        }
        known.flush()?;
        for (mut file, left) in files {
            ensure!(left == 0, "the simulation ended before there were enough events");
            file.flush()?;
        }
        Ok(Self { catalogue, journeys })
    }
}

/// The last bits of the name of a trainee or a parcours, which are chance; `None` of other streams.
fn person(line: &[u8]) -> Option<u8> {
    const NAME: usize = 36;
    ["\"subject\":\"parcours/", "\"subject\":\"trainee/"]
        .iter()
        .find_map(|subject| {
            let begin = memchr::memmem::find(line, subject.as_bytes())? + subject.len();
            let last = line.get(begin + NAME - 2..begin + NAME)?;
            u8::from_str_radix(std::str::from_utf8(last).ok()?, 16).ok()
        })
}

/// Nothing may follow an erasure, so it would depend on the order in which two callers are served.
fn is_erasure(line: &[u8]) -> bool {
    contains(line, "\"type\":\"trainee.erased")
}

/// A catalogue's event for sessions that are never full and never cancelled; what parcours name, and nothing that names them.
fn unlimited(submission: Submission) -> Option<Submission> {
    let mut event = submission.event;
    match &mut event.fact {
        Fact::Operator(_) | Fact::Offer(_) | Fact::Convention(_) | Fact::Envelope(_) => {}
        Fact::Session(session::Fact::Opened(opened)) => opened.capacity = CAPACITY,
        Fact::Session(session::Fact::CapacityChanged(_) | session::Fact::Cancelled(_)) => return None,
        Fact::Session(_) => {}
        _ => return None,
    }
    Some(Submission::new(event))
}
