//! Where the private servers are that `tests/servers.py` started.

use std::env;
use std::path::PathBuf;

/// The address of a superuser of the private PostgreSQL.
pub fn postgres() -> String {
    told("PARCOURS_TEST_POSTGRES")
}

/// The address of the private NATS server.
pub fn nats() -> String {
    told("PARCOURS_TEST_NATS")
}

/// The folder of PostgreSQL's programs, for a test that starts a cluster of its own.
pub fn postgres_programs() -> PathBuf {
    told("PARCOURS_TEST_POSTGRES_BIN").into()
}

/// A release of the NATS server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NatsRelease {
    /// The newest one.
    Newest,
    /// The oldest one that outcomes are published to.
    Oldest,
    /// One that is too old.
    TooOld,
}

/// The path of `nats-server`, for a test that starts servers of its own.
pub fn nats_server(release: NatsRelease) -> PathBuf {
    let variable = match release {
        NatsRelease::Newest => "PARCOURS_TEST_NATS_SERVER",
        NatsRelease::Oldest => "PARCOURS_TEST_NATS_SERVER_OLDEST",
        NatsRelease::TooOld => "PARCOURS_TEST_NATS_SERVER_TOO_OLD",
    };
    told(variable).into()
}

fn told(variable: &str) -> String {
    env::var(variable).unwrap_or_else(|_| {
        panic!(
            "{variable} is not set: this test needs the private servers. Run it through `tests/run`, \
             or start them with `tests/servers.py up` and paste the lines it prints."
        )
    })
}
