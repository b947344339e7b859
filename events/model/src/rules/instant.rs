//! Facts of one instant of which one would undo the other.

use super::{Rule, alone_at_its_instant};
use crate::streams::parcours::Fact;

pub(super) const ONE_AT_AN_INSTANT: Rule = Rule {
    code: "one-at-an-instant",
    english: "Two checks of eligibility, two admissions or two plans never share an instant, since the later would undo the earlier: give their times",
    french: "Deux vérifications d'éligibilité, deux admissions ou deux plans ne partagent jamais un instant, car le second annulerait le premier : donnez leurs heures",
    check: |facts| {
        let mut breaches = alone_at_its_instant(facts, |fact| matches!(fact, Fact::EligibilityChecked(_)));
        breaches.extend(alone_at_its_instant(facts, |fact| {
            matches!(fact, Fact::Admitted(_))
        }));
        breaches.extend(alone_at_its_instant(facts, |fact| {
            matches!(fact, Fact::PlanAgreed(_))
        }));
        breaches
    },
};
