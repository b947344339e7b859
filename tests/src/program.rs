//! The program under test.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A command that runs the program, untouched by the configuration of whoever runs the tests.
pub fn parcours() -> Command {
    let mut command = Command::new(path());
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PARCOURS_")) {
        command.env_remove(name);
    }
    command
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
