//! The builds that are measured: this program, and another beside it.

use super::scratch::Data;
use parcours_log::Location;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

/// A `parcours` program. Of another than this nothing is asked but commands, options and HTTP that every build has.
pub struct Build(PathBuf);

impl Build {
    /// This program.
    pub fn own() -> anyhow::Result<Self> {
        Ok(Self(std::env::current_exe()?))
    }

    /// The program in this file.
    pub fn other(program: &Path) -> Self {
        Self(program.to_owned())
    }

    /// A command of it on this data, in a process that is killed when it is dropped.
    pub fn command(&self, name: &str, data: &Data) -> Command {
        let mut command = Command::new(&self.0);
        command
            .args([name, "--data"])
            .arg(&data.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        for (option, place) in [("--database", &data.log), ("--views", &data.views)] {
            if let Location::Postgres(url) = place {
                command.args([option, url]);
            }
        }
        if std::env::var_os("PARCOURS_LOG").is_none() {
            command.env("PARCOURS_LOG", "warn");
        }
        command
    }
}
