//! How long many things took.

use hdrhistogram::Histogram;
use std::time::Duration;

/// Durations, kept to three significant digits, from a microsecond to ten minutes.
pub struct Latencies(Histogram<u64>);

/// In nanoseconds.
const SHORTEST: u64 = 100;
/// Ten minutes: longer than anything here may wait.
const LONGEST: u64 = 600_000_000_000;

impl Default for Latencies {
    fn default() -> Self {
        Self(Histogram::new_with_bounds(SHORTEST, LONGEST, 3).expect("the bounds are in order"))
    }
}

impl Latencies {
    /// Takes one in.
    pub fn record(&mut self, took: Duration) {
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.0.saturating_record(nanoseconds.clamp(SHORTEST, LONGEST));
    }

    /// Takes in all of another's.
    pub fn add(&mut self, other: &Latencies) {
        self.0.add(&other.0).expect("all have the same bounds");
    }

    /// The duration, in milliseconds, which this share (0 to 1) did not exceed.
    pub fn milliseconds(&self, share: f64) -> f64 {
        self.0.value_at_quantile(share) as f64 / 1e6
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_the_durations_are_told_in_milliseconds() {
        let (mut low, mut high) = (Latencies::default(), Latencies::default());
        (1..=50).for_each(|milliseconds| low.record(Duration::from_millis(milliseconds)));
        (51..=100).for_each(|milliseconds| high.record(Duration::from_millis(milliseconds)));
        low.add(&high);
        assert_eq!(low.count(), 100);
        for (share, expected) in [(0.5, 50.0), (0.99, 99.0)] {
            let told = low.milliseconds(share);
            assert!((told - expected).abs() < 0.1, "{told}");
        }
    }

    #[test]
    fn nothing_is_too_short_or_too_long_to_be_counted() {
        let mut latencies = Latencies::default();
        latencies.record(Duration::ZERO);
        latencies.record(Duration::MAX);
        assert_eq!(latencies.count(), 2);
        assert!(latencies.milliseconds(0.1) > 0.0);
    }
}
