//! One figure of the table, and what it should reach.

use serde::Serialize;

/// Something measured, beside what the engine does at best, what it was at first, and what another build does.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What it is.
    pub name: String,
    /// How many events the log held, where that is told.
    pub events: Option<u64>,
    /// How much.
    pub measured: f64,
    /// Of what.
    pub unit: &'static str,
    /// What the same engine does on the same rows without the service, or the service without what is measured, in the
    /// same unit.
    pub raw: Option<f64>,
    /// `measured` over `raw`.
    pub ratio: Option<f64>,
    /// The same when the log held its first events, usually a million.
    pub first: Option<f64>,
    /// `measured` over `first`.
    pub growth: Option<f64>,
    /// The same by the other build, in turn in the same run.
    pub other: Option<f64>,
    /// `measured` over `other`.
    pub to_other: Option<f64>,
    /// What is to be reached.
    pub goals: Vec<Goal>,
    /// Whether all of it is, as far as there is something to compare with.
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
    /// The ratio to the first events.
    GrowthAtLeast(f64),
    /// The ratio to the first events.
    GrowthAtMost(f64),
    /// The ratio to the other build.
    OtherAtLeast(f64),
    /// The ratio to the other build.
    OtherAtMost(f64),
}

impl Figure {
    /// A figure alone.
    pub fn new(name: impl Into<String>, measured: f64, unit: &'static str) -> Self {
        Self {
            name: name.into(),
            events: None,
            measured,
            unit,
            raw: None,
            ratio: None,
            first: None,
            growth: None,
            other: None,
            to_other: None,
            goals: Vec::new(),
            met: None,
        }
    }

    /// Of a log of so many events.
    pub fn at(mut self, events: u64) -> Self {
        self.events = Some(events);
        self
    }

    /// Beside the raw limit, where it was measured.
    pub fn beside(mut self, raw: Option<f64>) -> Self {
        self.raw = raw;
        self.ratio = raw.map(|raw| self.measured / raw);
        self.judged()
    }

    /// Beside the first events, where these are not they.
    pub fn since(mut self, first: Option<f64>) -> Self {
        self.first = first;
        self.growth = first.map(|first| self.measured / first);
        self.judged()
    }

    /// Beside the other build, where there is one that came as far.
    pub fn other(mut self, other: Option<f64>) -> Self {
        self.other = other;
        self.to_other = other.map(|other| self.measured / other);
        self.judged()
    }

    /// With what it should reach, too.
    pub fn goal(mut self, goal: Goal) -> Self {
        self.goals.push(goal);
        self.judged()
    }

    fn judged(mut self) -> Self {
        let judged = self.goals.iter().filter_map(|goal| match *goal {
            Goal::AtLeast(least) => Some(self.measured >= least),
            Goal::Below(limit) => Some(self.measured < limit),
            Goal::RatioAtLeast(least) => self.ratio.map(|ratio| ratio >= least),
            Goal::RatioAtMost(most) => self.ratio.map(|ratio| ratio <= most),
            Goal::GrowthAtLeast(least) => self.growth.map(|growth| growth >= least),
            Goal::GrowthAtMost(most) => self.growth.map(|growth| growth <= most),
            Goal::OtherAtLeast(least) => self.to_other.map(|ratio| ratio >= least),
            Goal::OtherAtMost(most) => self.to_other.map(|ratio| ratio <= most),
        });
        self.met = judged.reduce(|all, one| all && one);
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
    fn of_several_goals_all_that_can_be_judged_must_be_met() {
        let figure = |first| {
            Figure::new("x", 50.0, "y")
                .goal(Goal::Below(60.0))
                .goal(Goal::GrowthAtMost(1.1))
                .goal(Goal::OtherAtLeast(2.0))
                .since(first)
        };
        assert_eq!(figure(None).met, Some(true));
        assert_eq!(figure(Some(49.0)).met, Some(true));
        assert_eq!(figure(Some(40.0)).met, Some(false), "it has grown");
        assert_eq!(figure(None).other(Some(40.0)).met, Some(false));
    }

    #[test]
    fn the_median_is_the_middle_or_between_the_two() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
