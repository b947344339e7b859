use super::{CommuneRecord, TerritoryLevel, commune, communes, departements, epcis, regions};
use crate::codes::Commune;

/// A territory of any level.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema,
)]
pub struct Territory {
    /// Its level.
    pub level: TerritoryLevel,
    /// Its code: INSEE's, or the SIREN of an intercommunalité.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
}

/// The territory with this code at this level.
pub fn territory(level: TerritoryLevel, code: &str) -> Option<Territory> {
    let among = match level {
        TerritoryLevel::Commune => return commune(code).map(Territory::from),
        TerritoryLevel::Epci => epcis(),
        TerritoryLevel::Departement => departements(),
        TerritoryLevel::Region => regions(),
    };
    among
        .binary_search_by_key(&code, |territory| territory.code)
        .ok()
        .map(|place| among[place])
}

/// All territories of a level, sorted by code.
pub fn territories(level: TerritoryLevel) -> Box<dyn Iterator<Item = Territory>> {
    match level {
        TerritoryLevel::Commune => Box::new(communes().iter().map(Territory::from)),
        TerritoryLevel::Epci => Box::new(epcis().iter().copied()),
        TerritoryLevel::Departement => Box::new(departements().iter().copied()),
        TerritoryLevel::Region => Box::new(regions().iter().copied()),
    }
}

/// What a territory lies in, smallest first; nothing for a région or an unknown code. An intercommunalité may
/// straddle départements and régions: all those of its communes are its parents.
pub fn parents(level: TerritoryLevel, code: &str) -> Vec<Territory> {
    let mut found: Vec<Territory> = match level {
        TerritoryLevel::Commune => commune(code).into_iter().flat_map(above).collect(),
        TerritoryLevel::Epci | TerritoryLevel::Departement => {
            communes_of(level, code).flat_map(above).collect()
        }
        TerritoryLevel::Region => Vec::new(),
    };
    found.retain(|parent| parent.level > level);
    found.sort_unstable();
    found.dedup();
    found
}

/// The current communes of a territory, sorted by code; none if there is no such territory. Looks at every
/// commune: keep the answer rather than ask in a loop.
pub fn communes_of(
    level: TerritoryLevel,
    code: &str,
) -> impl Iterator<Item = &'static CommuneRecord> + use<'_> {
    communes()
        .iter()
        .filter(move |record| record.code_at(level) == Some(code))
}

/// Whether a commune lies in a territory, by all that is known.
pub fn contains(level: TerritoryLevel, code: &str, commune: Commune) -> bool {
    let record = commune.record();
    record.is_some_and(|record| record.code_at(level) == Some(code))
}

impl CommuneRecord {
    /// The code of the territory of this level that the commune is in, or is.
    pub fn code_at(&self, level: TerritoryLevel) -> Option<&'static str> {
        match level {
            TerritoryLevel::Commune => Some(self.code),
            TerritoryLevel::Epci => self.epci,
            TerritoryLevel::Departement => Some(self.departement),
            TerritoryLevel::Region => Some(self.region),
        }
    }
}

fn above(record: &'static CommuneRecord) -> impl Iterator<Item = Territory> {
    let levels = [
        TerritoryLevel::Epci,
        TerritoryLevel::Departement,
        TerritoryLevel::Region,
    ];
    levels
        .into_iter()
        .filter_map(|level| territory(level, record.code_at(level)?))
}

impl From<&'static CommuneRecord> for Territory {
    fn from(record: &'static CommuneRecord) -> Self {
        Territory {
            level: TerritoryLevel::Commune,
            code: record.code,
            name: record.name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TerritoryLevel::{Commune, Departement, Epci, Region};
    use super::*;

    fn named(territories: &[Territory]) -> Vec<(TerritoryLevel, &str)> {
        territories
            .iter()
            .map(|territory| (territory.level, territory.code))
            .collect()
    }

    #[test]
    fn rouen_lies_in_its_metropole_its_departement_and_its_region() {
        let parents = parents(Commune, "76540");
        assert_eq!(
            named(&parents),
            [(Epci, "200023414"), (Departement, "76"), (Region, "28")]
        );
        assert_eq!(parents[0].name, "Métropole Rouen Normandie");
        assert_eq!(parents[2].name, "Normandie");
    }

    #[test]
    fn a_departement_lies_in_its_region_and_a_region_in_nothing() {
        assert_eq!(named(&parents(Departement, "2A")), [(Region, "94")]);
        assert_eq!(parents(Region, "28"), []);
        assert_eq!(parents(Departement, "20"), []);
    }

    #[test]
    fn an_intercommunalite_across_two_regions_has_both() {
        // Villes Sœurs: Eu and Le Tréport in Seine-Maritime, Ault and others in the Somme.
        let parents = parents(Epci, "247600588");
        assert_eq!(
            named(&parents),
            [
                (Departement, "76"),
                (Departement, "80"),
                (Region, "28"),
                (Region, "32")
            ]
        );
    }

    #[test]
    fn a_code_is_looked_up_at_its_level_only() {
        assert_eq!(territory(Region, "76").unwrap().name, "Occitanie");
        assert_eq!(territory(Departement, "76").unwrap().name, "Seine-Maritime");
        assert_eq!(territory(Epci, "76"), None);
        assert_eq!(territory(Commune, "75101"), None);
    }

    #[test]
    fn the_communes_of_a_territory_are_those_it_contains() {
        let metropole: Vec<_> = communes_of(Epci, "200023414").collect();
        assert_eq!(metropole.len(), 71);
        assert!(
            metropole
                .iter()
                .all(|&record| contains(Epci, "200023414", record.into()))
        );
        let paris_first = "75101".parse().unwrap();
        assert!(contains(Commune, "75056", paris_first) && contains(Region, "11", paris_first));
        assert!(!contains(Region, "28", paris_first));
    }

    #[test]
    fn communes_in_no_epci_are_not_gathered_under_an_empty_code() {
        assert_eq!(communes_of(Epci, "").count(), 0);
        assert_eq!(territory(Epci, ""), None);
    }

    #[test]
    fn every_level_lists_what_it_knows() {
        for level in TerritoryLevel::ALL {
            assert!(territories(level).all(|known| territory(level, known.code) == Some(known)));
        }
        assert_eq!(territories(Commune).count(), communes().len());
    }
}
