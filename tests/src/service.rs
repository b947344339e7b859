//! `parcours serve` as a process: started, asked, stopped or killed.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdout, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::wait::wait_for;
use crate::{Api, Database, program};

const STARTED_WITHIN: Duration = Duration::from_secs(30);
const STOPPED_WITHIN: Duration = Duration::from_secs(30);

/// A running service on a free port. Killed when dropped.
#[derive(Debug)]
pub struct Service {
    process: Child,
    address: String,
    said: Mutex<Receiver<String>>,
}

impl Service {
    /// Starts a service on `database` and returns once it has said where it listens.
    pub fn start(database: &Database) -> Service {
        Service::start_with(database, [] as [&str; 0])
    }

    /// The same, with more options.
    pub fn start_with(database: &Database, options: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Service {
        Service::start_command("serve", database, options)
    }

    /// The same, with variables of the environment.
    pub fn start_in(
        database: &Database,
        options: impl IntoIterator<Item = impl AsRef<OsStr>>,
        environment: &[(&str, &OsStr)],
    ) -> Service {
        Service::start_process("serve", database, options, environment, Stdio::inherit())
    }

    /// A service that tells all it does to `messages`, whoever reads them.
    pub fn start_telling(database: &Database, messages: impl Into<Stdio>) -> Service {
        let environment = [("PARCOURS_LOG", OsStr::new("trace"))];
        Service::start_process("serve", database, [] as [&str; 0], &environment, messages.into())
    }

    /// The same, with more options, its messages going to `messages`.
    pub fn start_heard(
        database: &Database,
        options: impl IntoIterator<Item = impl AsRef<OsStr>>,
        messages: impl Into<Stdio>,
    ) -> Service {
        Service::start_process("serve", database, options, &[], messages.into())
    }

    /// Starts another command that serves in the end, such as `demo`.
    pub fn start_command(
        command: &str,
        database: &Database,
        options: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Service {
        Service::start_process(command, database, options, &[], Stdio::inherit())
    }

    fn start_process(
        command: &str,
        database: &Database,
        options: impl IntoIterator<Item = impl AsRef<OsStr>>,
        environment: &[(&str, &OsStr)],
        messages: Stdio,
    ) -> Service {
        let mut process = program::parcours()
            .envs(environment.iter().copied())
            .args([command, "--listen", "127.0.0.1:0"])
            .args(database.options())
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(messages)
            .spawn()
            .expect("the program runs");
        let said = listen_to(process.stdout.take().expect("standard output is piped"));
        match address(&said) {
            Ok(address) => Service {
                process,
                address,
                said: Mutex::new(said),
            },
            Err(why) => {
                let _ = process.kill();
                panic!("the service did not start: {why}; {:?}", process.wait());
            }
        }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The next line that the service says, if it says one within half a minute.
    pub fn next_line(&self) -> Option<String> {
        let said = self.said.lock().expect("no reader of lines panics");
        said.recv_timeout(STARTED_WITHIN).ok()
    }

    /// A client of this service.
    pub fn api(&self) -> Api {
        Api::at(&self.address)
    }

    /// The number of the process, for a test that measures it.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Asks the service to stop, as a supervisor does (SIGTERM), and waits until it has.
    pub fn stop(mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        wait_for("the service stops when asked", STOPPED_WITHIN, || self.ended())
    }

    /// Kills the service at once (SIGKILL), as a power cut would, and waits until it is gone.
    pub fn kill(mut self) {
        self.signal(Signal::KILL);
        let status = self.process.wait().expect("a child can be waited for");
        assert_eq!(
            status.signal(),
            Some(Signal::KILL.as_raw()),
            "the service had stopped by itself: {status}"
        );
    }

    /// How the service ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().expect("a child can be waited for")
    }

    fn signal(&self, signal: Signal) {
        // Not yet waited for, so the number is still its own. A service that has ended is found out by the wait.
        let _ = kill_process(Pid::from_child(&self.process), signal);
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The lines of the service's standard output. It is read to its end whoever listens, so that the service never
/// waits for a reader, and repeated for the report of a failed test.
fn listen_to(output: ChildStdout) -> Receiver<String> {
    let (tell, said): (Sender<String>, _) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            println!("{line}");
            let _ = tell.send(line);
        }
    });
    said
}

/// The address that the service says it listens on.
fn address(said: &Receiver<String>) -> Result<String, String> {
    loop {
        match said.recv_timeout(STARTED_WITHIN) {
            Ok(line) => {
                if let Some(found) = address_in(&line) {
                    return Ok(found);
                }
            }
            Err(RecvTimeoutError::Timeout) => return Err(format!("no address within {STARTED_WITHIN:?}")),
            Err(RecvTimeoutError::Disconnected) => {
                return Err("it ended without saying an address".to_owned());
            }
        }
    }
}

fn address_in(line: &str) -> Option<String> {
    const BEGINNING: &str = "http://127.0.0.1:";
    let from = line.find(BEGINNING)?;
    let port = line[from + BEGINNING.len()..]
        .chars()
        .take_while(char::is_ascii_digit)
        .collect::<String>();
    let port = port.parse::<u16>().ok()?;
    Some(format!("{BEGINNING}{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_a_line_of_prose() {
        let line = "Listening on http://127.0.0.1:40123/ (Ctrl-C stops)";
        assert_eq!(address_in(line).as_deref(), Some("http://127.0.0.1:40123"));
    }

    #[test]
    fn a_line_without_an_address_is_passed_over() {
        assert_eq!(address_in("opening the log"), None);
        assert_eq!(address_in("http://127.0.0.1:99999"), None);
    }
}
