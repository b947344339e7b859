//! Chance that falls the same everywhere: numbers from the ChaCha8 stream cipher, whose output is fixed by its
//! specification, shaped by integer arithmetic alone.

use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use chrono::{DateTime, Utc};
use uuid::{Builder, Uuid};

/// A source of chance. Those of one seed and different threads are independent of each other.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub fn new(seed: u64, thread: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut numbers = ChaCha8Rng::from_seed(key);
        numbers.set_stream(thread);
        Self(numbers)
    }

    /// Another source, for what is decided apart from the rest.
    pub fn fork(&mut self) -> Self {
        let mut key = [0; 32];
        self.0.fill_bytes(&mut key);
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number from 0 to `bound` − 1. The bias of the multiplication is below 2⁻⁴⁰ for the bounds used here.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// A number from `low` to `high`, both included; `low` if they cross.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(high.saturating_sub(low).max(0) as u64 + 1) as i64
    }

    /// True in `share` of the cases.
    pub fn chance(&mut self, share: f64) -> bool {
        // 53 bits: what a double holds exactly.
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64) < share
    }

    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        &among[self.below(among.len() as u64) as usize]
    }

    /// One of the choices, each as often as its weight says.
    pub fn weighted<T: Copy>(&mut self, choices: &[(u32, T)]) -> T {
        let total: u32 = choices.iter().map(|(weight, _)| weight).sum();
        let mut left = self.below(total.into()) as u32;
        for (weight, choice) in choices {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return *choice,
            }
        }
        unreachable!("what is drawn is below the sum of the weights")
    }

    /// From `low` to `high` different elements, in the order in which they stand.
    pub fn several<T: Copy>(&mut self, among: &[T], low: usize, high: usize) -> Vec<T> {
        let mut wanted = (self.between(low as i64, high as i64) as usize).min(among.len());
        let mut chosen = Vec::with_capacity(wanted);
        for (index, element) in among.iter().enumerate() {
            if (self.below((among.len() - index) as u64) as usize) < wanted {
                wanted -= 1;
                chosen.push(*element);
            }
        }
        chosen
    }

    /// A UUIDv7 of that instant: names of the same time stand together in an index.
    pub fn uuid(&mut self, at: DateTime<Utc>) -> Uuid {
        let mut bytes = [0; 10];
        self.0.fill_bytes(&mut bytes);
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }
}

/// Says yes to a given share of the questions, evenly: never more than one answer away from the share.
/// Free chance would miss the wanted rate by a point or two among a thousand people.
pub(super) struct Quota {
    share: f64,
    due: f64,
}

impl Quota {
    pub fn new(share: f64) -> Self {
        Self { share, due: 0.5 }
    }

    pub fn draw(&mut self) -> bool {
        self.due += self.share;
        let yes = self.due >= 1.0;
        if yes {
            self.due -= 1.0;
        }
        yes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_a_seed_are_known_for_ever() {
        let mut dice = Dice::new(1, 2);
        let drawn: Vec<_> = (0..4).map(|_| dice.below(1_000_000)).collect();
        assert_eq!(drawn, KNOWN);
        assert_ne!(Dice::new(1, 3).below(1_000_000), KNOWN[0]);
    }

    /// Computed apart from this program, from the specification of ChaCha with 8 rounds.
    const KNOWN: [u64; 4] = [376157, 109845, 406452, 261846];

    #[test]
    fn weights_are_followed() {
        let mut dice = Dice::new(1, 0);
        let heads = (0..10_000)
            .filter(|_| dice.weighted(&[(3, true), (1, false)]))
            .count();
        assert!((7_300..7_700).contains(&heads), "{heads}");
    }

    #[test]
    fn several_are_different_and_as_many_as_asked() {
        let mut dice = Dice::new(1, 0);
        for _ in 0..1_000 {
            let chosen = dice.several(&[1, 2, 3, 4, 5], 2, 4);
            assert!(
                (2..=4).contains(&chosen.len()) && chosen.is_sorted_by(|a, b| a < b),
                "{chosen:?}"
            );
        }
    }

    #[test]
    fn a_quota_never_strays_from_its_share() {
        let mut quota = Quota::new(0.72);
        let mut yes = 0;
        for asked in 1..=1_000 {
            yes += i32::from(quota.draw());
            assert!((f64::from(yes) - 0.72 * f64::from(asked)).abs() <= 1.0);
        }
    }
}
