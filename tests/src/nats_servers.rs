//! NATS servers of one test's own, one or a cluster of three, for a test that kills them.

use std::fmt::Write;
use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::servers;
use crate::wait::wait_until;

const READY_WITHIN: Duration = Duration::from_secs(60);

/// Servers with JetStream, each syncing to disk before it acknowledges. All go when this is dropped.
#[derive(Debug)]
pub struct NatsServers {
    home: TempDir,
    servers: Vec<Server>,
}

#[derive(Debug)]
struct Server {
    configuration: PathBuf,
    port: u16,
    process: Option<Child>,
}

impl NatsServers {
    /// One server, where everybody may do everything.
    pub fn one() -> NatsServers {
        NatsServers::start(1, "")
    }

    /// One server, with `more` in its configuration.
    pub fn one_with(more: &str) -> NatsServers {
        NatsServers::start(1, more)
    }

    /// A cluster of three, named `n0` to `n2`.
    pub fn three() -> NatsServers {
        NatsServers::start(3, "")
    }

    fn start(number: usize, more: &str) -> NatsServers {
        let home = tempfile::Builder::new()
            .prefix("parcours-nats-")
            .tempdir()
            .expect("the temporary directory is writable");
        let ports = free_ports(2 * number);
        let (clients, routes) = ports.split_at(number);
        let all: Vec<_> = routes
            .iter()
            .map(|port| format!("\"nats://127.0.0.1:{port}\""))
            .collect();
        let server = |(index, (port, route)): (usize, (&u16, &u16))| {
            let store = home.path().join(format!("n{index}"));
            let mut text = format!(
                "server_name: n{index}\nlisten: \"127.0.0.1:{port}\"\njetstream {{ store_dir: {store:?}, sync_interval: always }}\n{more}\n"
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
                port: *port,
                process: None,
            }
        };
        let servers = clients.iter().zip(routes).enumerate().map(server).collect();
        let mut servers = NatsServers { home, servers };
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

    /// Kills a server at once (SIGKILL).
    pub fn kill(&mut self, index: usize) {
        if let Some(mut process) = self.servers[index].process.take() {
            process.kill().expect("a child can be killed");
            process.wait().expect("a child can be waited for");
        }
    }

    /// Starts a server after a kill, and returns once it takes connections.
    pub fn restart(&mut self, index: usize) {
        let log = self.home.path().join(format!("n{index}.log"));
        let log = File::options().create(true).append(true).open(log).unwrap();
        let server = &mut self.servers[index];
        let process = Command::new(servers::nats_server())
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
            for index in 0..self.servers.len() {
                let log =
                    fs::read_to_string(self.home.path().join(format!("n{index}.log"))).unwrap_or_default();
                let lines: Vec<_> = log.lines().collect();
                eprintln!(
                    "the last words of n{index}:\n{}",
                    lines[lines.len().saturating_sub(15)..].join("\n")
                );
            }
        }
    }
}

impl Server {
    fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }
}

/// Ports that are free now, no two the same.
fn free_ports(number: usize) -> Vec<u16> {
    let probes: Vec<_> = (0..number)
        .map(|_| TcpListener::bind("127.0.0.1:0").expect("a port is free"))
        .collect();
    let port = |probe: &TcpListener| probe.local_addr().expect("it is bound").port();
    probes.iter().map(port).collect()
}
