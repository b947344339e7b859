//! Progress of long work: a bar on a terminal, a line now and then elsewhere.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Between two lines where there is no terminal.
const PAUSE: Duration = Duration::from_secs(5);

/// The progress of one piece of work, counted in `unit`.
pub struct Progress {
    bar: ProgressBar,
    what: &'static str,
    unit: &'static str,
    last_line: Instant,
}

impl Progress {
    /// Begins; `total` is `None` where the end is not known.
    pub fn new(what: &'static str, unit: &'static str, total: Option<u64>) -> Self {
        let bar = match (std::io::stderr().is_terminal(), total) {
            (false, total) => ProgressBar::with_draw_target(total, indicatif::ProgressDrawTarget::hidden()),
            (true, Some(total)) => ProgressBar::new(total),
            (true, None) => ProgressBar::new_spinner(),
        };
        let template = match total {
            Some(_) => {
                format!("{what} {{bar:30}} {{human_pos}} of {{human_len}} {unit}, {{per_sec}}, {{eta}} left")
            }
            None => format!("{what} {{spinner}} {{human_pos}} {unit}, {{per_sec}}"),
        };
        bar.set_style(ProgressStyle::with_template(&template).expect("the template is well formed"));
        Self {
            bar,
            what,
            unit,
            last_line: Instant::now(),
        }
    }

    /// So much is done in all.
    pub fn at(&mut self, done: u64) {
        self.bar.set_position(done);
        if self.bar.is_hidden() && self.last_line.elapsed() >= PAUSE {
            self.last_line = Instant::now();
            tracing::info!(done, total = self.bar.length(), "{} ({})", self.what, self.unit);
        }
    }

    /// The total became known, or grew.
    pub fn of(&mut self, total: u64) {
        self.bar.set_length(total);
    }

    /// The work is over; the bar goes.
    pub fn finish(self) {
        self.bar.finish_and_clear();
    }
}
