//! The communes of France and the territories they are in, compiled in from `geography/geography.tsv`
//! (its README says where that comes from). Read once, at the first question.

mod commune;
mod level;
mod table;
mod territory;

pub use commune::{CommuneRecord, Point};
pub use level::TerritoryLevel;
pub use territory::{Territory, communes_of, contains, parents, territories, territory};

pub(crate) use table::{Accepted, TABLE};

/// All current communes, sorted by code.
pub fn communes() -> &'static [CommuneRecord] {
    &TABLE.communes
}

/// The current commune with this code; for a code that an event may carry, see [`crate::codes::Commune`].
pub fn commune(code: &str) -> Option<&'static CommuneRecord> {
    let found = TABLE.communes.binary_search_by_key(&code, |record| record.code);
    found.ok().map(|place| &TABLE.communes[place])
}

/// All intercommunalités with their own taxation, sorted by code (their SIREN).
pub fn epcis() -> &'static [Territory] {
    &TABLE.epcis
}

/// All départements and the overseas collectivities that stand for one, sorted by code.
pub fn departements() -> &'static [Territory] {
    &TABLE.departements
}

/// All régions and the overseas collectivities that stand for one, sorted by code.
pub fn regions() -> &'static [Territory] {
    &TABLE.regions
}

/// The codes that [`crate::codes::Commune`] takes, sorted.
pub(crate) fn accepted() -> &'static [Accepted] {
    &TABLE.accepted
}

/// The current commune that took over a code no longer in use or no longer a commune's.
pub(crate) fn successor(code: &str) -> Option<&'static CommuneRecord> {
    let found = TABLE.former.binary_search_by_key(&code, |&(former, _)| former);
    found.ok().and_then(|place| commune(TABLE.former[place].1))
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
        assert_eq!(accepted().len(), 34_969 + 45);
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
        assert!(accepted().is_sorted_by(|a, b| a.code < b.code));
        assert!(TABLE.former.is_sorted_by(|a, b| a.0 < b.0));
        for level in [epcis(), departements(), regions()] {
            assert!(level.is_sorted_by(|a, b| a.code < b.code));
        }
    }

    #[test]
    fn a_former_code_leads_to_a_current_commune() {
        assert_eq!(successor("20004").unwrap().name, "Ajaccio");
        assert!(
            TABLE
                .former
                .iter()
                .all(|&(code, _)| commune(code).is_none() && successor(code).is_some())
        );
    }
}
