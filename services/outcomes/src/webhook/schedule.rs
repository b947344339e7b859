//! When a call that failed is made again.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The pauses between the attempts at one message; after the last attempt it is a dead letter.
///
/// Each is drawn from its length give or take a fifth, so that calls which failed together do not come back together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule(Vec<Duration>);

/// Pauses at most: years of daily attempts at one message would hold up what follows it for nobody's good.
const MOST: usize = 50;
const LONGEST: Duration = Duration::from_secs(7 * 86_400);

impl Default for Schedule {
    /// The example of Standard Webhooks: ten attempts over three days.
    fn default() -> Self {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        let pauses = [
            5,
            5 * MINUTE,
            30 * MINUTE,
            2 * HOUR,
            5 * HOUR,
            10 * HOUR,
            14 * HOUR,
            20 * HOUR,
            24 * HOUR,
        ];
        Self(pauses.map(Duration::from_secs).to_vec())
    }
}

impl Schedule {
    /// The pause after so many attempts have failed; `None` after the last.
    pub(super) fn after(&self, attempts: u32) -> Option<Duration> {
        let index = usize::try_from(attempts.checked_sub(1)?).ok()?;
        let pause = self.0.get(index)?;
        // Without randomness the pause is its length: what is lost is the spread.
        let drawn = getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX));
        Some(pause.mul_f64(0.8 + 0.4 * drawn))
    }

    /// The longest pause.
    pub(super) fn longest(&self) -> Duration {
        self.0.iter().copied().max().unwrap_or_default()
    }
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let pause = |word: &str| match humantime::parse_duration(word.trim()) {
            Ok(pause) if pause <= LONGEST => Ok(pause),
            Ok(_) => Err(format!(
                "{word:?} is longer than {}",
                humantime::format_duration(LONGEST)
            )),
            Err(_) => Err(format!(
                "{word:?} is no length of time: expected a number with its unit, such as 5s, 5m, 2h or 1day, with commas between"
            )),
        };
        let pauses = text.split(',').map(pause).collect::<Result<Vec<_>, _>>()?;
        match pauses.len() {
            ..=MOST => Ok(Self(pauses)),
            more => Err(format!("{more} pauses, where {MOST} are the most")),
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, pause) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            let pause = humantime::format_duration(*pause).to_string().replace(' ', "");
            write!(f, "{separator}{pause}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_attempts_are_made_over_three_days_unless_told_otherwise() {
        let usual = Schedule::default();
        assert_eq!(usual.to_string(), "5s,5m,30m,2h,5h,10h,14h,20h,1day");
        let all: Duration = (1..=9).map(|attempts| usual.after(attempts).unwrap()).sum();
        assert!(
            all > Duration::from_secs(60 * 3_600) && all < Duration::from_secs(91 * 3_600),
            "{all:?}"
        );
        assert_eq!(usual.after(10), None);
        assert_eq!("5s,5m,30m,2h,5h,10h,14h,20h,24h".parse(), Ok(usual));
    }

    #[test]
    fn pauses_are_spread() {
        let schedule: Schedule = "100s".parse().unwrap();
        let drawn: Vec<_> = (0..50)
            .map(|_| schedule.after(1).unwrap().as_secs_f64())
            .collect();
        assert!(
            drawn.iter().all(|pause| (80.0..=120.0).contains(pause)),
            "{drawn:?}"
        );
        assert!(
            drawn.iter().any(|pause| *pause < 98.0) && drawn.iter().any(|pause| *pause > 102.0),
            "{drawn:?}"
        );
    }

    #[test]
    fn what_is_no_schedule_is_said() {
        for (wrong, word) in [
            ("", "length of time"),
            ("5", "5"),
            ("5s,soon", "soon"),
            ("30d", "longer"),
        ] {
            assert!(wrong.parse::<Schedule>().unwrap_err().contains(word), "{wrong}");
        }
        assert!(
            vec!["1s"; 51]
                .join(",")
                .parse::<Schedule>()
                .unwrap_err()
                .contains("51")
        );
    }
}
