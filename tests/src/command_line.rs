//! The program's other commands: run to their end, then looked at.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::program;
use crate::wait::wait_for;

const ENDED_WITHIN: Duration = Duration::from_secs(100);

/// A command that has ended.
#[derive(Debug)]
pub struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote for programs.
    pub output: String,
    /// What it wrote for people.
    pub messages: String,
}

/// Runs `parcours ARGUMENTS…` with nothing to read.
pub fn run(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ended {
    run_with_input(arguments, b"")
}

/// Runs `parcours ARGUMENTS…` with `input` on its standard input.
pub fn run_with_input(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>, input: &[u8]) -> Ended {
    start(arguments, input).end()
}

/// Starts `parcours ARGUMENTS…` with `input` on its standard input, and does not wait for it.
pub fn start(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>, input: &[u8]) -> Running {
    // Files rather than pipes: no side ever waits for the other.
    let mut given = file();
    given.write_all(input).unwrap();
    given.rewind().unwrap();
    let (output, messages) = (file(), file());
    let process = program::parcours()
        .args(arguments)
        .stdin(Stdio::from(given))
        .stdout(Stdio::from(output.try_clone().unwrap()))
        .stderr(Stdio::from(messages.try_clone().unwrap()))
        .spawn()
        .expect("the program runs");
    Running {
        process,
        output,
        messages,
    }
}

/// A command under way. Killed when dropped: a command that does not end fails its test and goes with it.
#[derive(Debug)]
pub struct Running {
    process: Child,
    output: File,
    messages: File,
}

impl Running {
    /// Waits until the command has ended.
    pub fn end(mut self) -> Ended {
        let status = wait_for("the command ends", ENDED_WITHIN, || {
            self.process.try_wait().unwrap()
        });
        Ended {
            status,
            output: all_of(&mut self.output),
            messages: all_of(&mut self.messages),
        }
    }

    /// Whether the command ends within `limit`: returns when it does, or else then.
    pub fn ends_within(&mut self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        loop {
            if self.process.try_wait().unwrap().is_some() {
                return true;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            thread::sleep(left.min(Duration::from_millis(2)));
        }
    }

    /// Interrupts the command, as Ctrl-C does.
    pub fn interrupt(&self) {
        // Not yet waited for, so the number is still its own.
        let _ = kill_process(Pid::from_child(&self.process), Signal::INT);
    }

    /// Kills the command at once (SIGKILL); tells whether it was still running.
    pub fn kill(mut self) -> bool {
        let _ = self.process.kill();
        let status = self.process.wait().expect("a child can be waited for");
        status.signal() == Some(Signal::KILL.as_raw())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Ended {
    /// Fails the test unless the command succeeded; gives its output.
    pub fn succeeded(self) -> String {
        assert!(
            self.status.success(),
            "the command failed, {}:\n{}",
            self.status,
            self.messages
        );
        self.output
    }

    /// Fails the test unless the command ended with this exit code; gives its messages.
    pub fn failed_with(self, code: i32) -> String {
        assert_eq!(
            self.status.code(),
            Some(code),
            "{}\n{}",
            self.output,
            self.messages
        );
        self.messages
    }
}

fn file() -> File {
    tempfile::tempfile().expect("the temporary directory is writable")
}

fn all_of(file: &mut File) -> String {
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).expect("the program writes UTF-8");
    text
}
