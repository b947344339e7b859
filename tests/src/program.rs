//! The program under test.

use std::env;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// A command that runs the program, untouched by the configuration of whoever runs the tests.
pub fn parcours() -> Command {
    let mut command = Command::new(path());
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PARCOURS_")) {
        command.env_remove(name);
    }
    command
}

/// The same as somebody to whom permissions apply, also where whoever runs the tests may do everything.
#[cfg(unix)]
pub fn bound_by_permissions() -> Command {
    if !rustix::process::geteuid().is_root() {
        return parcours();
    }
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set", "-dac_override,-dac_read_search"]);
    command.args(["--inh-caps", "-dac_override,-dac_read_search"]);
    command.arg(path());
    command
}

/// A command that runs Python, with a package that `tests/wheels.py` pins.
pub fn python(package: &str) -> Command {
    let wheels = concat!(env!("CARGO_MANIFEST_DIR"), "/wheels.py");
    let found = Command::new("python3")
        .args([wheels, package])
        .output()
        .expect("Python runs where tests run");
    assert!(
        found.status.success(),
        "{}",
        String::from_utf8_lossy(&found.stderr)
    );
    let module = PathBuf::from(String::from_utf8_lossy(&found.stdout).trim());
    let unpacked = module.ancestors().nth(2).expect("a module lies in its package");
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", unpacked).env("PYTHONUNBUFFERED", "1");
    python
}

/// Runs a command with `input` on its standard input; gives what it printed. It must end well.
#[track_caller]
pub fn run(command: &mut Command, input: &str) -> String {
    // A file rather than a pipe: no side ever waits for the other.
    let mut given = tempfile::tempfile().expect("temporary files can be made");
    given
        .write_all(input.as_bytes())
        .and_then(|()| given.rewind())
        .expect("temporary files can be written");
    let ended = command
        .stdin(Stdio::from(given))
        .output()
        .expect("what tests run is there");
    assert!(
        ended.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&ended.stdout),
        String::from_utf8_lossy(&ended.stderr)
    );
    String::from_utf8(ended.stdout).expect("scripts print UTF-8")
}

/// The path of the program: what `PARCOURS_TEST_PROGRAM` names, as `tests/run` does after building it; else it is
/// built here, since Cargo builds a program only for the tests of its own package.
pub fn path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| match env::var_os("PARCOURS_TEST_PROGRAM") {
        Some(told) => told.into(),
        None => build(),
    })
}

fn build() -> PathBuf {
    // target/<profile>/deps/<test>: the program is two levels up.
    let test = env::current_exe().expect("a running test has a path");
    let folder = test
        .ancestors()
        .nth(2)
        .expect("test executables are in target/<profile>/deps");
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(other) => other,
    };
    let done = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args([
            "build",
            "--quiet",
            "--package",
            "parcours",
            "--bin",
            "parcours",
            "--profile",
            profile,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo runs where tests run");
    assert!(done.success(), "the program under test does not build");
    folder.join("parcours")
}
