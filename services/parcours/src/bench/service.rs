//! The service as users run it: `parcours serve` in a process of its own.

use super::connection::Connection;
use super::memory::Memory;
use super::scratch::Data;
use anyhow::{Context, ensure};
use parcours_log::Location;
use serde::Deserialize;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{Instant, interval, timeout};

/// Longer than any view may need to catch up with what one section sends.
const PATIENCE: Duration = Duration::from_secs(1_800);
/// Between two looks at how far the views have come.
const LOOK: Duration = Duration::from_millis(10);
/// For starting on an empty place, and for stopping.
const MOMENT: Duration = Duration::from_secs(60);

/// The service. Killed when dropped.
pub struct Service {
    process: Child,
    /// Kept open: the service may write there.
    _output: BufReader<ChildStdout>,
    pub address: SocketAddr,
    pub memory: Memory,
}

/// What `/health/ready` says of the views.
#[derive(Deserialize)]
struct Ready {
    log: LogSize,
    views: Vec<Checkpoint>,
}

#[derive(Deserialize)]
struct LogSize {
    size: u64,
}

#[derive(Deserialize)]
struct Checkpoint {
    checkpoint: u64,
}

/// A command of this program on this data, in a process that is killed when it is dropped.
pub fn command(name: &str, data: &Data) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args([name, "--data"])
        .arg(&data.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    for (option, place) in [("--database", &data.log), ("--views", &data.views)] {
        if let Location::Postgres(url) = place {
            command.args([option, url]);
        }
    }
    if std::env::var_os("PARCOURS_LOG").is_none() {
        command.env("PARCOURS_LOG", "warn");
    }
    Ok(command)
}

impl Service {
    /// Starts it on a free port.
    pub async fn start(data: &Data) -> anyhow::Result<Self> {
        let mut process = command("serve", data)?
            .args(["--listen", "127.0.0.1:0"])
            .spawn()
            .context("the service cannot be started")?;
        let output = process.stdout.take().context("the service has an output")?;
        let mut output = BufReader::new(output);
        let mut line = String::new();
        timeout(MOMENT, output.read_line(&mut line)).await??;
        let address = line.trim().rsplit_once("http://").map(|(_, address)| address);
        let address = address.context("the service ended before it listened")?.parse()?;
        let memory = Memory::of(process.id().context("the service runs")?);
        Ok(Self {
            process,
            _output: output,
            address,
            memory,
        })
    }

    /// Waits until every view has digested the whole log.
    pub async fn caught_up(&self) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        let mut connection = Connection::open(self.address).await?;
        let mut looks = interval(LOOK);
        while Instant::now() < until {
            looks.tick().await;
            let answer = connection.get("/health/ready").await?;
            let ready: Ready = serde_json::from_slice(&answer.body)?;
            let whole = |view: &Checkpoint| view.checkpoint >= ready.log.size;
            if ready.views.iter().all(whole) {
                return Ok(());
            }
        }
        anyhow::bail!("the views have not caught up in {} s", PATIENCE.as_secs())
    }

    /// Stops it as a user would.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        interrupt(&mut self.process)?;
        let status = timeout(MOMENT, self.process.wait())
            .await
            .context("the service does not stop")??;
        ensure!(status.success(), "the service ended with {status}");
        Ok(())
    }
}

#[cfg(unix)]
fn interrupt(process: &mut Child) -> anyhow::Result<()> {
    use rustix::process::{Pid, Signal, kill_process};
    let number = process.id().context("the service has ended by itself")?;
    let pid = Pid::from_raw(i32::try_from(number)?).context("a process has a number")?;
    Ok(kill_process(pid, Signal::TERM)?)
}

#[cfg(not(unix))]
fn interrupt(process: &mut Child) -> anyhow::Result<()> {
    Ok(process.start_kill()?)
}
