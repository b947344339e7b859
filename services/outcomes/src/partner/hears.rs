//! What a partner may hear, in a form that can be kept and compared: whether it was declared so before.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use parcours_model::TerritoryCode;
use parcours_projections::outcomes::OutcomeKind;

/// Every kind, those of later versions included.
const ALL: &str = "*";

/// Territories and kinds by name, in one order whatever the order of the declaration. Names, not values: what was kept
/// is compared though a territory is none of today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hears {
    territories: BTreeSet<String>,
    kinds: BTreeSet<String>,
}

impl Hears {
    /// These territories and kinds.
    pub fn new(territories: &[TerritoryCode], kinds: Option<&BTreeSet<OutcomeKind>>) -> Self {
        let named =
            |kinds: &BTreeSet<OutcomeKind>| kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
        Self {
            territories: territories.iter().map(ToString::to_string).collect(),
            kinds: kinds.map_or_else(|| BTreeSet::from([ALL.to_owned()]), named),
        }
    }

    /// Whether it names something that `before` does not. A territory within one of before counts: nothing is lost by
    /// that.
    pub fn is_wider_than(&self, before: &Self) -> bool {
        let kinds = before.kinds.contains(ALL) || self.kinds.is_subset(&before.kinds);
        !kinds || !self.territories.is_subset(&before.territories)
    }
}

/// `departement/14,departement/76 certification,entry`
impl fmt::Display for Hears {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(",");
        write!(f, "{} {}", list(&self.territories), list(&self.kinds))
    }
}

impl FromStr for Hears {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (territories, kinds) = text
            .split_once(' ')
            .ok_or_else(|| format!("{text:?} does not say what a partner may hear"))?;
        let read = |list: &str| list.split(',').map(str::to_owned).collect();
        Ok(Self {
            territories: read(territories),
            kinds: read(kinds),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hears(text: &str) -> Hears {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_kept_is_what_was_declared() {
        let declared = hears("departement/76,departement/14 exit,entry");
        assert_eq!(declared.to_string(), "departement/14,departement/76 entry,exit");
        assert_eq!(hears(&declared.to_string()), declared);
    }

    #[test]
    fn one_more_territory_or_kind_is_wider_and_one_fewer_is_not() {
        let before = hears("departement/14,departement/50 entry,exit");
        for wider in [
            "departement/14,departement/50,departement/76 entry,exit",
            "departement/76 entry",
            "departement/14 entry,followup",
            "departement/14 *",
        ] {
            assert!(hears(wider).is_wider_than(&before), "{wider}");
        }
        for narrower in ["departement/14 entry,exit", "departement/50,departement/14 exit"] {
            assert!(!hears(narrower).is_wider_than(&before), "{narrower}");
        }
        assert!(!hears("departement/14 exit").is_wider_than(&hears("departement/14 *")));
    }
}
