//! The service as users run it: `parcours serve` in a process of its own.

use super::build::Build;
use super::connection::Connection;
use super::memory::Memory;
use super::scratch::Data;
use anyhow::{Context, ensure};
use serde::Deserialize;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout};
use tokio::time::{Instant, interval, timeout};

/// Longer than any view may need to catch up with what one section sends.
const PATIENCE: Duration = Duration::from_secs(1_800);
/// Between two looks at how far the views have come.
const LOOK: Duration = Duration::from_millis(10);
/// For starting, and for stopping: a WAL may have to be moved into its file first.
const MOMENT: Duration = Duration::from_secs(180);

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

impl Service {
    /// Starts this program on a free port.
    pub async fn start(data: &Data) -> anyhow::Result<Self> {
        Self::of(&Build::own()?, data).await
    }

    /// Starts a build on a free port.
    pub async fn of(build: &Build, data: &Data) -> anyhow::Result<Self> {
        let mut process = build
            .command("serve", data)
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

    /// Waits until it says that it is ready.
    pub async fn ready(&self) -> anyhow::Result<()> {
        let mut connection = Connection::open(self.address).await?;
        let mut looks = interval(LOOK);
        loop {
            looks.tick().await;
            if connection.get("/health/ready").await?.status.is_success() {
                return Ok(());
            }
        }
    }

    /// Takes all its time away, until [`go_on`](Self::go_on): while another is measured, this one takes none.
    pub fn freeze(&self) -> anyhow::Result<()> {
        signal(&self.process, Order::Freeze)
    }

    /// Gives it time again.
    pub fn go_on(&self) -> anyhow::Result<()> {
        signal(&self.process, Order::GoOn)
    }

    /// How many entries its log has.
    pub async fn size(&self) -> anyhow::Result<u64> {
        let answer = Connection::open(self.address).await?.get("/health/ready").await?;
        Ok(serde_json::from_slice::<Ready>(&answer.body)?.log.size)
    }

    /// Waits until every view has digested the whole log.
    pub async fn caught_up(&self) -> anyhow::Result<()> {
        self.caught_up_within(PATIENCE).await
    }

    /// The same, if it does not take longer than that.
    pub async fn caught_up_within(&self, patience: Duration) -> anyhow::Result<()> {
        let until = Instant::now() + patience;
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
        anyhow::bail!("the views have not caught up in {} s", patience.as_secs())
    }

    /// Stops it as a user would.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.go_on()?;
        signal(&self.process, Order::Stop)?;
        let status = timeout(MOMENT, self.process.wait())
            .await
            .context("the service does not stop")??;
        ensure!(status.success(), "the service ended with {status}");
        Ok(())
    }
}

/// What a process is told.
enum Order {
    Freeze,
    GoOn,
    Stop,
}

#[cfg(unix)]
fn signal(process: &Child, order: Order) -> anyhow::Result<()> {
    use rustix::process::{Pid, Signal, kill_process};
    let number = process.id().context("the service has ended by itself")?;
    let pid = Pid::from_raw(i32::try_from(number)?).context("a process has a number")?;
    let signal = match order {
        Order::Freeze => Signal::STOP,
        Order::GoOn => Signal::CONT,
        Order::Stop => Signal::TERM,
    };
    Ok(kill_process(pid, signal)?)
}

#[cfg(not(unix))]
fn signal(_process: &Child, order: Order) -> anyhow::Result<()> {
    match order {
        Order::GoOn => Ok(()),
        Order::Freeze | Order::Stop => anyhow::bail!("services can neither be frozen nor told to stop here"),
    }
}
