//! The one binary of Parcours.

use clap::Parser;
use parcours::arguments::Arguments;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

/// Events are many small allocations made on one thread and freed on another, which glibc's allocator keeps apart in
/// arenas: measured on a bulk import, it took an eighth of the time and gave little back. SQLite takes its pages from it,
/// too, for the same reason. Its settings are in `.cargo/config.toml`.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(told) => return tell(&told),
    };
    match parcours::run(arguments) {
        Ok(ending) => ExitCode::from(ending.code()),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Help, the version, or what is wrong with the command line. Help that cannot be written is help that failed.
fn tell(told: &clap::Error) -> ExitCode {
    match told.print() {
        Err(error) if !told.use_stderr() && error.kind() != ErrorKind::BrokenPipe => {
            let _ = writeln!(
                std::io::stderr(),
                "error: the result cannot be written to standard output: {error}"
            );
            ExitCode::FAILURE
        }
        _ => u8::try_from(told.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from),
    }
}
