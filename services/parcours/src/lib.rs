//! What the `parcours` command is made of.

// They fail with whoever reads them: see `parcours-console`.
#![warn(clippy::print_stderr, clippy::print_stdout)]

pub mod arguments;
pub mod commands;
pub mod configuration;
mod open;

use arguments::{Arguments, Command, LogFormat};
use clap::CommandFactory;
use commands::Ending;
use std::io::IsTerminal;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

/// Where the log and the views are kept when nothing is said.
const USUAL_DATA: &str = "parcours-data";
/// The client of NATS tells of each connection; the publisher tells of what an operator may act on.
const USUAL_FILTER: &str = "info,async_nats=warn";
/// The demonstration keeps apart from anything real.
const DEMO_DATA: &str = "parcours-demo";

/// Does what the command line says.
pub fn run(arguments: Arguments) -> anyhow::Result<Ending> {
    #[cfg(unix)]
    keep_to_owner();
    let _written_out = diagnose(arguments.log_format);
    let Arguments {
        places,
        config,
        command,
        ..
    } = arguments;
    let settle = |usual| places.settle(config.as_deref(), usual);
    let ending = match command {
        Command::Simulate(args) => commands::simulate::run(&args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "parcours", &mut script);
            parcours_console::say!("{}", String::from_utf8(script)?.trim_end());
            Ok(Ending::Done)
        }
        Command::Serve(args) => wait(commands::serve::run(&settle(USUAL_DATA)?, &args)),
        Command::Demo(args) => wait(commands::demo::run(&settle(DEMO_DATA)?, &args)),
        Command::Import(args) => wait(commands::import::run(&settle(USUAL_DATA)?, &args)),
        Command::Replay(args) => wait(commands::replay::run(&settle(USUAL_DATA)?, &args)),
        Command::Partner(command) => commands::partner::run(&settle(USUAL_DATA)?, &command),
        Command::Outcomes(command) => wait(commands::outcomes::run(&settle(USUAL_DATA)?, &command)),
        Command::Webhooks(command) => wait(commands::webhooks::run(&settle(USUAL_DATA)?, &command)),
        Command::Bench(args) => {
            let usual = std::env::temp_dir();
            wait(commands::bench::run(&settle(&usual.to_string_lossy())?, &args))
        }
        Command::Rebuild(args) => wait(commands::rebuild::run(&settle(USUAL_DATA)?, &args)),
    }?;
    parcours_console::all_said()?;
    Ok(ending)
}

fn wait(work: impl Future<Output = anyhow::Result<Ending>>) -> anyhow::Result<Ending> {
    #[cfg(unix)]
    allow_open_files();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // Each thread keeps some memory of its own; the work there is short, and there are few cores to do it.
        .max_blocking_threads(32)
        .build()?
        .block_on(work)
}

/// What the program writes, people's journeys and keys, is for the eyes of whoever runs it.
#[cfg(unix)]
fn keep_to_owner() {
    use rustix::fs::Mode;
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Each connection is an open file, of which systems usually allow a process 1,024 until it asks for more.
#[cfg(unix)]
fn allow_open_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    /// More than all connections that are taken, and the databases' files.
    const WANTED: u64 = 8_192;
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(WANTED, |most| most.min(WANTED));
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(wanted);
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "no more files may be opened: connections may be refused");
        }
    }
}

/// Diagnostics go to standard error; `PARCOURS_LOG` filters them, as `RUST_LOG` would. A thread of their own writes them,
/// so that nobody waits for whoever reads them, or fails with it: lines that are too many for it are left out. What is
/// returned writes the last ones.
fn diagnose(format: LogFormat) -> WorkerGuard {
    let (writer, guard) = tracing_appender::non_blocking(std::io::stderr());
    let filter = EnvFilter::try_from_env("PARCOURS_LOG").unwrap_or_else(|_| EnvFilter::new(USUAL_FILTER));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .log_internal_errors(false)
        .with_writer(writer);
    match format {
        LogFormat::Text => subscriber.with_target(false).init(),
        LogFormat::Json => subscriber.json().init(),
    }
    std::panic::set_hook(Box::new(|panic| {
        tracing::error!("a fault of this program: {panic}");
    }));
    guard
}
