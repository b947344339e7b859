//! The programme that fills the log.

use super::lines::Lines;
use crate::scale::Scale;
use chrono::NaiveDate;
use parcours_console::progress::Progress;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::PathBuf;

/// People simulated to see how many events a person of the programme has.
const SAMPLE: u64 = 2_000;
/// What is simulated beyond the events wanted. What is left over at the end is not sent.
const MARGIN: f64 = 1.05;
/// Events that are sent to one build before it is another's turn.
const SLICE: u64 = 250_000;

/// Events in the order of arrival, in a file.
pub struct Programme {
    pub file: PathBuf,
    /// Where it may be cut: so many events, and the bytes that they take.
    cuts: Vec<(u64, u64)>,
}

/// Some of the events, one after another.
pub struct Slice {
    pub events: Range<u64>,
    pub bytes: Range<u64>,
}

impl Programme {
    /// Simulates until there are enough events. People are as many as a small programme of the same time suggests; if they
    /// do less than those, it is begun anew with more of them.
    pub async fn write(
        file: PathBuf,
        time: (NaiveDate, NaiveDate),
        seed: u64,
        scale: &Scale,
    ) -> anyhow::Result<Self> {
        let sample = SAMPLE.min(scale.events / 200).max(20);
        let sampled = Lines::of(time, seed, sample, &[])?.count().await?;
        let mut people = people(scale.events, sampled, sample);
        loop {
            let (programme, written) = Self::attempt(&file, time, seed, people, scale).await?;
            if written == scale.events {
                return Ok(programme);
            }
            tracing::info!("{people} people have {written} events: some more people");
            people = self::people(scale.events, written, people);
        }
    }

    async fn attempt(
        file: &std::path::Path,
        time: (NaiveDate, NaiveDate),
        seed: u64,
        people: u64,
        scale: &Scale,
    ) -> anyhow::Result<(Self, u64)> {
        let mut lines = Lines::of(time, seed, people, &[])?;
        let mut output = BufWriter::with_capacity(1 << 16, File::create(file)?);
        let mut progress = Progress::new("simulating", "events", Some(scale.events));
        let stages = scale.stages();
        let (mut events, mut bytes, mut cuts) = (0, 0, vec![(0, 0)]);
        while events < scale.events
            && let Some(line) = lines.next().await?
        {
            output.write_all(line)?;
            events += 1;
            bytes += line.len() as u64;
            if events % SLICE == 0 || stages.contains(&events) {
                cuts.push((events, bytes));
                progress.at(events);
            }
        }
        output.flush()?;
        progress.finish();
        let file = file.to_owned();
        Ok((Self { file, cuts }, events))
    }

    /// These events, which begin and end where a stage does, in slices.
    pub fn slices(&self, events: &Range<u64>) -> Vec<Slice> {
        let slice = |pair: &[(u64, u64)]| Slice {
            events: pair[0].0..pair[1].0,
            bytes: pair[0].1..pair[1].1,
        };
        let slices = self.cuts.windows(2).map(slice);
        slices
            .filter(|slice| events.start <= slice.events.start && slice.events.end <= events.end)
            .collect()
    }
}

/// How many people have so many events, when `sample` of them had `sampled`.
fn people(events: u64, sampled: u64, sample: u64) -> u64 {
    let people = events as f64 * sample as f64 / sampled.max(1) as f64 * MARGIN;
    (people as u64).max(20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_cut_into_slices_without_gaps() {
        let programme = Programme {
            file: PathBuf::new(),
            cuts: vec![(0, 0), (250, 25), (500, 50), (1_000, 100), (1_100, 110)],
        };
        let told = |events: Range<u64>| -> Vec<_> {
            let slices = programme.slices(&events);
            slices
                .into_iter()
                .map(|slice| (slice.events, slice.bytes))
                .collect()
        };
        assert_eq!(
            told(0..1_000),
            [(0..250, 0..25), (250..500, 25..50), (500..1_000, 50..100)]
        );
        assert_eq!(told(1_000..1_100), [(1_000..1_100, 100..110)]);
    }
}
