//! Scripts of `tests/javascript`, run with the packages that partners use.

use std::io::{Seek, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// A command that runs a script, or an example of `services/outcomes`, with the packages fetched the first time.
pub fn command(script: &str) -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("javascript.py"));
    command.arg(script);
    command
}

/// Runs a script with `input` on its standard input; gives what it printed. It must end well.
#[track_caller]
pub fn run(script: &str, input: &str) -> String {
    // A file rather than a pipe: no side ever waits for the other.
    let mut given = tempfile::tempfile().expect("temporary files can be made");
    given.write_all(input.as_bytes()).unwrap();
    given.rewind().unwrap();
    let ended = command(script)
        .stdin(Stdio::from(given))
        .output()
        .expect("Python 3 runs");
    assert!(
        ended.status.success(),
        "{script}: {}",
        String::from_utf8_lossy(&ended.stderr)
    );
    String::from_utf8(ended.stdout).expect("scripts print UTF-8")
}
