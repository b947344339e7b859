//! What was measured on, and with what.

use super::bare::Engine;
use super::scale::Scale;
use serde::Serialize;

/// Everything besides the figures that somebody needs who compares two runs.
#[derive(Debug, Serialize)]
pub struct Surroundings {
    cores: usize,
    cpu: String,
    kernel: String,
    /// In gigabytes.
    memory: f64,
    parcours: &'static str,
    engine: Engine,
    callers: usize,
    batch: usize,
    #[serde(flatten)]
    scale: Scale,
}

impl Surroundings {
    /// Asks the system.
    pub fn of(scale: Scale, engine: Engine) -> Self {
        let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
        Self {
            cores: std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
            cpu: value(&read("/proc/cpuinfo"), "model name"),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            memory: value(&read("/proc/meminfo"), "MemTotal")
                .trim_end_matches(" kB")
                .parse::<f64>()
                .map_or(0.0, |kibibytes| (kibibytes * 1024.0 / 1e8).round() / 10.0),
            parcours: env!("CARGO_PKG_VERSION"),
            engine,
            callers: super::scale::CALLERS,
            batch: super::scale::BATCH,
            scale,
        }
    }

    /// The same in a line.
    pub fn line(&self) -> String {
        let Self {
            cores,
            cpu,
            kernel,
            memory,
            parcours,
            engine,
            ..
        } = self;
        format!(
            "parcours {parcours} on {}; {cores} cores, {cpu}, {memory} GB, Linux {kernel}; {} events in {} months",
            engine.version, self.scale.events, self.scale.months
        )
    }
}

/// How many files this process may open, and a service that it starts as many.
#[cfg(unix)]
pub fn open_files() -> u64 {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

#[cfg(not(unix))]
pub fn open_files() -> u64 {
    u64::MAX
}

fn value(text: &str, name: &str) -> String {
    let found = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
    found.unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_what_stands_after_the_colon() {
        assert_eq!(
            value("processor\t: 0\nmodel name\t: A CPU\n", "model name"),
            "A CPU"
        );
        assert_eq!(value("", "model name"), "");
    }
}
