//! What commands say: results on standard output, all else on standard error.
//!
//! Saying never stops a command. A listener who has had enough (`parcours replay … | head`) is no failure; results that
//! cannot be written otherwise, as on a full disk, are one that the command ends with.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;

/// Why the first of the results that were not written was not.
static UNSAID: OnceLock<io::Error> = OnceLock::new();

/// Says a line of the result.
#[macro_export]
macro_rules! say {
    ($($words:tt)*) => { $crate::words::to_output(format_args!($($words)*)) };
}

/// Says a line to a person who looks on.
#[macro_export]
macro_rules! mention {
    ($($words:tt)*) => { $crate::words::to_messages(format_args!($($words)*)) };
}

/// Says a line of the result: [`say!`](crate::say).
pub fn to_output(words: Arguments<'_>) {
    if UNSAID.get().is_some() {
        return;
    }
    let mut output = io::stdout().lock();
    if let Err(error) = writeln!(output, "{words}").and_then(|()| output.flush()) {
        let _ = UNSAID.set(error);
    }
}

/// Says a line to a person who looks on: [`mention!`](crate::mention).
pub fn to_messages(words: Arguments<'_>) {
    // There is nobody left to be told.
    let _ = writeln!(io::stderr(), "{words}");
}

/// Whether everything said was written, or had nobody to read it any more.
pub fn all_said() -> anyhow::Result<()> {
    match UNSAID.get() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => {
            anyhow::bail!("the result cannot be written to standard output: {error}")
        }
        _ => Ok(()),
    }
}
