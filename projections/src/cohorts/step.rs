//! The steps of a parcours that are counted, and the times between them.

use schemars::JsonSchema;
use serde::Serialize;

/// A step of a parcours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CohortStep")]
pub enum Step {
    /// Oriented to the programme.
    Oriented,
    /// Found eligible, for the first time.
    Eligible,
    /// Taken in by an operator, for the first time.
    Admitted,
    /// The training began.
    Started,
    /// The bilan was completed.
    Bilan,
    /// The first immersion began.
    Immersion,
    /// A full certification was obtained, from the start to six months after the exit.
    Certified,
    /// The parcours ended.
    Exited,
    /// Employed, or a business created or taken over, from the start to six months after an exit that is not neutral.
    Working,
}

impl Step {
    /// Every step, in the order of a parcours.
    pub const ALL: [Step; 9] = [
        Step::Oriented,
        Step::Eligible,
        Step::Admitted,
        Step::Started,
        Step::Bilan,
        Step::Immersion,
        Step::Certified,
        Step::Exited,
        Step::Working,
    ];

    /// Its place among them.
    pub fn place(self) -> usize {
        self as usize
    }
}

/// The stretches of a parcours that are measured: from each step to the next, and two that hold several.
pub(super) const SPANS: [[Step; 2]; 10] = [
    [Step::Oriented, Step::Eligible],
    [Step::Eligible, Step::Admitted],
    [Step::Admitted, Step::Started],
    [Step::Started, Step::Bilan],
    [Step::Bilan, Step::Immersion],
    [Step::Immersion, Step::Certified],
    [Step::Certified, Step::Exited],
    [Step::Exited, Step::Working],
    [Step::Oriented, Step::Started],
    [Step::Started, Step::Exited],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_measured_to_the_next() {
        let places: Vec<usize> = Step::ALL.iter().map(|step| step.place()).collect();
        assert_eq!(places, Vec::from_iter(0..Step::ALL.len()));
        for (one, next) in Step::ALL.iter().zip(&Step::ALL[1..]) {
            assert!(SPANS.contains(&[*one, *next]), "{one:?}");
        }
    }
}
