//! What one build showed at one size of the log, and the figures that the readings of all make together.

use super::figure::{Figure, Goal};
use parcours_log::Location;

/// Readings by their names, in the order in which they were taken.
#[derive(Default)]
pub struct Readings(Vec<Reading>);

struct Reading {
    name: &'static str,
    value: f64,
    unit: &'static str,
    raw: Option<f64>,
}

impl Readings {
    /// Takes one.
    pub fn take(&mut self, name: &'static str, value: f64, unit: &'static str) {
        self.take_beside(name, value, unit, None);
    }

    /// Takes one beside its raw limit.
    pub fn take_beside(&mut self, name: &'static str, value: f64, unit: &'static str, raw: Option<f64>) {
        self.0.push(Reading {
            name,
            value,
            unit,
            raw,
        });
    }

    /// Tells the raw limit of one, where it was taken.
    pub fn set_raw(&mut self, name: &str, raw: f64) {
        if let Some(reading) = self.0.iter_mut().find(|reading| reading.name == name) {
            reading.raw = Some(raw);
        }
    }

    /// One by its name.
    pub fn value(&self, name: &str) -> Option<f64> {
        let mut found = self.0.iter().filter(|reading| reading.name == name);
        found.next().map(|reading| reading.value)
    }

    /// The figures: these readings, of a log of so many events where that is told, beside those of the first events and of
    /// the other build.
    pub fn figures(
        &self,
        events: Option<u64>,
        first: Option<&Readings>,
        other: Option<&Readings>,
        goals: impl Fn(&str) -> Vec<Goal>,
    ) -> Vec<Figure> {
        let of = |readings: Option<&Readings>, name| readings.and_then(|readings| readings.value(name));
        let figure = |reading: &Reading| {
            let mut figure = Figure::new(reading.name, reading.value, reading.unit)
                .beside(reading.raw)
                .since(of(first, reading.name))
                .other(of(other, reading.name));
            figure.events = events;
            goals(reading.name).into_iter().fold(figure, Figure::goal)
        };
        self.0.iter().map(figure).collect()
    }
}

/// What the readings of a growing log should reach on a database (issue: "Speed and memory, at ten million and beyond").
pub fn goals(place: &Location, name: &str) -> Vec<Goal> {
    let sqlite = matches!(place, Location::Sqlite(_));
    match name {
        "import" => vec![
            Goal::AtLeast(25_000.0),
            Goal::GrowthAtLeast(0.9),
            Goal::OtherAtLeast(1.5),
        ],
        "import-views-behind" => vec![Goal::Below(60.0)],
        "import-memory" | "rebuild-memory" => vec![Goal::Below(280.0), Goal::GrowthAtMost(1.1)],
        "import-log-wal" | "import-views-wal" => vec![Goal::Below(128.0)],
        // Pages that happen to be free differ from run to run.
        "disk-log" | "disk-views" => vec![Goal::OtherAtMost(1.01)],
        "start" => vec![Goal::Below(1.0)],
        "callers-64" => vec![Goal::OtherAtLeast(1.4)],
        "callers-512-to-64" => vec![Goal::OtherAtLeast(2.0)],
        "rebuild" => {
            let least = if sqlite { 250_000.0 } else { 120_000.0 };
            vec![Goal::AtLeast(least), Goal::GrowthAtLeast(0.9)]
        }
        _ => Vec::new(),
    }
}
