//! What is sent: simulated programmes, written to files first, so that they take no memory while it is measured.
//!
//! The programmes follow one another in time. The ids of events begin with the time, so what comes later in a run has
//! ids after all that is in the log, as new events have.

mod cohort;
mod lines;
mod programme;

pub use cohort::{Cohort, Crowd};
pub use programme::Programme;

use super::growth::PARTS;
use super::scale::Scale;
use super::scratch::Scratch;
use anyhow::Context;
use chrono::{Months, NaiveDate, Utc};
use parcours_model::calendar;

/// The time of a cohort.
const COHORT_MONTHS: u32 = 18;

/// The files of a run.
pub struct Inputs {
    /// What fills the log.
    pub programme: Programme,
    /// Who comes while it is watched how soon acknowledged events are visible.
    pub watched: Cohort,
    /// Who comes in each round of appends.
    pub pressed: Vec<Cohort>,
    /// Who comes at each stage of the log's growth, a part for each number of callers in each round; and after that, one
    /// for each round of appends by more callers.
    pub crowd: Crowd,
}

/// Simulates the programmes in processes of their own, and writes their files.
pub async fn write(scratch: &Scratch, scale: &Scale) -> anyhow::Result<Inputs> {
    let cohorts = 2 + u32::try_from(scale.rounds)?;
    let first = calendar::day(Utc::now()) - Months::new(COHORT_MONTHS * cohorts);
    let time = (first - Months::new(scale.months), first);
    let programme = Programme::write(scratch.file("programme.ndjson"), time, 1, scale).await?;
    let months = |cohort: u32| -> (NaiveDate, NaiveDate) {
        let from = first + Months::new(COHORT_MONTHS * cohort);
        (from, from + Months::new(COHORT_MONTHS))
    };
    let mut written = Vec::new();
    for cohort in 0..cohorts - 1 {
        let events = if cohort == 0 { scale.watched } else { scale.pressed };
        let catalogue = scratch.file(&format!("catalogue-{cohort}.ndjson"));
        let journeys = scratch.file(&format!("journeys-{cohort}.ndjson"));
        let seed = 2 + u64::from(cohort);
        written.push(Cohort::write(catalogue, journeys, months(cohort), seed, events).await?);
    }
    let parts = scale.stages().len() * PARTS + scale.rounds;
    let journeys = (0..parts).map(|part| scratch.file(&format!("crowd-{part}.ndjson")));
    let crowd = Crowd::write(
        scratch.file("crowd.ndjson"),
        journeys.collect(),
        months(cohorts - 1),
        2 + u64::from(cohorts),
        scale.pressed,
    )
    .await?;
    let pressed = written.split_off(1);
    let watched = written.pop().context("there is always somebody to watch")?;
    Ok(Inputs {
        programme,
        watched,
        pressed,
        crowd,
    })
}

/// Whether a canonical line contains a text.
pub fn contains(line: &[u8], text: &str) -> bool {
    memchr::memmem::find(line, text.as_bytes()).is_some()
}
