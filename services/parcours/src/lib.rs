//! What the `parcours` command is made of.

pub mod arguments;
pub mod bench;
pub mod commands;
pub mod configuration;
pub mod import;
mod open;
mod progress;
pub mod simulate;

use arguments::{Arguments, Command, LogFormat};
use clap::CommandFactory;
use commands::Ending;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Where the log and the views are kept when nothing is said.
const USUAL_DATA: &str = "parcours-data";
/// The client of NATS tells of each connection; the publisher tells of what an operator may act on.
const USUAL_FILTER: &str = "info,async_nats=warn";
/// The demonstration keeps apart from anything real.
const DEMO_DATA: &str = "parcours-demo";

/// Does what the command line says.
pub fn run(arguments: Arguments) -> anyhow::Result<Ending> {
    diagnose(arguments.log_format);
    let Arguments {
        places,
        config,
        command,
        ..
    } = arguments;
    let settle = |usual| places.settle(config.as_deref(), usual);
    match command {
        Command::Simulate(args) => commands::simulate::run(&args),
        Command::Completions { shell } => {
            clap_complete::generate(
                shell,
                &mut Arguments::command(),
                "parcours",
                &mut std::io::stdout(),
            );
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
    }
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

/// Diagnostics go to standard error; `PARCOURS_LOG` filters them, as `RUST_LOG` would.
fn diagnose(format: LogFormat) {
    let filter = EnvFilter::try_from_env("PARCOURS_LOG").unwrap_or_else(|_| EnvFilter::new(USUAL_FILTER));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => subscriber.with_target(false).init(),
        LogFormat::Json => subscriber.json().init(),
    }
}
