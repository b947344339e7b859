//! The master key, from which every partner's pseudonyms follow.
//!
//! 32 random bytes in a file, made when the first partner needs it. Whoever has it can tell whose a pseudonym is;
//! whoever loses it gives everybody a new pseudonym. So it is kept like a password and backed up like the log, and
//! what was declared with one key is never served with another: see `pseudonyms` in
//! [`Declaration`](super::Declaration).

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::OutcomesError;

const LENGTH: usize = 32;

/// The master key, and where it comes from.
#[derive(Clone)]
pub struct MasterKey {
    bytes: [u8; LENGTH],
    file: PathBuf,
}

impl MasterKey {
    /// Reads the key in `file`.
    pub fn read(file: &Path) -> Result<Self, OutcomesError> {
        let failed = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound => OutcomesError::KeyMissing { file: file.into() },
            _ => OutcomesError::KeyUnusable {
                file: file.into(),
                cause: error.to_string(),
            },
        };
        let mut bytes = Vec::with_capacity(LENGTH);
        File::open(file)
            .map_err(failed)?
            .take(LENGTH as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        let bytes = <[u8; LENGTH]>::try_from(bytes).map_err(|_| OutcomesError::KeyUnusable {
            file: file.into(),
            cause: format!("it does not hold {LENGTH} bytes"),
        })?;
        Ok(Self {
            bytes,
            file: file.into(),
        })
    }

    /// Reads the key in `file`, or makes it, for its owner's eyes only. Two processes that make it at once get the same.
    pub fn read_or_make(file: &Path) -> Result<Self, OutcomesError> {
        match Self::read(file) {
            Err(OutcomesError::KeyMissing { .. }) => {}
            read => return read,
        }
        let failed = |cause: String| OutcomesError::KeyUnusable {
            file: file.into(),
            cause,
        };
        let mut bytes = [0; LENGTH];
        getrandom::fill(&mut bytes).map_err(|error| failed(error.to_string()))?;
        // Written aside and then given its name, which only one of several can do: nobody ever reads half a key.
        let aside = file.with_extension(format!("{}.new", std::process::id()));
        let written = write_for_owner(&aside, &bytes).and_then(|()| std::fs::hard_link(&aside, file));
        let _ = std::fs::remove_file(&aside);
        match written {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(failed(error.to_string())),
            _ => Self::read(file),
        }
    }

    /// The file it was read from.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The secret of the noise by which figures are protected: no partner has it.
    pub fn of_figures(&self) -> [u8; 32] {
        self.derive("record keys of figures", "")
    }

    /// A key for one purpose and one partner: HMAC-SHA-256 under the master key, which as a pseudo-random function
    /// gives keys that say nothing of each other (the expansion of RFC 5869 for outputs of one block).
    pub(super) fn derive(&self, purpose: &str, partner: &str) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.bytes).expect("HMAC takes keys of any length");
        // Neither holds a NUL, so no two pairs are the same bytes.
        for part in [purpose.as_bytes(), b"\0", partner.as_bytes()] {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

fn write_for_owner(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    file.write_all(bytes)?;
    file.sync_all()
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKey({})", self.file.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pseudonyms.key");
        assert!(matches!(
            MasterKey::read(&file),
            Err(OutcomesError::KeyMissing { .. })
        ));
        let made = MasterKey::read_or_make(&file).unwrap();
        assert_eq!(MasterKey::read_or_make(&file).unwrap().bytes, made.bytes);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }

    #[test]
    fn many_who_make_it_at_once_get_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pseudonyms.key");
        // Each aside file bears the number of its process: threads of one take turns, as processes need not.
        let turn = std::sync::Mutex::new(());
        let keys: Vec<_> = std::thread::scope(|scope| {
            let makers: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let _turn = turn.lock().unwrap();
                        MasterKey::read_or_make(&file).unwrap().bytes
                    })
                })
                .collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
    }

    #[test]
    fn a_file_of_another_length_is_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pseudonyms.key");
        for length in [0, 31, 33] {
            std::fs::write(&file, vec![7; length]).unwrap();
            let wrong = MasterKey::read_or_make(&file).unwrap_err().to_string();
            assert!(wrong.contains("32 bytes"), "{wrong}");
        }
    }
}
