//! Chance that can be repeated.

use std::env;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// So many rounds, times `PARCOURS_CRASH_TIMES`: a drill asks for more than a run of the tests has time for.
pub fn rounds(usual: u32) -> u32 {
    let times = env::var("PARCOURS_CRASH_TIMES").ok();
    let times = times.map(|times| times.parse().expect("PARCOURS_CRASH_TIMES is a number"));
    usual * times.unwrap_or(1)
}

/// Numbers that follow from a seed (SplitMix64, Steele, Lea and Flood 2014).
#[derive(Debug)]
pub struct Chance(u64);

impl Chance {
    /// Seeded by `PARCOURS_CRASH_SEED`, else by the clock. Says its seed, which the report of a failed test repeats.
    pub fn logged() -> Chance {
        let told = env::var("PARCOURS_CRASH_SEED")
            .ok()
            .map(|seed| seed.parse().expect("PARCOURS_CRASH_SEED is a number"));
        let seed = told.unwrap_or_else(|| {
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .expect("it is later than 1970");
            now.as_secs()
        });
        println!("the kills of this run again: PARCOURS_CRASH_SEED={seed}");
        Chance(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A moment before `limit`.
    pub fn before(&mut self, limit: Duration) -> Duration {
        let nanoseconds = u64::try_from(limit.as_nanos()).expect("the limit is short");
        Duration::from_nanos(self.next() % nanoseconds.max(1))
    }
}
