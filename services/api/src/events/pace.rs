//! How slowly a client may send.

use parcours_model::Words;
use std::time::Duration;

/// At least so many bytes a second, and never a pause longer than this. A burst earns no right to a longer one.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Bytes a second.
    pub rate: u32,
    /// The longest pause; also what is given at the beginning.
    pub pause: Duration,
}

impl Pace {
    /// What is left of the time `left` once so many bytes have come.
    pub(super) fn earned(self, left: Duration, bytes: usize) -> Duration {
        let earned = Duration::from_secs_f64(bytes as f64 / f64::from(self.rate.max(1)));
        left.saturating_add(earned).min(self.pause)
    }

    /// The pace in words.
    pub(super) fn told(self) -> Words {
        let (rate, seconds) = (self.rate, self.pause.as_secs());
        Words::new(
            format!("{rate} bytes a second, with pauses of {seconds} s at most"),
            format!("{rate} octets par seconde, avec des pauses de {seconds} s au plus"),
        )
    }
}

/// The time that a client has left. It passes only while the service waits for the client.
#[derive(Debug)]
pub(super) struct Patience {
    pace: Pace,
    left: Duration,
}

impl Patience {
    /// With a client that begins.
    pub fn new(pace: Pace) -> Self {
        Patience {
            pace,
            left: pace.pause,
        }
    }

    /// How long to wait for the next bytes.
    pub fn left(&self) -> Duration {
        self.left
    }

    /// So many bytes have come, after so long a wait.
    pub fn came(&mut self, bytes: usize, waited: Duration) {
        self.left = self.pace.earned(self.left.saturating_sub(waited), bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace {
        rate: 1_000,
        pause: Duration::from_secs(10),
    };

    /// The seconds after which a client is given up that sends so many bytes after each of these waits, if it is.
    fn given_up(waits: impl Iterator<Item = (usize, f64)>) -> Option<f64> {
        let mut patience = Patience::new(PACE);
        let mut passed = 0.0;
        for (bytes, wait) in waits {
            let wait = Duration::from_secs_f64(wait);
            if wait > patience.left() {
                return Some(passed + patience.left().as_secs_f64());
            }
            patience.came(bytes, wait);
            passed += wait.as_secs_f64();
        }
        None
    }

    #[test]
    fn a_byte_a_second_is_too_slow() {
        let after = given_up(std::iter::repeat_n((1, 1.0), 100)).unwrap();
        assert!((10.0..11.0).contains(&after), "{after}");
    }

    #[test]
    fn a_slow_line_with_gaps_is_waited_for() {
        let line = [
            (1_500, 0.5),
            (1_500, 0.7),
            (1_500, 8.0),
            (1_500, 0.5),
            (12_000, 0.1),
        ];
        assert_eq!(given_up(line.into_iter().cycle().take(1_000)), None);
    }

    #[test]
    fn a_burst_earns_no_longer_pause() {
        assert_eq!(given_up([(1 << 23, 0.0), (1, 10.5)].into_iter()), Some(10.0));
    }
}
