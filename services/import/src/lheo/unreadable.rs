//! Why a catalogue cannot be read further.

use std::io;

use thiserror::Error;

/// What bounds the memory. A session takes about 2 kB, so a formation may have some thousands of them.
pub(super) const LARGEST_FORMATION: usize = 16 * 1024 * 1024;

/// Why the reading of a catalogue stopped. What was read before stands.
#[derive(Debug, Error)]
pub enum Unreadable {
    /// The file could not be read, or names an encoding that does not exist.
    #[error("line {line}: {source}")]
    Input {
        /// Where.
        line: u64,
        /// Why.
        source: io::Error,
    },
    /// What stands there is not XML, or the file was cut short.
    #[error("line {line}: {detail}")]
    Xml {
        /// Where.
        line: u64,
        /// What is wrong.
        detail: String,
    },
    /// The file is XML, but no catalogue in LHEO, or holds no formation.
    #[error("line {line}: this is not a LHEO catalogue: {detail}")]
    NotLheo {
        /// Where.
        line: u64,
        /// What was found.
        detail: String,
    },
    /// A formation so large that it would not fit the memory that this import may take.
    #[error("line {line}: this formation is larger than {} MiB", LARGEST_FORMATION / 1024 / 1024)]
    TooLarge {
        /// Where it begins.
        line: u64,
    },
}
