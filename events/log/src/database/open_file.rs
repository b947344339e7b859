//! A file that a database has open, and whether it still stands where it was opened.
//!
//! Who removes a file, or puts another in its place, does not take it from the processes that have it open: those go on
//! writing into what nobody will ever open again.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// A file as it stood when it was opened.
#[derive(Clone, Debug)]
pub struct OpenFile {
    path: PathBuf,
    identity: Identity,
}

/// The path leads to another file than the one that was opened, or to none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exchanged {
    /// There is no file any more.
    #[error("{} was removed", .0.display())]
    Removed(PathBuf),
    /// There is another one.
    #[error("{} is no longer the file that was opened", .0.display())]
    Another(PathBuf),
}

/// Tells a file from every other on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl OpenFile {
    /// The file at this path, which was opened just now.
    pub fn at(path: &Path) -> io::Result<OpenFile> {
        Ok(OpenFile {
            path: path.to_owned(),
            identity: Identity::of(path)?,
        })
    }

    /// Fails if the path leads elsewhere by now: one question to the system. What the system cannot answer is no proof.
    pub fn still_stands(&self) -> Result<(), Exchanged> {
        match Identity::of(&self.path) {
            Ok(identity) if identity != self.identity => Err(Exchanged::Another(self.path.clone())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(Exchanged::Removed(self.path.clone()))
            }
            _ => Ok(()),
        }
    }
}

impl Identity {
    #[cfg(unix)]
    fn of(path: &Path) -> io::Result<Identity> {
        use std::os::unix::fs::MetadataExt;
        let metadata = fs::metadata(path)?;
        Ok(Identity {
            device: metadata.dev(),
            inode: metadata.ino(),
        })
    }

    /// Elsewhere an open file can be neither removed nor exchanged.
    #[cfg(not(unix))]
    fn of(path: &Path) -> io::Result<Identity> {
        fs::metadata(path).map(|_| Identity { device: 0, inode: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_stands_until_it_is_removed_or_exchanged_whatever_is_written_into_it() {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join("file");
        fs::write(&path, "a").unwrap();
        let open = OpenFile::at(&path).unwrap();
        fs::write(&path, "longer").unwrap();
        assert_eq!(open.still_stands(), Ok(()));
        let other = directory.path().join("other");
        fs::write(&other, "longer").unwrap();
        fs::rename(&other, &path).unwrap();
        assert_eq!(open.still_stands(), Err(Exchanged::Another(path.clone())));
        fs::remove_file(&path).unwrap();
        assert_eq!(open.still_stands(), Err(Exchanged::Removed(path)));
    }
}
