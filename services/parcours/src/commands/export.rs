//! `parcours export`: the catalogue as others read it.

use super::Ending;
use crate::configuration::Configuration;
use crate::open;
use anyhow::{Context, bail};
use chrono::Utc;
use clap::{Args, Subcommand};
use parcours_export::lheo::Document;
use parcours_model::{TerritoryCode, geography};
use parcours_projections::catalogue::{Query, VIEW};
use parcours_projections::{ViewError, Views};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::NamedTempFile;

/// Which format.
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Write the catalogue as a document of LHEO 2.3, the French exchange format for training offers
    ///
    /// It has every session that is not cancelled, with its training, and can be imported again. Nothing is made or changed in
    /// the data directory, and a service may be at work on it.
    Lheo(LheoArgs),
}

/// What `parcours export lheo` may be told.
#[derive(Debug, Args)]
pub struct LheoArgs {
    /// Only what is in a territory, such as departement/76
    #[arg(long, value_name = "LEVEL/CODE")]
    pub territory: Option<TerritoryCode>,

    /// Where to [default: standard output]. What is there already is replaced once the document is whole
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// How long a view that follows the log is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Writes the document.
pub async fn run(configuration: &Configuration, command: &ExportCommand) -> anyhow::Result<Ending> {
    let ExportCommand::Lheo(args) = command;
    let views = whole_catalogue(configuration).await?;
    let territory = args.territory;
    let query = Query {
        territory: territory.and_then(|named| geography::territory(named.level, named.code())),
        ..Query::all(Utc::now())
    };
    let Some(document) = Document::begin(views, query).await? else {
        bail!("the catalogue has no session there: LHEO has no document without a formation");
    };
    match args.file.as_deref().filter(|file| *file != Path::new("-")) {
        Some(file) => to_file(document, file).await?,
        None => match write(document, BufWriter::new(io::stdout())).await {
            // Whoever reads it has had enough.
            Err(error) if is_broken_pipe(&error) => {}
            written => written.context("the document cannot be written to standard output")?,
        },
    }
    Ok(Ending::Done)
}

/// The views, once the catalogue has all that is in the log.
async fn whole_catalogue(configuration: &Configuration) -> anyhow::Result<Views> {
    let size = open::log_to_read(configuration).await?.head().await?.size;
    let views = open::views_to_read(configuration).await?;
    let Some(last) = size.checked_sub(1) else {
        return Ok(views);
    };
    match views.comes_to(VIEW.name, last, PATIENCE).await {
        Err(ViewError::Behind { checkpoint }) => bail!(
            "the catalogue has digested {checkpoint} of {size} events: `parcours serve` keeps it up to date, \
             `parcours rebuild {}` brings it there",
            VIEW.name
        ),
        come => come?,
    }
    Ok(views)
}

/// The file is there whole, or as it was.
async fn to_file(document: Document, file: &Path) -> anyhow::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let unwritten = || format!("{} cannot be written", file.display());
    let mut beside = NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).with_context(unwritten)?;
    write(document, BufWriter::new(&mut beside))
        .await
        .with_context(unwritten)?;
    beside.as_file().sync_all().with_context(unwritten)?;
    beside.persist(file).with_context(unwritten)?;
    Ok(())
}

async fn write(mut document: Document, mut output: impl Write) -> anyhow::Result<()> {
    while let Some(piece) = document.piece().await? {
        output.write_all(&piece)?;
    }
    Ok(output.flush()?)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
