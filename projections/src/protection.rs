//! What is published of counts, so that nobody can tell from them who is in them: the cell-key method.
//!
//! The method is that of the European census (Eurostat, "Guidelines for statistical disclosure control methods applied on
//! geo-referenced data" and "Methods for protecting census 2021 data"; first by the Australian Bureau of Statistics). Each person has a
//! *record key*, a number that only the installation's secret tells. The sum of the record keys of those who are counted is
//! the *cell key*: it is as good as random, and always the same for the same people. Count and cell key draw a noise from the
//! *perturbation table*. So the same people are always told alike, whatever question leads to them, and a count that
//! differs by one person has another noise.
//!
//! The noise of each count is unbiased, at most [`FARTHEST`] and of variance [`VARIANCE`]; zero stays zero; what comes to lie between 1 and
//! [`WITHHELD`] is not told. Within these the table has the greatest entropy: nothing else is known of it. **What
//! remains possible**: whoever asks for many counts that differ by the same person, each time in other company, has as many
//! draws of the noise, and their mean has a variance of 2 · [`VARIANCE`] / draws, as any method has that answers every question; it has no less (`tests`).

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use std::sync::LazyLock;
use uuid::Uuid;

/// The greatest noise.
const FARTHEST: i64 = 5;
/// Its variance: a count is off by 1.4 in the mean.
const VARIANCE: f64 = 3.0;
/// Up to this number nothing is told but that it is not zero.
pub(crate) const WITHHELD: i64 = 4;

/// The secret from which record keys follow. Whoever has it can take the noise off; with another one the same counts are
/// told with another noise, which together tell more than either.
#[derive(Clone)]
pub struct RecordKeys(Hmac<Sha256>);

impl RecordKeys {
    /// Record keys of this secret.
    pub fn new(secret: &[u8; 32]) -> RecordKeys {
        RecordKeys(Hmac::new_from_slice(secret).expect("HMAC takes keys of any length"))
    }

    /// The record key of whoever is on this parcours, in 2^32 parts of 1.
    pub(crate) fn of(&self, parcours: Uuid) -> u32 {
        let mut mac = self.0.clone();
        mac.update(parcours.as_bytes());
        let bytes = mac.finalize().into_bytes();
        u32::from_be_bytes(bytes[..4].try_into().expect("a digest is longer"))
    }
}

impl fmt::Debug for RecordKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordKeys")
    }
}

/// A number of people, and the sum of their record keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub count: i64,
    pub key: u32,
}

impl Cell {
    /// Somebody more.
    pub fn add_one(&mut self, key: u32) {
        self.add(Cell { count: 1, key });
    }

    /// Others, too.
    pub fn add(&mut self, other: Cell) {
        self.count += other.count;
        self.key = self.key.wrapping_add(other.key);
    }

    /// Without these, who are among them.
    pub fn less(self, other: Cell) -> Cell {
        Cell {
            count: self.count - other.count,
            key: self.key.wrapping_sub(other.key),
        }
    }

    /// The count as it is told, protected or not; none where it is withheld.
    pub fn told(self, protected: bool) -> Option<i64> {
        match self.protected() {
            _ if !protected => Some(self.count),
            Published::Told(count) => Some(count),
            Published::Withheld => None,
        }
    }

    /// The count as it is published.
    fn protected(self) -> Published {
        match self.count + noise(self.count, self.key) {
            0 => Published::Told(0),
            1..=WITHHELD => Published::Withheld,
            count => Published::Told(count),
        }
    }
}

/// What is published of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Published {
    Told(i64),
    /// It is one of 1 to [`WITHHELD`].
    Withheld,
}

fn noise(count: i64, key: u32) -> i64 {
    // A balance of more who left than started, which no history has, is told as nobody.
    let row = match usize::try_from(count) {
        Ok(0) | Err(_) => return -count,
        Ok(count) => &TABLE[count.min(TABLE.len()) - 1],
    };
    let drawn = f64::from(key) / 2_f64.powi(32);
    let least = -count.min(FARTHEST);
    let place = row.iter().position(|up_to| drawn < *up_to);
    least + place.map_or(FARTHEST - least, |place| i64::try_from(place).unwrap_or(FARTHEST))
}

/// Of the counts from 1 to [`FARTHEST`], which stands for all that are greater, how probable it is that the noise is the least
/// one or up to so much more.
static TABLE: LazyLock<Vec<Vec<f64>>> = LazyLock::new(|| {
    let rows = (1..=FARTHEST).map(|count| {
        let mut sum = 0.0;
        let row = widest(-count);
        row.into_iter()
            .map(|probability| {
                sum += probability;
                sum
            })
            .collect()
    });
    rows.collect()
});

/// The distribution of greatest entropy from `least` to [`FARTHEST`] with the mean 0 and the variance [`VARIANCE`]. It has the
/// form exp(a·n + b·n²); for each b there is one a with that mean, and the variance grows with b.
fn widest(least: i64) -> Vec<f64> {
    let distribution = |b: f64| {
        let of = |a: f64| {
            let weigh = |noise: f64| (a * noise + b * noise * noise).exp();
            let weights: Vec<f64> = noises(least).map(weigh).collect();
            let sum: f64 = weights.iter().sum();
            weights
                .into_iter()
                .map(|weight| weight / sum)
                .collect::<Vec<f64>>()
        };
        of(halve(-30.0, 30.0, |a| moment(&of(a), least, 1) < 0.0))
    };
    distribution(halve(-5.0, 5.0, |b| {
        moment(&distribution(b), least, 2) < VARIANCE
    }))
}

fn noises(least: i64) -> impl Iterator<Item = f64> {
    #[expect(clippy::cast_precision_loss, reason = "they are a handful")]
    (least..=FARTHEST).map(|noise| noise as f64)
}

fn moment(distribution: &[f64], least: i64, power: i32) -> f64 {
    let terms = noises(least).zip(distribution);
    terms
        .map(|(noise, probability)| noise.powi(power) * probability)
        .sum()
}

/// Where what is too little ceases to be so.
fn halve(mut low: f64, mut high: f64, is_too_little: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if is_too_little(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys spread evenly over all that there are.
    fn keys(count: u32) -> impl Iterator<Item = u32> {
        (0..count).map(move |place| place * (u32::MAX / count) + u32::MAX / count / 2)
    }

    #[test]
    fn the_noise_of_every_count_is_unbiased_of_the_variance_and_never_leads_below_zero() {
        const DRAWS: u32 = 100_000;
        for count in [1, 2, 3, 4, 5, 6, 50, 100_000] {
            let drawn: Vec<i64> = keys(DRAWS).map(|key| noise(count, key)).collect();
            assert!(
                drawn
                    .iter()
                    .all(|noise| (-count.min(FARTHEST)..=FARTHEST).contains(noise))
            );
            let mean = |power: i32| {
                drawn.iter().map(|noise| (*noise as f64).powi(power)).sum::<f64>() / f64::from(DRAWS)
            };
            assert!(mean(1).abs() < 0.01, "{count}: {}", mean(1));
            assert!((mean(2) - VARIANCE).abs() < 0.01, "{count}: {}", mean(2));
        }
    }

    #[test]
    fn zero_stays_zero_and_nothing_between_one_and_four_is_told() {
        for key in keys(1_000) {
            assert_eq!(Cell { count: 0, key }.protected(), Published::Told(0));
            for count in 1..12 {
                let told = Cell { count, key }.protected();
                assert!(!matches!(told, Published::Told(1..=4)), "{count}: {told:?}");
            }
        }
    }

    #[test]
    fn the_same_people_are_told_alike_in_whatever_order_they_come() {
        let secret = RecordKeys::new(&[7; 32]);
        let people: Vec<u32> = (0..40).map(|person| secret.of(Uuid::from_u128(person))).collect();
        let sum = |people: &mut dyn Iterator<Item = &u32>| {
            let mut cell = Cell::default();
            people.for_each(|key| cell.add_one(*key));
            cell
        };
        let (all, first) = (sum(&mut people.iter()), sum(&mut people[..25].iter()));
        assert_eq!(sum(&mut people.iter().rev()), all);
        assert_eq!(all.less(first), sum(&mut people[25..].iter()));
        assert_ne!(RecordKeys::new(&[8; 32]).of(Uuid::from_u128(1)), people[1]);
    }

    /// An attack: of `draws` groups of others, each is asked for with and without one person, and what the differences
    /// say in the mean is taken for the number of persons, 1. Answers how far off that is, squared, in the mean of many secrets.
    fn error_of_subtraction(draws: u128) -> f64 {
        const SECRETS: u8 = 200;
        let errors = (0..SECRETS).map(|secret| {
            let secret = RecordKeys::new(&[secret; 32]);
            let person = secret.of(Uuid::from_u128(u128::MAX));
            let differences = (0..draws).map(|draw| {
                let mut others = Cell::default();
                (0..20).for_each(|other| others.add_one(secret.of(Uuid::from_u128(draw * 100 + other))));
                let mut with = others;
                with.add_one(person);
                match (with.protected(), others.protected()) {
                    (Published::Told(with), Published::Told(without)) => (with - without) as f64,
                    _ => panic!("groups of 20 are told"),
                }
            });
            let error = differences.sum::<f64>() / draws as f64 - 1.0;
            error * error
        });
        errors.sum::<f64>() / f64::from(SECRETS)
    }

    #[test]
    fn subtraction_tells_no_more_of_a_person_than_the_noise_of_independent_answers_lets_through() {
        for draws in [1, 4, 16, 64] {
            let bound = 2.0 * VARIANCE / draws as f64;
            let error = error_of_subtraction(draws);
            assert!(
                (0.7..1.4).contains(&(error / bound)),
                "{draws}: {error} of {bound}"
            );
        }
    }
}
