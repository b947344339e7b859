//! Scripts of `tests/javascript`, run with the packages that partners use.

use std::path::Path;
use std::process::Command;

use crate::program;

/// A command that runs a script, or an example of `services/outcomes`, with the packages fetched the first time.
pub fn command(script: &str) -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("javascript.py"));
    command.arg(script);
    command
}

/// Runs a script with `input` on its standard input; gives what it printed. It must end well.
#[track_caller]
pub fn run(script: &str, input: &str) -> String {
    program::run(&mut command(script), input)
}
