//! The one binary of Parcours.

use clap::Parser;
use parcours::arguments::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    match parcours::run(Arguments::parse()) {
        Ok(ending) => ExitCode::from(ending.code()),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
