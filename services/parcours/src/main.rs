//! The one binary of Parcours.

use clap::Parser;
use parcours::arguments::Arguments;
use std::io::Write;
use std::process::ExitCode;

/// Events are many small allocations made on one thread and freed on another, which glibc's allocator keeps apart in
/// arenas: measured on a bulk import, it took an eighth of the time and gave little back. SQLite takes its pages from it,
/// too, for the same reason. Its settings are in `.cargo/config.toml`.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match parcours::run(Arguments::parse()) {
        Ok(ending) => ExitCode::from(ending.code()),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
