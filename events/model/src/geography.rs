//! The communes of France and the territories they are in, compiled in from `geography/geography.tsv`
//! (its README says where that comes from). Read once, at the first question.
//!
//! Communes merge, split and change their code every year, and the log is read for ever: whatever asks about a code
//! that an event carries takes "unknown" for an answer.

mod address;
mod commune;
mod history;
mod instead;
mod level;
pub mod names;
mod table;
mod territory;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, PoisonError, RwLock};

pub use address::{FormerName, communes_of_postcode, former_names, of_postcode, postcode_of};
pub use commune::{CommuneRecord, Point};
pub use instead::not_current;
pub(crate) use instead::{one_of, without_level};
pub use level::TerritoryLevel;
pub use table::Edition;
pub use territory::{Territory, communes_of, contains, parents, territories, territory};

/// Which edition of the geography is compiled in, counted up whenever `geography.tsv` changes: views that look
/// territories up hold what it said, and are built again for the next.
pub const EDITION: u32 = 2;

/// Read at the first question: 17 ms on two shared cores, optimised (80 ms not).
static COMPILED_IN: LazyLock<Edition> =
    LazyLock::new(|| Edition::read(include_str!("../geography/geography.tsv")));

static EXCHANGED: AtomicBool = AtomicBool::new(false);
static OTHER: RwLock<Option<&'static Edition>> = RwLock::new(None);

/// Puts another edition in the place of the one compiled in, for the whole process: how a test reads a log that is
/// older or younger than its geography. Records given out before stay those of their edition.
pub fn exchange(edition: &'static Edition) {
    *OTHER.write().unwrap_or_else(PoisonError::into_inner) = Some(edition);
    EXCHANGED.store(true, Ordering::Release);
}

pub(crate) fn edition() -> &'static Edition {
    let other = EXCHANGED
        .load(Ordering::Acquire)
        .then(|| *OTHER.read().unwrap_or_else(PoisonError::into_inner));
    other.flatten().unwrap_or_else(|| &COMPILED_IN)
}

/// All current communes, sorted by code.
pub fn communes() -> &'static [CommuneRecord] {
    &edition().communes
}

/// The current commune with this code; for a code that an event may carry, see [`crate::codes::Commune`].
pub fn commune(code: &str) -> Option<&'static CommuneRecord> {
    edition().commune(code)
}

/// All intercommunalités with their own taxation, sorted by code (their SIREN).
pub fn epcis() -> &'static [Territory] {
    &edition().epcis
}

/// All départements and the overseas collectivities that stand for one, sorted by code.
pub fn departements() -> &'static [Territory] {
    &edition().departements
}

/// All régions and the overseas collectivities that stand for one, sorted by code.
pub fn regions() -> &'static [Territory] {
    &edition().regions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_communes_and_territories_of_its_source() {
        assert_eq!(communes().len(), 34_969);
        assert_eq!(
            communes().iter().filter(|commune| commune.region == "28").count(),
            2_644
        );
        assert_eq!(edition().accepted.len(), 34_969 + 45);
        assert_eq!(
            (epcis().len(), departements().len(), regions().len()),
            (1_255, 109, 26)
        );
    }

    #[test]
    fn rouen_is_where_it_is() {
        let rouen = commune("76540").unwrap();
        assert_eq!(
            (rouen.name, rouen.departement, rouen.region),
            ("Rouen", "76", "28")
        );
        assert_eq!(rouen.epci, Some("200023414"));
        assert_eq!(rouen.population, 117_662);
    }

    #[test]
    fn a_commune_in_no_epci_has_none() {
        let island = commune("29083").unwrap();
        assert_eq!((island.name, island.epci), ("Île-de-Sein", None));
    }

    #[test]
    fn every_parent_that_a_commune_names_is_in_the_table() {
        for commune in communes() {
            for parent in parents(TerritoryLevel::Commune, commune.code) {
                assert_eq!(territory(parent.level, parent.code), Some(parent));
            }
        }
    }

    #[test]
    fn every_slice_is_sorted_so_that_lookups_find() {
        assert!(communes().is_sorted_by(|a, b| a.code < b.code));
        assert!(edition().accepted.is_sorted_by(|a, b| a.code < b.code));
        assert!(edition().former.is_sorted_by(|a, b| a < b));
        for level in [epcis(), departements(), regions()] {
            assert!(level.is_sorted_by(|a, b| a.code < b.code));
        }
    }

    /// By its FNV-1a sum: a table renewed without another number would leave views with the old one's answers.
    #[test]
    fn another_table_is_another_edition() {
        let sum = include_bytes!("../geography/geography.tsv")
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
                (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
            });
        assert_eq!((EDITION, format!("{sum:016x}").as_str()), (2, "8a17d2192cd6c022"));
    }
}
