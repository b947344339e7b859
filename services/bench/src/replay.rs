//! One parcours told from its events, out of a large log.

use super::bare::Bare;
use super::figure::{Figure, Goal};
use super::inputs::contains;
use super::latency::Latencies;
use super::scale::REPLAYS;
use anyhow::{anyhow, ensure};
use parcours_log::{Location, Log};
use parcours_model::{History, StreamId, StreamKind};
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Instant;
use uuid::Uuid;

/// Milliseconds at the median (issue: "replay of one parcours under 1 ms at the median").
const GOAL: f64 = 1.0;

/// Replays some parcours of the programme that was recorded. `place` is the log's.
pub async fn measure(log: &Log, place: &Location, programme: &Path) -> anyhow::Result<Vec<Figure>> {
    let sample = sample(programme)?;
    let bare = Bare::open(place).await?;
    let mut raw = Latencies::default();
    let mut positions = Vec::with_capacity(sample.len());
    for uuid in &sample {
        let entries = log
            .stream(StreamId::new(StreamKind::Parcours, *uuid), None)
            .await?;
        let position = |entry: &parcours_log::Entry| i64::try_from(entry.position);
        positions.push(entries.iter().map(position).collect::<Result<_, _>>()?);
    }
    bare.streams(positions)
        .await?
        .into_iter()
        .for_each(|took| raw.record(took));
    let mut latencies = Latencies::default();
    for uuid in sample {
        let began = Instant::now();
        let history = replay(log, StreamId::new(StreamKind::Parcours, uuid)).await?;
        latencies.record(began.elapsed());
        ensure!(!history.is_empty(), "parcours/{uuid} is not in the log");
    }
    let figure = |name: &str, share| {
        Figure::new(name, latencies.milliseconds(share), "ms").beside(Some(raw.milliseconds(share)))
    };
    Ok(vec![
        figure("replay-p50", 0.5).goal(Goal::Below(GOAL)),
        figure("replay-p99", 0.99),
    ])
}

async fn replay(log: &Log, stream: StreamId) -> anyhow::Result<History> {
    let entries = log.stream(stream, None).await?;
    let records = entries
        .iter()
        .map(parcours_log::Entry::record)
        .collect::<Result<Vec<_>, _>>()?;
    History::replay(stream, records).map_err(|wrong| anyhow!("{stream} contradicts itself: {wrong:?}"))
}

/// Some of the parcours that begin in a file, each as likely as the others, in no order: the last bits of a version 7
/// UUID are chance, so those with the lowest are a fair choice.
fn sample(programme: &Path) -> anyhow::Result<Vec<Uuid>> {
    let mut lowest: BinaryHeap<(u64, Uuid)> = BinaryHeap::new();
    let mut lines = BufReader::with_capacity(1 << 16, File::open(programme)?);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        if contains(&line, "\"type\":\"parcours.oriented.v1\"") {
            let uuid = subject(&line).ok_or_else(|| anyhow!("an orientation names no parcours"))?;
            lowest.push((uuid.as_u64_pair().1, uuid));
            if lowest.len() > REPLAYS {
                lowest.pop();
            }
        }
        line.clear();
    }
    ensure!(!lowest.is_empty(), "no parcours begins in the programme");
    Ok(lowest
        .into_sorted_vec()
        .into_iter()
        .map(|(_, uuid)| uuid)
        .collect())
}

fn subject(line: &[u8]) -> Option<Uuid> {
    const BEFORE: &[u8] = b"\"subject\":\"parcours/";
    let begin = memchr::memmem::find(line, BEFORE)? + BEFORE.len();
    Uuid::try_parse_ascii(line.get(begin..begin + 36)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parcours_that_begins_is_found_in_a_small_programme() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("programme.ndjson");
        let uuids: Vec<Uuid> = (0..50).map(|_| Uuid::now_v7()).collect();
        let line =
            |uuid: &Uuid| format!("{{\"subject\":\"parcours/{uuid}\",\"type\":\"parcours.oriented.v1\"}}\n");
        let mut text: String = uuids.iter().map(line).collect();
        text.push_str("{\"subject\":\"parcours/x\",\"type\":\"parcours.started.v1\"}\n");
        std::fs::write(&file, text).unwrap();
        let mut found = sample(&file).unwrap();
        found.sort_unstable();
        assert_eq!(found, uuids);
    }
}
