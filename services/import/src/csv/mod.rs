//! Tables of operators who do not speak CloudEvents (CSV): one line, one event. `COLUMNS.md` says what a file may hold.
//!
//! - `records`, `dialect`: bytes into lines and cells, whatever separates them.
//! - `columns`, `facts`: the columns of each type, made of its schema, and what identifies a fact of it. `fold`, `french`,
//!   `header`, `mapping`: what a file calls them.
//! - `values`, `dates`, `amounts`: one cell as the JSON of its field. `identity`: names that stay the same from one month's
//!   file to the next.
//! - `type_name`, `plan`, `convert`, `line`: how the lines of a type are read, and what one says. `spool`: all of them in order, in bounded
//!   memory; `repeats`: facts said twice. `reading`: the whole of it, by a thread of its own.
//! - `import`: into the log. `standing`: what changed since last month becomes a correction. `rejects`: what was refused, to be
//!   corrected and imported again.
//! - `describe`: the columns of a type in words.

mod amounts;
mod columns;
mod convert;
mod dates;
mod describe;
mod dialect;
mod facts;
mod fold;
mod french;
mod header;
mod identity;
mod import;
mod line;
mod mapping;
mod plan;
mod reading;
mod records;
mod rejects;
mod repeats;
mod spool;
mod standing;
mod type_name;
mod values;

pub use describe::{Unknown, describe};
pub use header::Unreadable;
pub use import::{Summary, import};
pub use mapping::{Mapping, Unmapped};
pub use rejects::RejectsFile;

use parcours_log::LogError;
use std::path::PathBuf;
use std::sync::Arc;

/// How a file is imported.
#[derive(Clone, Debug)]
pub struct Options {
    /// The type of the lines of a file that does not say it.
    pub type_name: Option<String>,
    /// Who sends, of a file that does not say it.
    pub source: Option<String>,
    /// What the file calls its columns.
    pub mapping: Mapping,
    /// Where lines go that are refused.
    pub rejects: Option<RejectsFile>,
    /// Who brings the events.
    pub actor: Arc<str>,
}

impl Options {
    /// What options say that the file does not.
    fn constants(&self) -> Vec<(&'static str, String)> {
        let told = |name, value: &Option<String>| Some((name, value.clone()?));
        [told("type", &self.type_name), told("source", &self.source)]
            .into_iter()
            .flatten()
            .collect()
    }

    /// The type of lines of which the file says none.
    fn type_name(&self) -> Option<&str> {
        let mapped = || self.mapping.constants.get("type").map(String::as_str);
        self.type_name.as_deref().or_else(mapped)
    }
}

/// Whether a header is one of a table: some of its words are known columns.
pub fn is_header(line: &str) -> bool {
    let known = |word: &str| !header::meanings(word).is_empty();
    let delimiter = dialect::announced(line).unwrap_or_else(|| dialect::delimiter(line, known));
    let cells = dialect::cells(line, delimiter);
    dialect::announced(line).is_some() || (cells.len() > 1 && cells.iter().any(|cell| known(cell)))
}

/// Why the import of a table stops before its end.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The file could not be read further.
    #[error("the file cannot be read: {0}")]
    Source(#[from] std::io::Error),
    /// Its header does not say what its lines hold.
    #[error(transparent)]
    Header(#[from] Unreadable),
    /// The log could not be read, or could not take more.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The lines that are refused could not be kept for correction.
    #[error("what is refused cannot be written to {}: {error}", file.display())]
    Rejects {
        /// The file.
        file: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
}
