//! Every parcours begins with an orientation (R1).

use super::{Clause, Rule, begins_with};
use crate::streams::{Fact, parcours};

pub(super) const ORIENTATION_FIRST: Rule = Rule {
    code: "orientation-first",
    english: "A parcours begins with its orientation, once, before anything else",
    french: "Un parcours commence par son orientation, une seule fois, avant toute autre chose",
    check: |facts| {
        begins_with(
            facts,
            |fact| matches!(fact, Fact::Parcours(parcours::Fact::Oriented(_))),
            &BEFORE,
            &ONCE,
        )
    },
};

const BEFORE: Clause = [
    "A parcours begins with its orientation, before anything else",
    "Un parcours commence par son orientation, avant toute autre chose",
];
const ONCE: Clause = [
    "A parcours has one orientation; what was wrong about it is corrected",
    "Un parcours a une seule orientation ; ce qui en était faux se rectifie",
];
