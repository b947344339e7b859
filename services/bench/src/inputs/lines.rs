//! The lines of a simulation, made in a process of its own.

use anyhow::Context;
use chrono::NaiveDate;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

/// The lines of `parcours simulate`, run by this program. The process is killed when this is dropped.
pub struct Lines {
    _process: Child,
    output: BufReader<ChildStdout>,
    line: Vec<u8>,
}

impl Lines {
    /// Of a programme of that time and so many people. `more` are options besides.
    pub fn of(
        (from, until): (NaiveDate, NaiveDate),
        seed: u64,
        trainees: u64,
        more: &[&str],
    ) -> anyhow::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args([
                "simulate",
                "--from",
                &from.to_string(),
                "--until",
                &until.to_string(),
            ])
            .args(["--seed", &seed.to_string(), "--trainees", &trainees.to_string()])
            .args(more)
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
    pub async fn count(mut self) -> anyhow::Result<u64> {
        let mut count = 0;
        while self.next().await?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    /// The next line, with its end.
    pub async fn next(&mut self) -> anyhow::Result<Option<&[u8]>> {
        self.line.clear();
        let length = self.output.read_until(b'\n', &mut self.line).await?;
        Ok((length > 0).then_some(&self.line))
    }
}
