//! SQLite, without the service.

use super::rows::Row;
use super::{Engine, Tables};
use rusqlite::{Connection, Row as Found, params};
use std::path::Path;

/// As the log has them: its page cache (KiB), and the pages in the WAL from which on it is moved into the file.
const SETTINGS: [(&str, &str); 4] = [
    ("journal_mode", "wal"),
    ("synchronous", "full"),
    ("cache_size", "-32768"),
    ("wal_autocheckpoint", "8192"),
];

pub(super) struct Connected(Connection);

impl Connected {
    pub fn open(file: &Path) -> anyhow::Result<Self> {
        let connection = Connection::open(file)?;
        for (name, value) in SETTINGS {
            connection.pragma_update(None, name, value)?;
        }
        Ok(Self(connection))
    }
}

impl Tables for Connected {
    fn insert(&mut self, rows: &[Row]) -> anyhow::Result<()> {
        let transaction = self.0.transaction()?;
        for row in rows {
            let cached = |sql| transaction.prepare_cached(sql);
            cached("INSERT INTO event_ids VALUES (?1, ?2, ?3)")?.execute(params![
                row.id.to_string(),
                row.source,
                row.position
            ])?;
            if let Some(stream) = row.begins {
                let values = params![row.stream, stream.kind.name(), stream.uuid];
                cached("INSERT INTO streams VALUES (?1, ?2, ?3)")?.execute(values)?;
            }
            if let Some(sender) = &row.sender {
                cached("INSERT INTO sources VALUES (?1, ?2)")?.execute(params![row.source, sender])?;
            }
            let values = params![row.position, row.stream, row.revision, row.leaf, &*row.entry];
            cached("INSERT INTO entries VALUES (?1, ?2, ?3, 0, ?4, ?5)")?.execute(values)?;
        }
        Ok(transaction.commit()?)
    }

    fn scan(&mut self) -> anyhow::Result<u64> {
        let mut select = self
            .0
            .prepare("SELECT position, entry FROM entries ORDER BY position")?;
        count(select.query([])?)
    }

    fn index(&mut self) -> anyhow::Result<()> {
        Ok(self.0.execute_batch(
            "CREATE TABLE event_ids (
                 id TEXT NOT NULL, source INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (id, source)
             ) STRICT, WITHOUT ROWID;
             CREATE UNIQUE INDEX entries_by_stream ON entries (stream, revision);",
        )?)
    }

    fn at(&mut self, positions: &[i64]) -> anyhow::Result<u64> {
        let mut select = self
            .0
            .prepare_cached("SELECT revision, entry FROM entries WHERE position = ?1")?;
        let mut found = 0;
        for position in positions {
            found += count(select.query([position])?)?;
        }
        Ok(found)
    }

    fn engine(&mut self) -> anyhow::Result<Engine> {
        Ok(Engine {
            version: format!("SQLite {}", rusqlite::version()),
            settings: SETTINGS
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        })
    }
}

/// Steps through rows whose second column is an entry, and looks at its bytes.
fn count(mut rows: rusqlite::Rows<'_>) -> anyhow::Result<u64> {
    let entry =
        |row: &Found<'_>| -> anyhow::Result<bool> { Ok(row.get_ref(1)?.as_blob()?.starts_with(b"{")) };
    let mut count = 0;
    while let Some(row) = rows.next()? {
        anyhow::ensure!(entry(row)?, "an entry is no JSON object");
        count += 1;
    }
    Ok(count)
}
