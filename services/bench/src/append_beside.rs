//! The speed of callers of the log itself, as the bench of another build tells it: no process holds the logs of two builds.

use super::build::Build;
use super::figure::{Figure, Goal, median};
use super::scratch::Scratch;
use anyhow::{Context, ensure};
use serde::Deserialize;
use std::path::Path;

/// Events in the log of the other build: what more of them add to the cost of an append is another figure.
const EVENTS: u64 = 200_000;
/// Times that the other build is asked.
const ROUNDS: usize = 2;
/// Issue: "64 single callers at least 1.4 ×, and 512 callers at least 2 ×, today's 64 callers".
const GOALS: [(&str, f64); 2] = [("append", 1.4), ("append-512", 2.0)];

/// What is read of the other build's report.
#[derive(Deserialize)]
struct Report {
    figures: Vec<Reported>,
}

#[derive(Deserialize)]
struct Reported {
    name: String,
    measured: f64,
}

/// Puts the other build's 64 callers beside this one's figures of 64 and more.
pub async fn compare(
    scratch: &Scratch,
    program: &Path,
    events: u64,
    figures: Vec<Figure>,
) -> anyhow::Result<Vec<Figure>> {
    let mut speeds = Vec::new();
    for round in 0..ROUNDS {
        tracing::info!(
            "appending to the log of the other build, round {} of {ROUNDS}",
            round + 1
        );
        let data = scratch.data(&format!("append-beside-{round}")).await?;
        let told = Build::other(program)
            .command("bench", &data)
            .args(["--json", "--only", "append", "--events"])
            .arg(events.min(EVENTS).to_string())
            .output()
            .await?;
        ensure!(
            told.status.success(),
            "the other build's bench ended with {}",
            told.status
        );
        let report: Report = serde_json::from_slice(&told.stdout).context("the other build's report")?;
        let append = report.figures.into_iter().find(|figure| figure.name == "append");
        speeds.push(
            append
                .context("the other build tells no figure of appends")?
                .measured,
        );
    }
    let other = median(speeds);
    let beside = |figure: Figure| match GOALS.iter().find(|(name, _)| *name == figure.name) {
        Some((_, least)) => figure.other(Some(other)).goal(Goal::OtherAtLeast(*least)),
        None => figure,
    };
    Ok(figures.into_iter().map(beside).collect())
}
