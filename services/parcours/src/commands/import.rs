//! `parcours import`: LHEO catalogues, NDJSON events and tables (CSV) into the log, by the rules that hold for everybody.

use super::Ending;
use crate::arguments::Output;
use crate::configuration::Configuration;
use crate::open;
use anyhow::{Context, bail};
use chrono::Utc;
use clap::{Args, ValueEnum};
use parcours_console::numbers::whole;
use parcours_console::progress::Progress;
use parcours_console::say;
use parcours_import::catalogue::Importer;
use parcours_import::lheo::{DEFAULT_CAPACITY, Options};
use parcours_import::report::Report;
use parcours_import::{Desk, Source, csv, events};
use parcours_log::{Location, Log};
use std::io::BufRead;
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// The name that stands for it.
const STANDARD_INPUT: &str = "-";

/// What gzip begins with (RFC 1952, 2.3.1).
const GZIP: &[u8] = &[0x1f, 0x8b];

/// What `parcours import` may be told.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Files to import: catalogues, events or tables; - reads standard input
    #[arg(required_unless_present = "columns", value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// What the files hold [default: as their first characters say: < is LHEO, a header of known columns is CSV]
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Decide on events and tables, tell what would be refused, and record nothing
    #[arg(long, conflicts_with = "complete")]
    pub dry_run: bool,

    /// Places of a LHEO session whose catalogue does not say
    #[arg(long, value_name = "N", default_value_t = DEFAULT_CAPACITY, value_parser = whole::<u32>(1, 250_000, 12))]
    pub capacity: u32,

    /// The LHEO files together are the whole catalogue: a session that they no longer list is cancelled, or closed to others
    /// if people hold places in it
    #[arg(long)]
    pub complete: bool,

    /// Who the events come from, written into each entry
    #[arg(long, value_name = "NAME", default_value = "import", value_parser = parcours_model::actor)]
    pub actor: String,

    #[command(flatten)]
    pub(crate) output: Output,

    #[command(flatten)]
    pub(crate) table: TableArgs,
}

/// What is said of tables.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tables (CSV)")]
pub(crate) struct TableArgs {
    /// List the columns of a type of event, such as attendance.recorded, and stop
    #[arg(long, value_name = "TYPE", exclusive = true)]
    pub(crate) columns: Option<String>,

    /// The type of all lines of a table that has no such column
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) type_name: Option<String>,

    /// Who sends, of a table that has no such column: a SIRET, or such as urn:region:28
    #[arg(long, value_name = "SENDER")]
    pub(crate) source: Option<String>,

    /// What a table calls its columns, in TOML: [columns] "N° dossier" = "parcours"; [constants]; ignore = ["…"]
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,

    /// Where the refused lines of a table go, to be corrected and imported again [default: NAME.rejects.csv beside it]
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
}

/// What can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// LHEO 2 XML, the French exchange format of training offers.
    Lheo,
    /// CloudEvents in JSON, one a line.
    Ndjson,
    /// Tables with a header, one event a line.
    Csv,
}

/// Imports every file.
pub async fn run(configuration: &Configuration, args: &ImportArgs) -> anyhow::Result<Ending> {
    if let Some(type_name) = &args.table.columns {
        say!("{}", csv::describe(type_name)?.trim_end());
        return Ok(Ending::Done);
    }
    let mapping = mapping(args.table.map.as_deref())?;
    // Before a log is made, and before half of the files are in it: a name may be mistyped.
    for file in args.files.iter().filter(|file| *file != STANDARD_INPUT) {
        Source::check(file)
            .with_context(|| format!("{} cannot be read: nothing is imported", file.display()))?;
    }
    // A dry run makes no log where there is none.
    let empty = if args.dry_run && is_missing(configuration) {
        Some(tempfile::tempdir()?)
    } else {
        None
    };
    let log = match &empty {
        Some(folder) => {
            let nowhere = Location::Sqlite(folder.path().join("log.sqlite"));
            Log::open(&nowhere, parcours_log::Options::default()).await?
        }
        None => open::log(configuration).await?,
    };
    let cancel = CancellationToken::new();
    let interrupted = cancel.clone();
    let interruption = super::interruption();
    tokio::spawn(async move {
        interruption.await;
        interrupted.cancel();
    });
    let mut report = Report::new(args.output.json, args.dry_run);
    let mut complete = true;
    let mut catalogues = None;
    for file in &args.files {
        let before = report.sums().recorded;
        let imported = match import(&log, file, args, &mapping, &mut catalogues, &mut report, &cancel).await {
            // Of a source that waited for somebody.
            Err(_) if cancel.is_cancelled() => Ok(false),
            imported => imported,
        };
        if imported.is_err() {
            // What was taken before stands, and is told.
            report.finish(false);
        }
        complete &= imported.with_context(|| match report.sums().recorded == before {
            true => format!("nothing of {} is imported", file.display()),
            false => format!("{} is imported in part only", file.display()),
        })?;
        if !complete {
            break;
        }
    }
    let without_catalogue = args.complete && catalogues.is_none();
    if let Some(catalogues) = catalogues.filter(|_| complete) {
        catalogues.finish(args.complete, &mut report).await?;
    }
    log.close().await;
    report.finish(!complete);
    if without_catalogue && complete {
        bail!(
            "no LHEO catalogue was read, so --complete withdrew nothing: give it the whole catalogue, as exported"
        );
    }
    Ok(match (complete, report.sums().refused) {
        (false, _) => Ending::Interrupted,
        (true, 0) => Ending::Done,
        (true, _) => Ending::SomeRefused,
    })
}

async fn import<'a>(
    log: &'a Log,
    file: &Path,
    args: &ImportArgs,
    mapping: &csv::Mapping,
    catalogues: &mut Option<Importer<'a>>,
    report: &mut Report,
    cancel: &CancellationToken,
) -> anyhow::Result<bool> {
    let (mut source, size) = match file {
        file if file == STANDARD_INPUT => (Source::standard_input(cancel)?, None),
        file => (Source::file(file, cancel)?, Source::size(file)),
    };
    let recognised = recognise(&mut source, file)?;
    match args.format.unwrap_or(recognised) {
        Format::Ndjson => {
            let mut progress = Progress::new("importing", "bytes", size);
            let complete = events::import(
                &mut Desk::new(log, args.dry_run),
                source,
                args.actor.as_str().into(),
                report,
                |bytes| progress.at(bytes),
                cancel,
            )
            .await;
            progress.finish();
            Ok(complete?)
        }
        Format::Csv => {
            let beside = || (file != STANDARD_INPUT).then(|| csv::RejectsFile::beside(file));
            let told = args.table.rejects.clone().map(csv::RejectsFile::at);
            let options = csv::Options {
                type_name: args.table.type_name.clone(),
                source: args.table.source.clone(),
                mapping: mapping.clone(),
                rejects: told.or_else(beside),
                actor: args.actor.as_str().into(),
            };
            let mut desk = Desk::new(log, args.dry_run);
            let imported = csv::import(&mut desk, source, size, &options, report, cancel).await?;
            if let Some((rejects, lines)) = imported.rejects {
                report.rejects(&rejects, lines);
            }
            Ok(imported.complete)
        }
        Format::Lheo if args.dry_run => {
            bail!("a catalogue cannot be tried: --dry-run is for events and tables")
        }
        Format::Lheo => {
            let catalogues = match catalogues {
                Some(begun) => begun,
                None => {
                    let options = Options {
                        capacity: args.capacity,
                        ..Options::on(Utc::now())
                    };
                    let actor = args.actor.as_str().into();
                    catalogues.insert(Importer::new(log, options, actor).await?)
                }
            };
            let mut progress = Progress::new("importing", "formations", None);
            let imported = catalogues
                .import(source, report, |formations| progress.at(formations), cancel)
                .await;
            progress.finish();
            let (tally, complete) = imported?;
            if !args.output.json {
                say!("{}: {tally}", file.display());
            }
            Ok(complete)
        }
    }
}

/// Whether nothing is where the log and its views would be.
fn is_missing(configuration: &Configuration) -> bool {
    let is_there = |location: &Location| match location {
        Location::Sqlite(file) => file.exists(),
        Location::Postgres(_) => true,
    };
    !is_there(&configuration.log) && !is_there(&configuration.views)
}

/// What a table calls its columns.
fn mapping(file: Option<&Path>) -> anyhow::Result<csv::Mapping> {
    let Some(file) = file else {
        return Ok(csv::Mapping::default());
    };
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{} cannot be read: nothing is imported", file.display()))?;
    csv::Mapping::read(&text).with_context(|| format!("{} is wrong: nothing is imported", file.display()))
}

/// Names that tables have.
const OF_TABLES: [&str; 3] = ["csv", "tsv", "txt"];

/// XML begins with `<`, perhaps after a byte order mark and white space, an event with `{`. Anything else is a table if its
/// name or its header says so, and taken for events if not.
fn recognise(source: &mut impl BufRead, file: &Path) -> anyhow::Result<Format> {
    let start = source.fill_buf()?;
    if start.starts_with(GZIP) {
        bail!("it is packed with gzip: unpack it first, such as by gunzip -c FILE | parcours import -");
    }
    let start = start
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(start)
        .trim_ascii_start();
    let named = file.extension().and_then(|extension| extension.to_str());
    let of_tables = named.is_some_and(|named| OF_TABLES.contains(&named.to_ascii_lowercase().as_str()));
    // UTF-16 is never NDJSON.
    let wide = start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff");
    let first = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let header = || csv::is_header(String::from_utf8_lossy(first).trim());
    Ok(match start.first() {
        Some(b'<') => Format::Lheo,
        Some(b'{') => Format::Ndjson,
        _ if of_tables => Format::Csv,
        _ if wide => Format::Lheo,
        _ if header() => Format::Csv,
        _ => Format::Ndjson,
    })
}
