//! The private servers answer, and a test's database is its own.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use parcours_tests::{fresh_postgres, servers};
use postgres::{Client, NoTls};
use serde_json::Value;

#[test]
fn postgres_answers_and_syncs_to_disk() {
    let mut client = Client::connect(&servers::postgres(), NoTls).unwrap();
    let row = client
        .query_one("SELECT version(), current_setting('fsync')", &[])
        .unwrap();
    assert!(row.get::<_, String>(0).starts_with("PostgreSQL "));
    assert_eq!(row.get::<_, String>(1), "on");
}

#[test]
fn nats_answers_with_jetstream() {
    let address = servers::nats();
    let stream = TcpStream::connect(address.strip_prefix("nats://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut lines = BufReader::new(&stream).lines().map(Result::unwrap);

    let info = lines.next().unwrap();
    let info: Value = serde_json::from_str(info.strip_prefix("INFO ").unwrap()).unwrap();
    assert_eq!(info["jetstream"], true, "{info}");

    (&stream)
        .write_all(b"CONNECT {\"verbose\":false}\r\nPING\r\n")
        .unwrap();
    assert!(lines.any(|line| line == "PONG"));
}

#[test]
fn a_fresh_database_is_empty_and_goes_with_its_owner() {
    let mut server = Client::connect(&servers::postgres(), NoTls).unwrap();
    let database = fresh_postgres();
    let mut inside = database.connect();
    let name = inside
        .query_one("SELECT current_database()", &[])
        .unwrap()
        .get::<_, String>(0);
    let tables = inside
        .query_one("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", &[])
        .unwrap();
    assert_eq!(tables.get::<_, i64>(0), 0);
    let mut exists = || {
        let found = server
            .query_opt("SELECT FROM pg_database WHERE datname = $1", &[&name])
            .unwrap();
        found.is_some()
    };

    assert!(exists());
    drop(database); // while `inside` is still connected
    assert!(!exists());
}

#[test]
fn two_fresh_databases_share_nothing() {
    let (one, other) = (fresh_postgres(), fresh_postgres());
    one.connect().batch_execute("CREATE TABLE mine ()").unwrap();
    other.connect().batch_execute("CREATE TABLE mine ()").unwrap();
}
