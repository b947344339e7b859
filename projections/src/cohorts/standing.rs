//! How far one parcours has come, as known at some moment.

use super::step::Step;
use crate::Value;
use crate::memory::FOR_EVER;
use crate::success::{self, SuccessKind};
use crate::territory::days;
use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::codes::{Commune, Siret};
use parcours_model::streams::parcours::{ExitReason, Fact};
use parcours_model::{Effective, Fact as AnyFact, History, calendar};

/// A parcours whose person was oriented.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Of residence, as it was stated when oriented.
    commune: Commune,
    operator: Option<Siret>,
    /// The day of each step that was reached.
    reached: [Option<NaiveDate>; Step::ALL.len()],
    reason: Option<ExitReason>,
}

impl Standing {
    /// What the history says now; `None` while nobody is oriented: whoever is in no territory is in no cohort.
    pub fn of(history: &History, days: &mut Days) -> Option<Self> {
        let facts: Vec<Effective<'_>> = history.effective().collect();
        let mut commune = None;
        let mut first: [Option<DateTime<Utc>>; Step::ALL.len()] = [None; Step::ALL.len()];
        let mut reason = None;
        let mut has_outcomes = false;
        for fact in &facts {
            let AnyFact::Parcours(told) = fact.fact else {
                continue;
            };
            let step = match told {
                Fact::Oriented(oriented) => {
                    commune = commune.or(Some(oriented.commune));
                    Step::Oriented
                }
                Fact::EligibilityChecked(checked) if checked.eligible => Step::Eligible,
                Fact::Admitted(_) => Step::Admitted,
                Fact::Started(_) => Step::Started,
                Fact::BilanCompleted(_) => Step::Bilan,
                Fact::ImmersionStarted(_) => Step::Immersion,
                Fact::Exited(exited) => {
                    reason = reason.or(Some(exited.reason));
                    Step::Exited
                }
                Fact::CertificationObtained(_) | Fact::EmploymentStarted(_) | Fact::BusinessCreated(_) => {
                    has_outcomes = true;
                    continue;
                }
                _ => continue,
            };
            first[step.place()].get_or_insert(fact.time);
        }
        let mut reached = first.map(|time| time.map(|time| days.of(time)));
        let start = reached[Step::Started.place()];
        let is_neutral = reason.is_none_or(ExitReason::is_neutral);
        let outcomes = if has_outcomes {
            success::list(&facts)
        } else {
            Vec::new()
        };
        for outcome in outcomes {
            let step = match outcome.kind {
                SuccessKind::Certified => Step::Certified,
                SuccessKind::Employed | SuccessKind::Created => Step::Working,
            };
            // While there is no exit, a certification is dated from the start on and may count; work needs an exit.
            let may_count = start.is_some_and(|start| start <= outcome.day) && outcome.counts != Some(false);
            if may_count && (step == Step::Certified || !is_neutral) {
                reached[step.place()].get_or_insert(outcome.day);
            }
        }
        Some(Self {
            commune: commune?,
            operator: success::operator(&facts),
            reached,
            reason,
        })
    }

    /// The columns of a row of `cohorts_parcours` that are not its key.
    pub fn columns(&self, until: Option<u64>) -> Vec<Value> {
        let mut columns = vec![
            Value::Integer(until.map_or(FOR_EVER, u64::cast_signed)),
            Value::from(self.commune.as_str()),
            Value::from(self.operator.map(|operator| operator.to_string())),
            Value::from(self.reason.map(word)),
        ];
        columns.extend(self.reached.map(|day| Value::from(day.map(days))));
        columns
    }
}

/// The days of some instants: turning one into a day of Paris has its cost, and a replay asks for the same ones at each record.
#[derive(Default)]
pub struct Days(Vec<(DateTime<Utc>, NaiveDate)>);

impl Days {
    fn of(&mut self, time: DateTime<Utc>) -> NaiveDate {
        if let Some((_, day)) = self.0.iter().find(|(known, _)| *known == time) {
            return *day;
        }
        let day = calendar::day(time);
        self.0.push((time, day));
        day
    }
}

/// Every reason, in the order of the vocabulary, as a column and an answer have it.
pub(super) const REASONS: [(ExitReason, &str); 8] = [
    (ExitReason::Completed, "completed"),
    (ExitReason::Employment, "employment"),
    (ExitReason::QualifyingTraining, "qualifying_training"),
    (ExitReason::Abandoned, "abandoned"),
    (ExitReason::Excluded, "excluded"),
    (ExitReason::Health, "health"),
    (ExitReason::MovedAway, "moved_away"),
    (ExitReason::Deceased, "deceased"),
];

fn word(reason: ExitReason) -> &'static str {
    let found = REASONS.iter().find(|(known, _)| *known == reason);
    found.map(|(_, word)| *word).expect("every reason is listed")
}
