//! What tells a fact from the others of its type in its stream: by this a line of next month's file is known again, and its
//! changes become corrections. Changing a row makes other events of files that were imported before: never do.

/// A column of this name is the day of the event itself, Europe/Paris.
pub(super) const DAY: &str = "day";

/// Each type that a file may hold, and what identifies its fact. What is empty happens once to its stream.
const FACTS: &[(&str, &[&str])] = &[
    ("parcours.oriented.v1", &[]),
    ("parcours.eligibility.checked.v1", &[DAY]),
    ("parcours.admitted.v1", &["session"]),
    ("parcours.waitlisted.v1", &["session"]),
    ("parcours.place.offered.v1", &["session", DAY]),
    ("parcours.declined.v1", &["session"]),
    ("parcours.withdrawn.v1", &["session"]),
    ("parcours.commitment.signed.v1", &["contract_version"]),
    ("parcours.referent.named.v1", &[DAY]),
    ("parcours.plan.agreed.v1", &[DAY]),
    ("parcours.started.v1", &[]),
    ("parcours.bilan.completed.v1", &[]),
    ("parcours.obstacle.lifted.v1", &["obstacle"]),
    ("parcours.trade.discovered.v1", &["rome", DAY]),
    ("parcours.immersion.agreed.v1", &["immersion"]),
    ("parcours.immersion.started.v1", &["immersion"]),
    ("parcours.immersion.completed.v1", &["immersion"]),
    ("parcours.immersion.broken_off.v1", &["immersion"]),
    ("parcours.project.stated.v1", &[DAY]),
    ("parcours.project.confirmed.v1", &[DAY]),
    ("parcours.module.completed.v1", &["domain", DAY]),
    ("parcours.skill.acquired.v1", &["framework", "code"]),
    ("parcours.attendance.recorded.v1", &["month"]),
    ("parcours.pay.granted.v1", &["from"]),
    ("parcours.pay.ended.v1", &[DAY]),
    ("parcours.aid.granted.v1", &["aid"]),
    ("parcours.aid.paid.v1", &["aid", DAY]),
    ("parcours.partner.reported.v1", &["partner", "topic", DAY]),
    ("parcours.suspended.v1", &[DAY]),
    ("parcours.resumed.v1", &[DAY]),
    ("parcours.certification.registered.v1", &["rncp", "rs", DAY]),
    ("parcours.certification.obtained.v1", &["rncp", "rs", "blocks"]),
    ("parcours.certification.failed.v1", &["rncp", "rs", DAY]),
    ("parcours.exited.v1", &[]),
    ("parcours.employment.started.v1", &["employment"]),
    ("parcours.employment.started.v2", &["employment"]),
    ("parcours.employment.ended.v1", &["employment"]),
    ("parcours.business.created.v1", &["business"]),
    ("parcours.followup.answered.v1", &["months"]),
    ("parcours.review.submitted.v1", &[]),
    ("parcours.consent.given.v1", &["purpose", DAY]),
    ("parcours.consent.withdrawn.v1", &["purpose", DAY]),
    ("parcours.profile.published.v1", &[DAY]),
    ("parcours.profile.withdrawn.v1", &[DAY]),
    ("trainee.registered.v1", &[]),
    ("trainee.merged.v1", &["into"]),
    ("trainee.separated.v1", &["from", DAY]),
    ("operator.registered.v1", &[]),
    ("operator.contracted.v1", &["contract"]),
    ("operator.contract.ended.v1", &["contract"]),
    ("offer.published.v1", &[]),
    ("offer.revised.v1", &[DAY]),
    ("offer.withdrawn.v1", &[]),
    ("session.opened.v1", &[]),
    ("session.rescheduled.v1", &[DAY]),
    ("session.capacity.changed.v1", &[DAY]),
    ("session.cancelled.v1", &[]),
    ("request.submitted.v1", &[]),
    ("request.examined.v1", &[DAY]),
    ("request.funded.v1", &[]),
    ("request.refused.v1", &[]),
    ("request.withdrawn.v1", &[]),
    ("need.stated.v1", &[]),
    ("need.accompanied.v1", &[DAY]),
    ("need.met.v1", &["session"]),
    ("need.dropped.v1", &[]),
    ("convention.signed.v1", &[]),
    ("convention.ended.v1", &[]),
    ("branch.agreement.signed.v1", &["from"]),
    ("branch.agreement.ended.v1", &[DAY]),
    ("call.opened.v1", &[]),
    ("call.proposal.submitted.v1", &["operator", "proposal"]),
    ("call.proposal.selected.v1", &["operator", "proposal"]),
    ("call.closed.v1", &[]),
    ("community.created.v1", &[]),
    ("community.joined.v1", &["parcours", DAY]),
    ("community.left.v1", &["parcours", DAY]),
    ("community.called.v1", &[DAY]),
    ("community.answered.v1", &["parcours", DAY]),
    ("committee.met.v1", &["on"]),
    ("committee.decision.due.v1", &["on", "number"]),
    ("committee.decision.done.v1", &["on", "number"]),
    ("envelope.voted.v1", &[DAY]),
];

/// Types that no file of this kind holds: corrections are made of lines that changed, annulments and erasures name what a
/// table does not, and the rest is written by the log itself.
#[cfg(test)]
const NOT_TAKEN: &[&str] = &[
    "parcours.event.corrected.v1",
    "parcours.event.annulled.v1",
    "trainee.absorbed.v1",
    "trainee.released.v1",
    "trainee.training.begun.v1",
    "trainee.training.ended.v1",
    "trainee.erased.v1",
    "offer.requested.v1",
    "session.place.taken.v1",
    "session.place.released.v1",
    "session.need.met.v1",
    "envelope.aid.reserved.v1",
    "envelope.aid.released.v1",
];

/// What identifies a fact of this type; `None` if a file may not hold it.
pub(super) fn identity(type_name: &str) -> Option<&'static [&'static str]> {
    let mut facts = FACTS.iter();
    facts
        .find(|(name, _)| *name == type_name)
        .map(|(_, identity)| *identity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv::columns::Columns;
    use parcours_model::schema;

    #[test]
    fn every_type_is_taken_or_said_not_to_be() {
        for (_, spec) in schema::types() {
            let (taken, not) = (identity(spec.name).is_some(), NOT_TAKEN.contains(&spec.name));
            assert!(taken != not, "{}: taken {taken}, not taken {not}", spec.name);
        }
        assert_eq!(FACTS.len() + NOT_TAKEN.len(), schema::types().count());
    }

    #[test]
    fn what_identifies_a_fact_is_a_column_of_its_type() {
        for (name, identity) in FACTS {
            let columns = Columns::of(name).unwrap();
            for column in identity.iter().filter(|column| **column != DAY) {
                assert!(columns.find(column).is_some(), "{name} has no {column}");
            }
        }
    }
}
