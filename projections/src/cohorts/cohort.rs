//! What became of the people of a cohort.

use super::held::Member;
use super::quartiles::quartiles;
use super::standing::REASONS;
use super::step::{SPANS, Step};
use crate::protection::{Cell, WITHHELD};
use parcours_model::streams::parcours::ExitReason;
use schemars::JsonSchema;
use serde::Serialize;

/// What became of people who came together. Where figures are protected, each count is told with a noise of its own, and is
/// null where it would be from 1 to 4.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Cohort {
    /// How many reached each step by the moment of the question.
    pub funnel: Funnel,
    /// The times between steps.
    pub times: Vec<Time>,
    /// Why people left, in the order of the vocabulary; a reason that nobody has is left out.
    pub reasons: Vec<Reason>,
    /// Something is withheld, since it is of few people: it is null. Left out where nothing is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub withheld: bool,
}

/// How many reached each step, whichever others they reached; every count is a number of parcours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "CohortFunnel")]
pub struct Funnel {
    /// Oriented to the programme.
    pub oriented: Option<i64>,
    /// Found eligible, at least once.
    pub eligible: Option<i64>,
    /// Taken in by an operator.
    pub admitted: Option<i64>,
    /// The training began.
    pub started: Option<i64>,
    /// The bilan is completed.
    pub bilan: Option<i64>,
    /// An immersion began.
    pub immersion: Option<i64>,
    /// A full certification obtained, from the start to six months after the exit.
    pub certified: Option<i64>,
    /// The parcours ended, for whatever reason.
    pub exited: Option<i64>,
    /// Of these, not for a neutral reason and six months ago or more: of them alone is it known whether they work.
    pub matured: Option<i64>,
    /// Employed, or a business created or taken over, from the start to six months after an exit that is not neutral.
    pub working: Option<i64>,
}

/// The days from a step to another, of those who reached both. Negative where the one came after the other.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "CohortTime")]
pub struct Time {
    /// From this step,
    pub from: Step,
    /// to this one.
    pub to: Step,
    /// How many reached both.
    pub count: Option<i64>,
    /// A quarter of them took at most so many days (quantiles of type 7 of Hyndman and Fan). Where figures are protected,
    /// null of fewer than 5.
    pub lower_quartile: Option<f64>,
    /// Half of them.
    pub median: Option<f64>,
    /// Three quarters of them.
    pub upper_quartile: Option<f64>,
}

/// How many left for a reason.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "CohortReason")]
pub struct Reason {
    /// Why.
    pub reason: ExitReason,
    /// How many.
    pub count: Option<i64>,
}

/// Until when something has happened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Until {
    pub last: i32,
    /// The last day of an exit that is matured.
    pub matured: i64,
}

/// Sums over people.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    steps: [Cell; Step::ALL.len()],
    matured: Cell,
    reasons: [Cell; REASONS.len()],
    spans: [Span; SPANS.len()],
}

#[derive(Clone, Debug, Default)]
struct Span {
    cell: Cell,
    days: Vec<i32>,
}

impl Sums {
    /// Somebody more.
    pub fn add(&mut self, member: &Member, until: Until) {
        let reached = Step::ALL.map(|step| member.reached(step, until.last));
        for (cell, _) in self
            .steps
            .iter_mut()
            .zip(reached)
            .filter(|(_, day)| day.is_some())
        {
            cell.add_one(member.key);
        }
        for (span, [from, to]) in self.spans.iter_mut().zip(SPANS) {
            if let (Some(from), Some(to)) = (reached[from.place()], reached[to.place()]) {
                span.cell.add_one(member.key);
                span.days.push(to - from);
            }
        }
        let reason = usize::from(member.reason);
        if let (Some(exit), Some((why, _))) = (reached[Step::Exited.place()], REASONS.get(reason)) {
            self.reasons[reason].add_one(member.key);
            if !why.is_neutral() && i64::from(exit) <= until.matured {
                self.matured.add_one(member.key);
            }
        }
    }

    /// What is told of them.
    pub fn cohort(mut self, protected: bool) -> Cohort {
        let withheld = std::cell::Cell::new(false);
        let told = |cell: Cell| {
            let told = cell.told(protected);
            withheld.set(withheld.get() || told.is_none());
            told
        };
        let [
            oriented,
            eligible,
            admitted,
            started,
            bilan,
            immersion,
            certified,
            exited,
            working,
        ] = self.steps.map(told);
        let funnel = Funnel {
            oriented,
            eligible,
            admitted,
            started,
            bilan,
            immersion,
            certified,
            exited,
            matured: told(self.matured),
            working,
        };
        let reasons = self.reasons.into_iter().zip(REASONS);
        let reasons = reasons.map(|(cell, (reason, _))| Reason {
            reason,
            count: told(cell),
        });
        let reasons = reasons.filter(|reason| reason.count != Some(0)).collect();
        let times = self.spans.iter_mut().zip(SPANS).map(|(span, [from, to])| {
            let count = told(span.cell);
            // Neither the people nor what is told of their number may be few: a noise can make many of few.
            let few = span.cell.count <= WITHHELD || count.is_none_or(|count| count <= WITHHELD);
            let quartiles = match protected && few {
                true => {
                    withheld.set(withheld.get() || count != Some(0));
                    None
                }
                false => quartiles(&mut span.days),
            };
            let quartile = |place: usize| quartiles.map(|quartiles| quartiles[place]);
            Time {
                from,
                to,
                count,
                lower_quartile: quartile(0),
                median: quartile(1),
                upper_quartile: quartile(2),
            }
        });
        let times = times.collect();
        Cohort {
            funnel,
            times,
            reasons,
            withheld: withheld.get(),
        }
    }
}

impl Cohort {
    /// Whether it is of anybody: what is withheld is not nobody.
    pub(super) fn is_of_anybody(&self) -> bool {
        self.funnel.oriented != Some(0)
    }
}
