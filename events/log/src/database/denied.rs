//! Why a file of SQLite cannot be opened, where it is a matter of permissions: SQLite itself only says that it cannot.

use std::io;
use std::path::Path;

use rusqlite::ffi;

/// The same error, with what is denied, and to whom, where something is. `writing` for a file that is to be made or changed.
pub(super) fn explained(error: rusqlite::Error, file: &Path, writing: bool) -> rusqlite::Error {
    match (error.sqlite_error(), denied(file, writing)) {
        (Some(code), Some(why)) => rusqlite::Error::SqliteFailure(*code, Some(why)),
        _ => error,
    }
}

/// An error of the file system, as SQLite would tell it.
pub(super) fn of_files(error: &io::Error, file: &Path) -> io::Error {
    let why = denied(file, false).unwrap_or_else(|| error.to_string());
    io::Error::new(error.kind(), why)
}

/// What is denied. The file is not opened for it: whoever closes it lets go of all locks that this process has on it.
#[cfg(unix)]
fn denied(file: &Path, writing: bool) -> Option<String> {
    use rustix::fs::{Access, access};
    use rustix::io::Errno;

    let directory = match file.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let what = match (access(file, Access::EXISTS), access(file, Access::READ_OK)) {
        (Err(Errno::ACCESS), _) => format!("the directory {} cannot be entered", directory.display()),
        (Ok(()), Err(Errno::ACCESS)) => format!("{} cannot be read", file.display()),
        (Ok(()), Ok(())) if writing && access(file, Access::WRITE_OK).is_err() => {
            format!("{} cannot be written", file.display())
        }
        (Err(Errno::NOENT), _) if writing && access(directory, Access::WRITE_OK) == Err(Errno::ACCESS) => {
            format!("nothing can be made in the directory {}", directory.display())
        }
        _ => return None,
    };
    let number = rustix::process::geteuid().as_raw();
    Some(format!("permission denied: {what} by user {number}"))
}

#[cfg(not(unix))]
fn denied(_: &Path, _: bool) -> Option<String> {
    None
}

/// Whether this is SQLite's own number for an error, which repeats in its words what stands before it.
pub(super) fn is_number(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause.downcast_ref::<ffi::Error>().is_some()
}
