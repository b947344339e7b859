//! What the program tells of its own doing, on standard error.

use crate::arguments::LogFormat;
use std::fmt;
use std::io::IsTerminal;
use std::str::FromStr;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

/// The client of NATS tells of each connection; the publisher tells of what an operator may act on.
const USUAL: &str = "info,async_nats=warn";
/// Under which requests are told.
const ACCESS: &str = parcours_http::ACCESS_LOG;
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Which lines are told: a level, and levels of modules, such as `info,parcours_log=debug`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter(String);

impl FromStr for Filter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_level = |word: &str| LEVELS.contains(&word.to_ascii_lowercase().as_str());
        let text: String = text.split_whitespace().collect();
        for part in text.split(',') {
            // What stands in brackets is of spans, and the subscriber's own to judge.
            let right = match part.rsplit_once('=') {
                Some((module, level)) => !module.is_empty() && is_level(level),
                None => is_level(part) || part.contains('['),
            };
            if !right {
                return Err(format!(
                    "{part:?} is no level of what is told: expected {}, or MODULE=LEVEL, with commas between, such as \
                     info,parcours_log=debug",
                    LEVELS.join(", ")
                ));
            }
        }
        EnvFilter::builder()
            .parse(&text)
            .map_err(|wrong| wrong.to_string())?;
        Ok(Filter(text))
    }
}

impl Default for Filter {
    fn default() -> Self {
        Filter(USUAL.to_owned())
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Filter {
    /// With the lines of the access log, or without; what the filter says of them itself holds.
    fn with_access(&self, access: bool) -> EnvFilter {
        let level = if access { "info" } else { "off" };
        EnvFilter::new(format!("{ACCESS}={level},{}", self.0))
    }
}

/// Begins to tell. A thread of its own writes the lines, so that nobody waits for whoever reads them, or fails with it:
/// lines that are too many for it are left out. What is returned writes the last ones.
pub(crate) fn begin(filter: &Filter, access: bool, format: LogFormat) -> WorkerGuard {
    let (writer, guard) = tracing_appender::non_blocking(std::io::stderr());
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter.with_access(access))
        .with_ansi(std::io::stderr().is_terminal())
        .log_internal_errors(false)
        .with_writer(writer);
    match format {
        // Whoever chooses modules has to know them.
        LogFormat::Text => subscriber.with_target(*filter != Filter::default()).init(),
        LogFormat::Json => subscriber.json().init(),
    }
    std::panic::set_hook(Box::new(|panic| {
        tracing::error!("a fault of this program: {panic}");
    }));
    guard
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_levels_and_modules_with_levels() {
        for text in [
            "debug",
            "INFO",
            "warn,parcours_log=debug",
            "info, access=off",
            "off",
            "info,[append]=trace",
        ] {
            assert!(text.parse::<Filter>().is_ok(), "{text}");
        }
        for text in ["", "inof", "info,", "parcours_log=loud", "=debug", "parcours_log"] {
            let wrong = text.parse::<Filter>().unwrap_err();
            assert!(wrong.contains("parcours_log=debug"), "{text}: {wrong}");
        }
    }

    #[test]
    fn the_access_log_is_off_until_it_is_asked_for_one_way_or_the_other() {
        let told = |filter: &str, access| filter.parse::<Filter>().unwrap().with_access(access).to_string();
        assert!(told("info", false).contains("access=off"));
        assert!(told("info", true).contains("access=info"));
        assert!(told("info,access=debug", false).contains("access=debug"));
    }
}
