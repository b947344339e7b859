//! `parcours simulate`: a plausible programme as NDJSON on standard output.

use super::Ending;
use anyhow::Context;
use chrono::Utc;
use parcours_model::calendar;
use parcours_simulate::settings::SimulateArgs;
use parcours_simulate::simulate;
use std::io::{BufWriter, ErrorKind, Write};

const UNWRITTEN: &str = "the simulation cannot be written to standard output";

/// Writes every event, one a line; a reader that has had enough ends it.
pub fn run(args: &SimulateArgs) -> anyhow::Result<Ending> {
    let settings = args.settings(calendar::day(Utc::now()))?;
    let mut output = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    match simulate(&settings).write(&mut output) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(Ending::Done),
        written => written.context(UNWRITTEN)?,
    }
    match output.flush() {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context(UNWRITTEN),
        _ => Ok(Ending::Done),
    }
}
