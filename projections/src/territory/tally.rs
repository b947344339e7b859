//! Adding people up.

use super::By;
use super::figures::{Count, Figures, last_matured};
use super::held::Parcours;
use super::stretch::Stretches;
use crate::memory::Held;
use chrono::NaiveDate;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use parcours_model::geography::Territory;
use std::collections::BTreeMap;

/// Who is added up, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    pub territory: Territory,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// As of which day.
    pub as_of: NaiveDate,
    /// Of how many entries of the log.
    pub size: u64,
    /// Whether counts are told with a noise.
    pub protected: bool,
}

/// Sums over the people of a territory, by stretch of time and by up to two traits.
pub(super) struct Tally<'a> {
    held: &'a Held<Parcours>,
    traits: Vec<By>,
    pub stretches: Stretches,
    last_matured: i64,
    protected: bool,
    whole: Counts,
    unknown: Counts,
    parts: HashMap<[u32; 2], Counts>,
}

/// Of each stretch, after what was before them all.
#[derive(Clone, Debug)]
struct Counts(Vec<Count>);

impl<'a> Tally<'a> {
    /// Adds up, broken down by these. Complexity: the rows that the log had by then.
    pub fn new(held: &'a Held<Parcours>, scope: Scope, by: &[By]) -> Self {
        let time = by.iter().copied().find(|by| by.is_of_time());
        let stretches = Stretches::new(time, scope.from, scope.to, scope.as_of);
        let none = Counts(vec![Count::default(); stretches.count() + 1]);
        let mut tally = Tally {
            held,
            traits: by.iter().copied().filter(|by| !by.is_of_time()).collect(),
            stretches,
            last_matured: last_matured(scope.as_of),
            protected: scope.protected,
            whole: none.clone(),
            unknown: none,
            parts: HashMap::new(),
        };
        let within = held.texts.places.within(scope.territory);
        for row in held.as_of(scope.size) {
            if row.is_nowhere() {
                tally.unknown.add(row, &tally.stretches, tally.last_matured);
            } else if within[row.place()] {
                tally.add(row);
            }
        }
        tally
    }

    fn add(&mut self, row: &Parcours) {
        self.whole.add(row, &self.stretches, self.last_matured);
        if self.traits.is_empty() {
            return;
        }
        let part = |place: usize| self.traits.get(place).map_or(0, |by| self.held.part(*by, row));
        let none = || Counts(vec![Count::default(); self.stretches.count() + 1]);
        let counts = self.parts.entry([part(0), part(1)]).or_insert_with(none);
        counts.add(row, &self.stretches, self.last_matured);
    }

    /// The figures of all.
    pub fn whole(&self) -> Figures {
        self.whole.figures(self.protected)
    }

    /// Those of people whose commune is not known.
    pub fn unknown(&self) -> Figures {
        self.unknown.figures(self.protected)
    }

    /// The figures of each stretch.
    pub fn whole_by_stretch(&self) -> Vec<Figures> {
        self.whole.by_stretch(self.protected)
    }

    /// The figures of each part: its keys, those of the whole period, and those of each stretch. A part that nobody is in
    /// during the period is left out.
    pub fn parts(&self) -> Vec<([&str; 2], Figures, Vec<Figures>)> {
        let key = |place: usize, part: u32| self.traits.get(place).map_or("", |by| self.held.key(*by, part));
        let parts = self.parts.iter().map(|([first, second], counts)| {
            (
                [key(0, *first), key(1, *second)],
                counts.figures(self.protected),
                counts.by_stretch(self.protected),
            )
        });
        let mut parts: Vec<_> = parts.filter(|(_, figures, _)| figures.of_anybody()).collect();
        parts.sort_by_key(|(keys, ..)| *keys);
        parts
    }

    /// The figures of the parts by the first trait alone, by their keys.
    pub fn firsts(&self) -> BTreeMap<String, Figures> {
        let mut sums: HashMap<u32, Counts> = HashMap::new();
        for ([first, _], counts) in &self.parts {
            match sums.entry(*first) {
                Entry::Vacant(vacant) => drop(vacant.insert(counts.clone())),
                Entry::Occupied(mut sum) => sum.get_mut().join(counts),
            }
        }
        let key = |first: u32| self.traits.first().map_or("", |by| self.held.key(*by, first));
        let told = sums.into_iter();
        let told = told.map(|(first, counts)| (key(first).to_owned(), counts.figures(self.protected)));
        told.filter(|(_, figures)| figures.of_anybody()).collect()
    }
}

impl Counts {
    fn join(&mut self, other: &Counts) {
        for (sum, count) in self.0.iter_mut().zip(&other.0) {
            sum.add(count);
        }
    }

    fn add(&mut self, row: &Parcours, stretches: &Stretches, last_matured: i64) {
        let Some(started) = stretches.find(row.start.into()) else {
            return;
        };
        self.0[started].start(row.key, row.low_qualification);
        if let Some(day) = row.exit.map(i64::from)
            && let Some(left) = stretches.find(day)
        {
            self.0[left].leave(row.key, row.neutral, row.obtained, day <= last_matured);
        }
    }

    fn figures(&self, protected: bool) -> Figures {
        let mut sum = Count::default();
        for count in &self.0[1..] {
            sum.add(count);
        }
        let mut in_progress = self.0[0].balance();
        in_progress.add(sum.balance());
        sum.figures(in_progress, protected)
    }

    fn by_stretch(&self, protected: bool) -> Vec<Figures> {
        let mut in_progress = self.0[0].balance();
        let told = self.0[1..].iter().map(|count| {
            in_progress.add(count.balance());
            count.figures(in_progress, protected)
        });
        told.collect()
    }
}
