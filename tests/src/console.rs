//! A database as somebody sees it who works at its console: for what goes wrong there.

use std::thread;
use std::time::Duration;

use postgres::{Client, NoTls};

use crate::Database;

/// A statement in the words of each database, which differ.
#[derive(Clone, Copy, Debug)]
pub struct Sql<'a> {
    /// For SQLite.
    pub sqlite: &'a str,
    /// For PostgreSQL, where the log is in the schema `parcours_log`, the views in `parcours_views`.
    pub postgres: &'a str,
}

impl Database {
    /// Runs statements where the log is.
    pub fn at_the_log(&self, sql: Sql<'_>) {
        self.run("log.sqlite", sql);
    }

    /// Runs statements where the views are.
    pub fn at_the_views(&self, sql: Sql<'_>) {
        self.run("views.sqlite", sql);
    }

    /// The bytes of the entry at this position.
    pub fn entry(&self, position: i64) -> Vec<u8> {
        match self.url() {
            None => self
                .open("log.sqlite")
                .query_row(
                    "SELECT entry FROM entries WHERE position = ?1",
                    [position],
                    |row| row.get(0),
                )
                .expect("the log has the entry"),
            Some(url) => connected(url, |client| {
                let select = "SELECT entry FROM parcours_log.entries WHERE position = $1";
                let row = client.query_one(select, &[&position]);
                row.expect("the log has the entry").get(0)
            }),
        }
    }

    /// Puts other bytes in the place of an entry, with this leaf hash, or the one that was there.
    pub fn rewrite_entry(&self, position: i64, entry: &[u8], leaf: Option<[u8; 32]>) {
        let leaf = leaf.map(Vec::from);
        let changed = match self.url() {
            None => {
                let update = "UPDATE entries SET entry = ?2, leaf = coalesce(?3, leaf) WHERE position = ?1";
                let changed = self.open("log.sqlite").execute(update, (position, entry, leaf));
                changed.expect("the log's file is writable") as u64
            }
            Some(url) => connected(url, |client| {
                let update = "UPDATE parcours_log.entries SET entry = $2, leaf = coalesce($3, leaf) WHERE position = $1";
                let changed = client.execute(update, &[&position, &entry, &leaf]);
                changed.expect("the log's database is writable")
            }),
        };
        assert_eq!(changed, 1, "the log has an entry at {position}");
    }

    fn run(&self, file: &str, sql: Sql<'_>) {
        match self.url() {
            None => self.open(file).execute_batch(sql.sqlite).expect(sql.sqlite),
            Some(url) => connected(url, |client| {
                client.batch_execute(sql.postgres).expect(sql.postgres);
            }),
        }
    }

    fn open(&self, file: &str) -> rusqlite::Connection {
        let connection = rusqlite::Connection::open(self.data().join(file)).expect("the file opens");
        connection
            .busy_timeout(Duration::from_secs(20))
            .expect("the file opens");
        connection
    }
}

/// The blocking client must not run on a thread of an async runtime, where callers may well be: it gets its own.
fn connected<T: Send>(url: &str, work: impl FnOnce(&mut Client) -> T + Send) -> T {
    thread::scope(|scope| {
        let worked =
            scope.spawn(|| work(&mut Client::connect(url, NoTls).expect("the private PostgreSQL answers")));
        worked.join().expect("the work at the console succeeds")
    })
}
