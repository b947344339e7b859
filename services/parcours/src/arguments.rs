//! The command line: what may be said, and what `--help` answers.

use crate::commands::bench::BenchArgs;
use crate::commands::export::ExportCommand;
use crate::commands::import::ImportArgs;
use crate::commands::outcomes::OutcomesCommand;
use crate::commands::partner::PartnerCommand;
use crate::commands::rebuild::RebuildArgs;
use crate::commands::replay::ReplayArgs;
use crate::commands::serve::{ServeArgs, WebhookArgs};
use crate::commands::webhooks::WebhooksCommand;
use crate::configuration::{COMMON, Places};
use crate::diagnostics::Filter;
use clap::{Args, Parser, Subcommand, ValueEnum};
use parcours_simulate::settings::SimulateArgs;
use std::path::PathBuf;

/// A paragraph a line: it is wrapped to the terminal.
const AFTER_HELP: &str = "\
Options are given by flag, then in the environment, then in a TOML file (parcours.toml in the current folder, or --config \
FILE). An option --some-name with [env: PARCOURS_SOME_NAME] has the key some_name there: data, listen, database, views, \
partners, pseudonym_key, nats, nats_nkey, nats_credentials, nats_ca, nats_replicas, log, log_format, access_log; and, of \
`parcours serve`, only, figures, offer_days, webhooks_allow, webhooks_schedule, webhooks_timeout. What is not known is told.

Exit codes: 0 done; 1 failed; 2 the command line is wrong; 3 done, and some lines were refused; 70 a part of the service \
ended by a fault of the program; 130 interrupted.";

/// Tracks every step of a trainee's journey as events in a log that nobody can rewrite.
///
/// `parcours demo` shows the whole of it on a simulated year in Normandie.
#[derive(Debug, Parser)]
#[command(name = "parcours", version, after_help = AFTER_HELP, max_term_width = 110)]
pub struct Arguments {
    /// Where the log and the views are.
    #[command(flatten)]
    pub places: Places,

    /// Configuration file [default: parcours.toml, if there is one]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "PARCOURS_CONFIG",
        hide_env_values = true,
        help_heading = COMMON
    )]
    pub config: Option<PathBuf>,

    /// Which lines the program tells of its own doing on standard error: a level, and levels of modules, such as
    /// info,parcours_log=debug [default: info,async_nats=warn]
    #[arg(
        long,
        global = true,
        value_name = "FILTER",
        env = "PARCOURS_LOG",
        hide_env_values = true,
        help_heading = COMMON
    )]
    pub log: Option<Filter>,

    /// How it writes them: text is for people, json is an object a line [default: text]
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        env = "PARCOURS_LOG_FORMAT",
        hide_env_values = true,
        hide_possible_values = true,
        help_heading = COMMON
    )]
    pub log_format: Option<LogFormat>,

    /// Tell of every request that is answered, too: who asked what, what came of it, and how long it took
    #[arg(
        long,
        global = true,
        env = "PARCOURS_ACCESS_LOG",
        hide_env_values = true,
        value_parser = whether,
        help_heading = COMMON
    )]
    pub access_log: bool,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// As variables of the environment say it.
fn whether(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" | "y" | "t" => Ok(true),
        "false" | "no" | "off" | "0" | "n" | "f" | "" => Ok(false),
        _ => Err("expected true or false".to_owned()),
    }
}

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// A JSON object a line.
    Json,
}

/// Whether a program reads the output.
#[derive(Clone, Copy, Debug, Args)]
pub struct Output {
    /// Write the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the HTTP interface, and keep the views up to date
    Serve(ServeArgs),
    /// Fill a data directory of its own with a simulated year of the programme, then serve it
    Demo(DemoArgs),
    /// Import LHEO XML catalogues, NDJSON events or tables (CSV); what is refused is reported by line, with its reason
    Import(ImportArgs),
    /// Write the catalogue as others read it
    #[command(subcommand)]
    Export(ExportCommand),
    /// Write a plausible programme as NDJSON events to standard output; the same seed writes the same bytes
    Simulate(SimulateArgs),
    /// Tell a parcours from its events, as known now or as of an earlier moment
    Replay(ReplayArgs),
    /// Rebuild views from the log beside those that answer, then swap them
    Rebuild(RebuildArgs),
    /// Declare who may hear of outcomes
    #[command(subcommand)]
    Partner(PartnerCommand),
    /// Look after what partners receive over NATS
    #[command(subcommand)]
    Outcomes(OutcomesCommand),
    /// See how deliveries to partners' webhooks stand, and have them try again
    #[command(subcommand)]
    Webhooks(WebhooksCommand),
    /// Measure what the service achieves on this machine, beside what its database does without it
    Bench(BenchArgs),
    /// Write the completions of a shell to standard output
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// What `parcours demo` may be told.
#[derive(Debug, Args)]
pub struct DemoArgs {
    #[command(flatten)]
    pub(crate) simulation: SimulateArgs,
    /// Fill the data directory and stop, without serving it
    #[arg(long)]
    pub fill_only: bool,
    #[command(flatten)]
    pub(crate) webhooks: WebhookArgs,
}
