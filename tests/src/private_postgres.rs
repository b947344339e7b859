//! A PostgreSQL of one test's own, for a test that kills it.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use postgres::{Client, NoTls};
use rustix::process::{Pid, Signal, getuid, kill_process, kill_process_group};
use tempfile::TempDir;

use crate::servers;
use crate::wait::wait_until;

const READY_WITHIN: Duration = Duration::from_secs(60);

/// A cluster and its server. Both go when it is dropped.
#[derive(Debug)]
pub struct PrivatePostgres {
    home: TempDir,
    port: u16,
    account: Option<(u32, u32)>,
    server: Option<Child>,
}

impl PrivatePostgres {
    /// Makes a cluster, and starts its server.
    pub fn start() -> PrivatePostgres {
        let home = tempfile::Builder::new()
            .prefix("parcours-postgres-")
            .tempdir()
            .expect("the temporary directory is writable");
        // PostgreSQL refuses to run as root.
        let account = getuid().is_root().then(nobody);
        if let Some((user, group)) = account {
            chown(home.path(), Some(user), Some(group)).expect("root may give a directory away");
        }
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700))
            .expect("the directory is this test's own");
        let mut postgres = PrivatePostgres {
            port: free_port(),
            home,
            account,
            server: None,
        };
        let made = postgres
            .program("initdb")
            .args([
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ])
            .arg("--pgdata")
            .arg(postgres.cluster())
            .output()
            .expect("initdb runs");
        assert!(
            made.status.success(),
            "initdb: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        postgres.restart();
        postgres
    }

    /// The address of its one database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Kills the server and everything it runs at once (SIGKILL).
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = kill_process_group(Pid::from_child(&server), Signal::KILL);
            let _ = server.wait();
        }
    }

    /// Stops every process of the server where it is (SIGSTOP): the kernel still accepts connections for it, and nobody
    /// answers. Undone by [`thaw`](PrivatePostgres::thaw).
    pub fn freeze(&self) {
        // The first of them first, so that it starts no other meanwhile.
        self.signal_all(Signal::STOP);
    }

    /// Lets the server go on.
    pub fn thaw(&self) {
        self.signal_all(Signal::CONT);
    }

    fn signal_all(&self, signal: Signal) {
        let server = self.server.as_ref().expect("the server is started");
        let first = Pid::from_child(server);
        kill_process(first, signal).expect("the server runs");
        // Each process of PostgreSQL leads a session of its own: no group has them all.
        let number = first.as_raw_nonzero();
        let children = fs::read_to_string(format!("/proc/{number}/task/{number}/children"));
        for child in children.expect("Linux tells the children").split_whitespace() {
            let child = child.parse().ok().and_then(Pid::from_raw);
            // One may have ended meanwhile.
            let _ = kill_process(child.expect("a number"), signal);
        }
    }

    /// Starts the server after a kill, and returns once it answers.
    pub fn restart(&mut self) {
        let port = self.port.to_string();
        let server = self
            .program("postgres")
            .arg("-D")
            .arg(self.cluster())
            .args(["-p", &port, "-c", "listen_addresses=127.0.0.1"])
            .arg("-c")
            .arg(format!("unix_socket_directories={}", self.home.path().display()))
            // A group of its own, so that the kill finds every process of the server.
            .process_group(0)
            .spawn()
            .expect("postgres runs");
        self.server = Some(server);
        wait_until("the private PostgreSQL answers", READY_WITHIN, || {
            Client::connect(&self.url(), NoTls).is_ok()
        });
    }

    fn cluster(&self) -> std::path::PathBuf {
        self.home.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(servers::postgres_programs().join(name));
        command
            .current_dir(Path::new("/"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some((user, group)) = self.account {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The numbers of the account without rights.
fn nobody() -> (u32, u32) {
    let number = |option: &str| {
        let told = Command::new("id")
            .args([option, "nobody"])
            .output()
            .expect("id runs");
        let told = String::from_utf8_lossy(&told.stdout).trim().to_owned();
        told.parse()
            .unwrap_or_else(|_| panic!("the account nobody has no number: {told:?}"))
    };
    (number("-u"), number("-g"))
}

fn free_port() -> u16 {
    let probe = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    probe.local_addr().expect("it is bound").port()
}
