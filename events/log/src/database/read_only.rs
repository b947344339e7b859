//! A file of SQLite that is only read: nothing is made beside it, it may lie where nothing can be written, and a service may
//! be at work on it.
//!
//! SQLite reads a file in WAL mode by way of shared memory, the file that ends in `-shm`. Whoever has the database open has
//! made it; so where there is none, nobody writes, and none is needed:
//! - with `-shm`, the file is read as by any reader, and locks hold between both;
//! - without, but with a WAL (a copy of the files of a service that runs, or of one that was killed), the WAL is read with
//!   an index of its own in memory, and without locks;
//! - without either, the file is all there is, and is taken for one that does not change.
//!
//! In the last two, [`ReadOnly::still_alone`] tells after a question whether somebody has come meanwhile: then what was
//! read may be of two moments.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::{denied, wait_for_locks};

/// Such a file.
#[derive(Clone, Debug)]
pub struct ReadOnly {
    file: PathBuf,
    way: Way,
}

/// How it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// With others, by shared memory.
    Shared,
    /// Alone, with the WAL.
    AloneWithWal,
    /// Alone: the file itself.
    Alone,
}

/// Somebody opened the file to write while it was read as one that nobody writes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a service began to work on {} while it was read: ask again", .0.display())]
pub struct Disturbed(PathBuf);

impl ReadOnly {
    /// Finds out how this file is read.
    ///
    /// # Errors
    /// `NotFound` where there is none.
    pub fn find(file: &Path) -> io::Result<ReadOnly> {
        std::fs::metadata(file).map_err(|error| denied::of_files(&error, file))?;
        let there = |end: &str| beside(file, end).exists();
        let way = match (there("-shm"), there("-wal"), there("-journal")) {
            _ if cfg!(not(unix)) => Way::Shared,
            // A journal tells of what is to be undone first, which only SQLite itself may do.
            (true, _, _) | (_, _, true) => Way::Shared,
            (false, true, false) => Way::AloneWithWal,
            (false, false, false) => Way::Alone,
        };
        Ok(ReadOnly {
            file: file.to_owned(),
            way,
        })
    }

    /// A connection to it, whose locks are waited for as long as `patience`.
    pub fn connect(&self, patience: Duration) -> rusqlite::Result<Connection> {
        let how = match self.way {
            Way::Shared => "mode=ro",
            Way::AloneWithWal => "mode=ro&vfs=unix-none",
            Way::Alone => "mode=ro&immutable=1",
        };
        let opened = Connection::open_with_flags(
            uri(&self.file, how),
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        );
        let mut connection = opened.map_err(|error| denied::explained(error, &self.file, false))?;
        if self.way == Way::AloneWithWal {
            // Then the index of the WAL is in memory.
            connection.pragma_update(None, "locking_mode", "exclusive")?;
        }
        wait_for_locks(&mut connection, patience)?;
        Ok(connection)
    }

    /// Fails if the file was read as one that nobody writes, and somebody has opened it by now: what was read since may be
    /// of two moments.
    pub fn still_alone(&self) -> Result<(), Disturbed> {
        if self.way != Way::Shared && beside(&self.file, "-shm").exists() {
            return Err(Disturbed(self.file.clone()));
        }
        Ok(())
    }
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name: OsString = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// The file as SQLite takes it with parameters: every byte that is more than a letter, a digit or one of `/._-` is encoded.
fn uri(file: &Path, parameters: &str) -> String {
    let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let path = path.as_os_str().as_encoded_bytes();
    let mut uri = "file://".to_owned();
    for byte in path {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => {
                uri.push(char::from(*byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    format!("{uri}?{parameters}")
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::{open_sqlite, turn_wal_on};
    use rusqlite::config::DbConfig;
    use std::fs;

    const PATIENCE: Duration = Duration::from_secs(10);

    /// A database with one row in its file and one in its WAL, open.
    fn written(file: &Path) -> Connection {
        let writer = open_sqlite(file, PATIENCE).unwrap();
        writer
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
            .unwrap();
        turn_wal_on(&writer, PATIENCE).unwrap();
        writer
            .execute_batch(
                "CREATE TABLE told (word TEXT);
                 INSERT INTO told VALUES ('in the file');
                 PRAGMA wal_checkpoint(TRUNCATE);
                 INSERT INTO told VALUES ('in the WAL');",
            )
            .unwrap();
        writer
    }

    fn rows(file: &Path) -> i64 {
        let connection = ReadOnly::find(file).unwrap().connect(PATIENCE).unwrap();
        connection
            .query_row("SELECT count(*) FROM told", [], |row| row.get(0))
            .unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn whatever_stands_beside_a_copy_it_is_read_whole_and_nothing_is_left_there() {
        let folder = tempfile::tempdir().unwrap();
        // Every letter of a path that means something in a URI.
        let file = folder.path().join("log 100% of?a=b#c é.sqlite");
        let _writer = written(&file);
        assert_eq!(rows(&file), 2, "beside its writer");
        for (ends, expected) in [(&[""][..], 1), (&["", "-wal"], 2), (&["", "-wal", "-shm"], 2)] {
            let copy = tempfile::tempdir().unwrap();
            let copied = copy.path().join("copy?.sqlite");
            for end in ends {
                fs::copy(beside(&file, end), beside(&copied, end)).unwrap();
            }
            let before = names(copy.path());
            assert_eq!(rows(&copied), expected, "{ends:?}");
            assert_eq!(names(copy.path()), before, "{ends:?}");
        }
    }

    #[test]
    fn who_opens_it_meanwhile_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("log.sqlite");
        drop(written(&file));
        let _ = fs::remove_file(beside(&file, "-shm"));
        let alone = ReadOnly::find(&file).unwrap();
        assert_eq!(alone.still_alone(), Ok(()));
        let writer = open_sqlite(&file, PATIENCE).unwrap();
        writer.execute_batch("INSERT INTO told VALUES ('again')").unwrap();
        assert_eq!(alone.still_alone(), Err(Disturbed(file)));
    }

    #[test]
    fn a_file_that_is_none_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let error = ReadOnly::find(&folder.path().join("log.sqlite")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(names(folder.path()).is_empty());
    }
}
