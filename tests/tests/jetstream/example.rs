//! The examples for partners, run as they run them.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use parcours_tests::python::python_with;
use parcours_tests::{Database, Partner, Service, javascript, wait_for};
use rustix::process::{Pid, Signal, kill_process};

use super::{Audiences, one, publishing, record, wait_until_published};

/// Longer than the half minute after which the server sends again what it had sent to a process that was killed, and
/// long enough to fetch the packages of an example.
const HEARD_WITHIN: Duration = Duration::from_secs(90);

/// How an example is run.
type Language = fn() -> Command;

fn python() -> Command {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../services/outcomes/examples");
    let mut command = python_with("nats-py");
    command.arg(folder.join("partner.py"));
    command
}

fn node() -> Command {
    javascript::command("partner.js")
}

/// An example, running. Killed when dropped.
struct Example {
    process: Child,
    lines: Receiver<String>,
}

impl Example {
    fn start(language: Language, database: &Database, partner: &Partner, name: &str, url: &str) -> Example {
        let seed = database.data().join(format!("{name}.seed"));
        std::fs::write(&seed, partner.nats_seed().unwrap()).unwrap();
        let mut process = language()
            .arg(name)
            .arg(&seed)
            .arg(url)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (tell, lines) = mpsc::channel();
        thread::spawn(move || {
            output
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| tell.send(line))
        });
        Example { process, lines }
    }

    /// The ids of the next so many messages.
    fn ids(&self, number: usize) -> Vec<String> {
        let line = |_| self.lines.recv_timeout(HEARD_WITHIN).expect("one more message");
        (0..number)
            .map(line)
            .map(|line| line.split('\t').next().unwrap().to_owned())
            .collect()
    }

    /// Asks it to stop, and waits until it has.
    fn stops(mut self) {
        kill_process(Pid::from_child(&self.process), Signal::TERM).unwrap();
        let ended = wait_for("it stops when asked", Duration::from_secs(20), || {
            self.process.try_wait().unwrap()
        });
        assert!(ended.success(), "{ended}");
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_example_in_python_prints_what_happens_stops_starts_again_and_misses_nothing() {
    stops_starts_again_and_misses_nothing(python);
}

#[test]
fn the_example_in_javascript_prints_what_happens_stops_starts_again_and_misses_nothing() {
    stops_starts_again_and_misses_nothing(node);
}

fn stops_starts_again_and_misses_nothing(language: Language) {
    let database = Database::sqlite();
    let partners = Audiences::declare(&database);
    let servers = one(&database);
    let service: Service = publishing(&database, &servers.url());
    let api = service.api();
    record(&api, 0..6);
    wait_until_published(&api);
    let listed = |partner: &Partner| -> Vec<String> {
        let outcomes = partner.all_outcomes(&api);
        outcomes
            .iter()
            .map(|outcome| outcome["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let example = Example::start(
        language,
        &database,
        &partners.normandie,
        "normandie",
        &servers.url(),
    );
    let first = listed(&partners.normandie);
    assert_eq!(example.ids(first.len()), first);
    // While it listens.
    record(&api, 6..9);
    let more = listed(&partners.normandie).split_off(first.len());
    assert_eq!(example.ids(more.len()), more);
    drop(example);

    record(&api, 9..20);
    wait_until_published(&api);
    let all = listed(&partners.normandie);
    let known = first.len() + more.len();
    let example = Example::start(
        language,
        &database,
        &partners.normandie,
        "normandie",
        &servers.url(),
    );
    // What it had been sent and not acknowledged when it was killed comes again, after half a minute; the rest at once.
    let mut missing: Vec<&String> = all[known..].iter().collect();
    while !missing.is_empty() {
        let id = example.ids(1).remove(0);
        assert!(all.contains(&id), "{id}");
        missing.retain(|missed| **missed != id);
    }
    let other = Example::start(
        language,
        &database,
        &partners.calvados,
        "calvados",
        &servers.url(),
    );
    let theirs = listed(&partners.calvados);
    assert_eq!(other.ids(theirs.len()), theirs);
    other.stops();
}
