//! What stands of one person at an instant, as partners may hear it. Pure, and a look at the whole history.

use chrono::{DateTime, Utc};
use parcours_model::codes::{Commune, Siret};
use parcours_model::streams::parcours::{Fact, Purpose};
use parcours_model::{Effective, Fact as AnyFact, History, calendar};
use uuid::Uuid;

use crate::outcomes::{Outcome, What};

/// Whose outcome it is, where, and with whom: who may hear of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub trainee: Uuid,
    pub commune: Commune,
    pub operator: Option<Siret>,
}

/// The facts that have begun to act by an instant, in order.
fn acting(known: &History, instant: DateTime<Utc>) -> impl Iterator<Item = Effective<'_>> {
    known.effective().take_while(move |fact| fact.time <= instant)
}

/// Whether the consent for partners stands.
pub(super) fn consents(known: &History, instant: DateTime<Utc>) -> bool {
    let said = acting(known, instant).filter_map(|fact| match fact.fact {
        AnyFact::Parcours(Fact::ConsentGiven(consent)) => Some((consent.purpose, true)),
        AnyFact::Parcours(Fact::ConsentWithdrawn(consent)) => Some((consent.purpose, false)),
        _ => None,
    });
    said.filter(|(purpose, _)| *purpose == Purpose::Partners)
        .last()
        .is_some_and(|(_, given)| given)
}

/// What stands: who may hear of it, and each outcome with the revision of the record that stated it.
pub(super) fn standing(known: &History, instant: DateTime<Utc>) -> (Option<Route>, Vec<(u64, Outcome)>) {
    let (mut oriented, mut operator, mut session) = (None, None, None);
    for fact in acting(known, instant) {
        match fact.fact {
            AnyFact::Parcours(Fact::Oriented(told)) => oriented = Some((fact.time, told)),
            AnyFact::Parcours(Fact::Admitted(told)) => {
                (operator, session) = (Some(told.operator), told.session);
            }
            _ => {}
        }
    }
    let Some((since, oriented)) = oriented else {
        return (None, Vec::new());
    };
    let route = Route {
        trainee: oriented.trainee,
        commune: oriented.commune.current_on(calendar::day(since)),
        operator,
    };
    let outcomes = acting(known, instant).filter_map(|fact| {
        let AnyFact::Parcours(told) = fact.fact else {
            return None;
        };
        let what = what(told, session)?;
        let outcome = Outcome {
            day: calendar::day(fact.time),
            level: oriented.level,
            what,
            replaces: None,
        };
        Some((fact.record.revision, outcome))
    });
    (Some(route), outcomes.collect())
}

/// What a fact means to partners, if anything. The employer and the place of work are left out: in a small town they are
/// the person's name.
fn what(fact: &Fact, session: Option<Uuid>) -> Option<What> {
    Some(match fact {
        Fact::Started(_) => What::Entry { session },
        Fact::CertificationObtained(obtained) => What::Certification {
            certification: obtained.code(),
            scope: obtained.scope,
            blocks: obtained.blocks().to_vec(),
        },
        Fact::EmploymentStarted(started) => What::EmploymentStarted {
            employment: started.employment,
            contract: started.contract.kind,
            rome: started.rome,
            months: started.contract.months,
            weekly_minutes: started.working_time.as_ref().map(|time| time.weekly_minutes),
        },
        Fact::EmploymentEnded(ended) => What::EmploymentEnded {
            employment: ended.employment,
        },
        Fact::BusinessCreated(created) => What::Business { how: created.how },
        Fact::Exited(exited) => What::Exit {
            reason: exited.reason,
        },
        Fact::FollowupAnswered(answered) => What::Followup {
            months: answered.months,
            situation: answered.situation,
        },
        _ => return None,
    })
}
