//! What the `parcours` command is made of.

// They fail with whoever reads them: see `parcours-console`.
#![warn(clippy::print_stderr, clippy::print_stdout)]

pub mod arguments;
pub mod commands;
pub mod configuration;
pub mod diagnostics;
mod environment;
pub mod file;
pub mod listen;
mod open;

use arguments::{Arguments, Command, LogFormat};
use clap::CommandFactory;
use commands::Ending;
use file::File;

/// Where the log and the views are kept when nothing is said.
const USUAL_DATA: &str = "parcours-data";
/// The demonstration keeps apart from anything real.
const DEMO_DATA: &str = "parcours-demo";

/// Does what the command line says.
pub fn run(arguments: Arguments) -> anyhow::Result<Ending> {
    #[cfg(unix)]
    keep_to_owner();
    let Arguments {
        places,
        config,
        log,
        log_format,
        access_log,
        command,
    } = arguments;
    let file = match &command {
        // A shell asks for them whenever it starts, wherever that is.
        Command::Completions { .. } => File::default(),
        _ => File::read(config.as_deref())?,
    };
    let _written_out = diagnostics::begin(
        &log.or_else(|| file.log.clone()).unwrap_or_default(),
        access_log || file.access_log.unwrap_or_default(),
        log_format.or(file.log_format).unwrap_or(LogFormat::Text),
    );
    let named = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    for sentence in environment::unknown(named, &environment::known(&Arguments::command())) {
        tracing::warn!("{sentence}");
    }
    let settle = |usual| places.settle(&file, usual);
    let ending = match command {
        Command::Simulate(args) => commands::simulate::run(&args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "parcours", &mut script);
            parcours_console::say!("{}", String::from_utf8(script)?.trim_end());
            Ok(Ending::Done)
        }
        Command::Serve(args) => wait(commands::serve::run(&settle(USUAL_DATA)?, &args.or(&file))),
        Command::Demo(mut args) => {
            args.webhooks = args.webhooks.or(&file);
            wait(commands::demo::run(&settle(DEMO_DATA)?, &args))
        }
        Command::Import(args) => wait(commands::import::run(&settle(USUAL_DATA)?, &args)),
        Command::Export(command) => wait(commands::export::run(&settle(USUAL_DATA)?, &command)),
        Command::Replay(args) => wait(commands::replay::run(&settle(USUAL_DATA)?, &args)),
        Command::Partner(command) => wait(commands::partner::run(&settle(USUAL_DATA)?, &command)),
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
