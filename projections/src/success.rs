//! What became of a person, exactly as PROGRAMME.md counts it ("What territorial impact means").

use chrono::NaiveDate;
use parcours_model::codes::Siret;
use parcours_model::streams::parcours::{ExitReason, Fact, Scope};
use parcours_model::{Effective, Fact as AnyFact, calendar};
use schemars::JsonSchema;
use serde::Serialize;

/// A success counts from the start to the exit plus this many calendar months, both days included;
/// a leaver is matured once they have passed.
pub const MATURITY_MONTHS: u32 = 6;

/// The three kinds of success (R23).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuccessKind {
    /// A full certification obtained.
    Certified,
    /// An employment started.
    Employed,
    /// A business created or taken over.
    Created,
}

/// Something obtained after the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ParcoursOutcome")]
pub struct Outcome {
    /// What.
    pub kind: SuccessKind,
    /// When.
    pub day: NaiveDate,
    /// Whether it is a success: dated from the start to six months after the exit. Unknown while there is no exit.
    pub counts: Option<bool>,
}

/// How a leaver left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leaving {
    /// The day.
    pub day: NaiveDate,
    /// Whether the reason is neutral: in no rate.
    pub neutral: bool,
    /// At least one full certification counts.
    pub certified: bool,
    /// At least one employment counts.
    pub employed: bool,
    /// At least one business counts.
    pub created: bool,
}

impl Leaving {
    /// At least one of the three.
    pub fn success(&self) -> bool {
        self.certified || self.employed || self.created
    }
}

fn journey<'a>(facts: &'a [Effective<'a>]) -> impl Iterator<Item = (NaiveDate, &'a Fact)> {
    // Days are asked for the few facts that need one: turning an instant into a day of Paris has its cost.
    facts.iter().filter_map(|fact| match fact.fact {
        AnyFact::Parcours(told) if is_milestone(told) => Some((calendar::day(fact.time), told)),
        _ => None,
    })
}

fn is_milestone(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Started(_)
            | Fact::Exited(_)
            | Fact::CertificationObtained(_)
            | Fact::EmploymentStarted(_)
            | Fact::BusinessCreated(_)
    )
}

/// The day the parcours started.
pub fn start(facts: &[Effective<'_>]) -> Option<NaiveDate> {
    journey(facts).find_map(|(day, fact)| matches!(fact, Fact::Started(_)).then_some(day))
}

fn exit(facts: &[Effective<'_>]) -> Option<(NaiveDate, ExitReason)> {
    journey(facts).find_map(|(day, fact)| match fact {
        Fact::Exited(exited) => Some((day, exited.reason)),
        _ => None,
    })
}

/// The operator: that of the last admission.
pub fn operator(facts: &[Effective<'_>]) -> Option<Siret> {
    facts.iter().rev().find_map(|fact| match fact.fact {
        AnyFact::Parcours(Fact::Admitted(admitted)) => Some(admitted.operator),
        _ => None,
    })
}

/// Every outcome, in effective order.
pub fn list(facts: &[Effective<'_>]) -> Vec<Outcome> {
    let (start, exit) = (start(facts), exit(facts));
    let outcomes = journey(facts).filter_map(|(day, fact)| {
        let kind = match fact {
            Fact::CertificationObtained(obtained) if obtained.scope == Scope::Full => SuccessKind::Certified,
            Fact::EmploymentStarted(_) => SuccessKind::Employed,
            Fact::BusinessCreated(_) => SuccessKind::Created,
            _ => return None,
        };
        let counts = exit.map(|(exit, _)| {
            start.is_some_and(|start| start <= day) && day <= calendar::months_later(exit, MATURITY_MONTHS)
        });
        Some(Outcome { kind, day, counts })
    });
    outcomes.collect()
}

/// How the parcours ended, if it did.
pub fn leaving(facts: &[Effective<'_>]) -> Option<Leaving> {
    let (day, reason) = exit(facts)?;
    let outcomes = list(facts);
    let counts = |kind| {
        outcomes
            .iter()
            .any(|outcome| outcome.kind == kind && outcome.counts == Some(true))
    };
    Some(Leaving {
        day,
        neutral: reason.is_neutral(),
        certified: counts(SuccessKind::Certified),
        employed: counts(SuccessKind::Employed),
        created: counts(SuccessKind::Created),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::Story;

    fn left(story: &Story) -> Leaving {
        let facts: Vec<_> = story.0.effective().collect();
        leaving(&facts).unwrap()
    }

    #[test]
    fn an_outcome_counts_until_six_months_after_the_exit_that_day_included() {
        let exited = || Story::started().exit("2026-06-30", "completed");
        assert!(left(&exited().employed("2026-12-30")).employed);
        assert!(!left(&exited().employed("2026-12-31")).employed);
        assert!(!left(&exited()).success());
    }

    #[test]
    fn an_outcome_counts_from_the_day_of_the_start() {
        let exited = || Story::started().exit("2026-06-30", "employment");
        assert!(left(&exited().certified("2026-02-01")).certified);
        assert!(!left(&exited().certified("2026-01-31")).certified);
    }

    #[test]
    fn blocks_are_no_full_certification() {
        let blocks = serde_json::json!({"rncp": "RNCP34126", "scope": "blocks", "blocks": ["BC01"]});
        let story = Story::started()
            .tell("2026-05-01", "certification.obtained", blocks)
            .exit("2026-06-30", "completed");
        assert!(!left(&story).success());
    }

    #[test]
    fn a_corrected_exit_moves_what_counts() {
        let story = Story::started()
            .exit("2026-06-30", "completed")
            .employed("2026-12-31");
        assert!(left(&story.corrected("e5", "2026-07-01")).employed);
    }

    #[test]
    fn without_an_exit_nobody_has_left_and_nothing_is_said_to_count() {
        let story = Story::started().employed("2026-03-01");
        let facts: Vec<_> = story.0.effective().collect();
        assert_eq!(leaving(&facts), None);
        assert_eq!(list(&facts)[0].counts, None);
    }

    #[test]
    fn neutral_reasons_are_those_of_the_programme() {
        for (reason, neutral) in [
            ("completed", false),
            ("employment", false),
            ("qualifying_training", false),
            ("abandoned", false),
            ("excluded", false),
            ("health", true),
            ("moved_away", true),
            ("deceased", true),
        ] {
            assert_eq!(
                left(&Story::started().exit("2026-06-30", reason)).neutral,
                neutral,
                "{reason}"
            );
        }
    }
}
