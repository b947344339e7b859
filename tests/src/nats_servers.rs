//! NATS servers of one test's own, one or a cluster of three, for a test that kills them.

use std::fmt::Write;
use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::servers::{self, NatsRelease};
use crate::wait::wait_until;
use crate::{Database, begin_log, command_line};

const READY_WITHIN: Duration = Duration::from_secs(60);

/// Who may do everything where the service's configuration guards the servers: user and password.
pub(crate) const ADMINISTRATOR: (&str, &str) = ("administrator", "sees everything");
/// The name of the publisher's connections, in the servers' words.
const PUBLISHER: &str = "parcours outcomes";

/// Servers with JetStream, each syncing to disk before it acknowledges. All go when this is dropped, which fails the
/// test if the publisher was forbidden anything that was not meant to be.
#[derive(Debug)]
pub struct NatsServers {
    home: TempDir,
    release: NatsRelease,
    servers: Vec<Server>,
    forbids: bool,
}

#[derive(Debug)]
struct Server {
    configuration: PathBuf,
    log: PathBuf,
    port: u16,
    process: Option<Child>,
}

impl NatsServers {
    /// One server, guarded by the configuration that the service writes for the partners declared on `database` so far.
    pub fn one(release: NatsRelease, database: &Database) -> NatsServers {
        NatsServers::start(1, release, &guard(database))
    }

    /// A cluster of three, named `n0` to `n2`, guarded the same way.
    pub fn three(release: NatsRelease, database: &Database) -> NatsServers {
        NatsServers::start(3, release, &guard(database))
    }

    /// One server that forbids the publisher `subject`, which the configuration permits.
    pub fn forbidding(release: NatsRelease, database: &Database, subject: &str) -> NatsServers {
        let guard = guard(database);
        // The publisher is the first that it names.
        let narrowed = guard.replacen(&format!("{subject:?}"), "\"nothing\"", 1);
        assert_ne!(narrowed, guard, "{subject} is permitted");
        let mut servers = NatsServers::start(1, release, &narrowed);
        servers.forbids = true;
        servers
    }

    /// One server that everybody enters whom `guard`, a part of its configuration, lets in.
    pub fn one_with(release: NatsRelease, guard: &str) -> NatsServers {
        NatsServers::start(1, release, guard)
    }

    fn start(number: usize, release: NatsRelease, guard: &str) -> NatsServers {
        let home = tempfile::Builder::new()
            .prefix("parcours-nats-")
            .tempdir()
            .expect("the temporary directory is writable");
        fs::write(home.path().join("outcomes.conf"), guard).unwrap();
        let ports = free_ports(2 * number);
        let (clients, routes) = ports.split_at(number);
        let all: Vec<_> = routes
            .iter()
            .map(|port| format!("\"nats://127.0.0.1:{port}\""))
            .collect();
        let server = |(index, (port, route)): (usize, (&u16, &u16))| {
            let store = home.path().join(format!("n{index}"));
            let mut text = format!(
                "include \"outcomes.conf\"\nserver_name: n{index}\nlisten: \"127.0.0.1:{port}\"\njetstream {{ store_dir: {store:?}, sync_interval: always }}\n"
            );
            if number > 1 {
                let routes = all.join(", ");
                writeln!(
                    text,
                    "cluster {{ name: test, listen: \"127.0.0.1:{route}\", routes: [{routes}] }}"
                )
                .unwrap();
            }
            let configuration = home.path().join(format!("n{index}.conf"));
            fs::write(&configuration, text).unwrap();
            Server {
                configuration,
                log: home.path().join(format!("n{index}.log")),
                port: *port,
                process: None,
            }
        };
        let servers = clients.iter().zip(routes).enumerate().map(server).collect();
        let mut servers = NatsServers {
            home,
            release,
            servers,
            forbids: false,
        };
        for index in 0..number {
            servers.restart(index);
        }
        servers
    }

    /// The addresses of all, with commas between.
    pub fn url(&self) -> String {
        let urls: Vec<_> = self.servers.iter().map(Server::url).collect();
        urls.join(",")
    }

    /// Has the servers read the configuration that the service writes for the partners as they are declared now.
    pub fn reload(&self, database: &Database) {
        fs::write(self.home.path().join("outcomes.conf"), guard(database)).unwrap();
        for (index, server) in self.servers.iter().enumerate() {
            let reloads = || server.said("Reloaded server configuration").len();
            let before = reloads();
            self.signal(index, Signal::HUP);
            wait_until("the NATS server has read its configuration", READY_WITHIN, || {
                reloads() > before
            });
        }
    }

    /// What the servers say that they have forbidden the publisher.
    pub fn forbidden(&self) -> Vec<String> {
        let violations = self.servers.iter().flat_map(|server| server.said("Violation"));
        violations.filter(|line| line.contains(PUBLISHER)).collect()
    }

    /// Kills a server at once (SIGKILL).
    pub fn kill(&mut self, index: usize) {
        if let Some(mut process) = self.servers[index].process.take() {
            process.kill().expect("a child can be killed");
            process.wait().expect("a child can be waited for");
        }
    }

    /// From the next start on the servers are of another release.
    pub fn upgrade(&mut self, release: NatsRelease) {
        self.release = release;
    }

    /// Starts a server after a kill, and returns once it takes connections.
    pub fn restart(&mut self, index: usize) {
        let server = &mut self.servers[index];
        let log = File::options()
            .create(true)
            .append(true)
            .open(&server.log)
            .unwrap();
        let process = Command::new(servers::nats_server(self.release))
            .arg("--config")
            .arg(&server.configuration)
            .stdin(Stdio::null())
            .stdout(Stdio::from(log.try_clone().unwrap()))
            .stderr(Stdio::from(log))
            .spawn()
            .expect("nats-server runs");
        server.process = Some(process);
        let port = server.port;
        wait_until("the NATS server takes connections", READY_WITHIN, || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
    }

    /// Cuts a server off: it neither hears nor speaks, and its connections stay open (SIGSTOP).
    pub fn cut_off(&self, index: usize) {
        self.signal(index, Signal::STOP);
    }

    /// Lets it take part again.
    pub fn reconnect(&self, index: usize) {
        self.signal(index, Signal::CONT);
    }

    fn signal(&self, index: usize, signal: Signal) {
        let process = self.servers[index].process.as_ref().expect("the server runs");
        kill_process(Pid::from_child(process), signal).expect("a child can be signalled");
    }
}

impl Drop for NatsServers {
    fn drop(&mut self) {
        for index in 0..self.servers.len() {
            self.kill(index);
        }
        if std::thread::panicking() {
            for (index, server) in self.servers.iter().enumerate() {
                let lines = server.said("");
                eprintln!(
                    "the last words of n{index}:\n{}",
                    lines[lines.len().saturating_sub(15)..].join("\n")
                );
            }
        } else if !self.forbids {
            let forbidden = self.forbidden();
            assert!(
                forbidden.is_empty(),
                "the publisher was not permitted what it does: {forbidden:#?}"
            );
        }
    }
}

impl Server {
    fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The lines of its log in which these words are.
    fn said(&self, words: &str) -> Vec<String> {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines = log.lines().filter(|line| line.contains(words));
        lines.map(str::to_owned).collect()
    }
}

/// What `parcours outcomes nats-config` writes, and an administrator beside those whom it names.
fn guard(database: &Database) -> String {
    begin_log(database);
    let mut arguments = ["outcomes", "nats-config"].map(Into::into).to_vec();
    arguments.extend(database.options());
    let guard = command_line::run(arguments).succeeded();
    let (user, password) = ADMINISTRATOR;
    let (before, users) = guard
        .split_once("users: [\n")
        .expect("the configuration names users");
    format!("{before}users: [\n      {{ user: {user}, password: {password:?} }}\n{users}")
}

/// Ports that are free now, no two the same.
fn free_ports(number: usize) -> Vec<u16> {
    let probes: Vec<_> = (0..number)
        .map(|_| TcpListener::bind("127.0.0.1:0").expect("a port is free"))
        .collect();
    let port = |probe: &TcpListener| probe.local_addr().expect("it is bound").port();
    probes.iter().map(port).collect()
}
