//! One figure of the table, and what it should reach.

use serde::Serialize;

/// Something measured, beside what the engine does at best.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What it is.
    pub name: String,
    /// How much.
    pub measured: f64,
    /// Of what.
    pub unit: &'static str,
    /// What the same engine does on the same rows without the service, in the same unit.
    pub raw: Option<f64>,
    /// `measured` over `raw`.
    pub ratio: Option<f64>,
    /// What is to be reached.
    pub goal: Option<Goal>,
    /// Whether it is.
    pub met: Option<bool>,
}

/// What a figure should reach.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// In its unit.
    AtLeast(f64),
    /// In its unit.
    Below(f64),
    /// The ratio to the raw limit.
    RatioAtLeast(f64),
    /// The ratio to the raw limit.
    RatioAtMost(f64),
}

impl Figure {
    /// A figure alone.
    pub fn new(name: impl Into<String>, measured: f64, unit: &'static str) -> Self {
        Self {
            name: name.into(),
            measured,
            unit,
            raw: None,
            ratio: None,
            goal: None,
            met: None,
        }
    }

    /// Beside the raw limit, where it was measured.
    pub fn beside(mut self, raw: Option<f64>) -> Self {
        self.raw = raw;
        self.ratio = raw.map(|raw| self.measured / raw);
        self
    }

    /// With what it should reach; to be said after [`beside`](Self::beside).
    pub fn goal(mut self, goal: Goal) -> Self {
        self.goal = Some(goal);
        self.met = match goal {
            Goal::AtLeast(least) => Some(self.measured >= least),
            Goal::Below(limit) => Some(self.measured < limit),
            Goal::RatioAtLeast(least) => self.ratio.map(|ratio| ratio >= least),
            Goal::RatioAtMost(most) => self.ratio.map(|ratio| ratio <= most),
        };
        self
    }
}

/// The middle of what was measured several times; 0 of nothing.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[odd / 2],
        even => f64::midpoint(values[even / 2 - 1], values[even / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_met_by_the_figure_or_by_its_ratio() {
        let figure = || Figure::new("x", 50.0, "y").beside(Some(100.0));
        for (goal, met) in [
            (Goal::AtLeast(50.0), true),
            (Goal::AtLeast(51.0), false),
            (Goal::Below(50.0), false),
            (Goal::RatioAtLeast(0.4), true),
            (Goal::RatioAtMost(0.4), false),
        ] {
            assert_eq!(figure().goal(goal).met, Some(met), "{goal:?}");
        }
        let alone = Figure::new("x", 50.0, "y")
            .beside(None)
            .goal(Goal::RatioAtLeast(0.4));
        assert_eq!(alone.met, None, "without a raw limit there is no ratio");
    }

    #[test]
    fn the_median_is_the_middle_or_between_the_two() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
