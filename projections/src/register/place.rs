//! Where something is, at every level that can be told.

use chrono::NaiveDate;
use parcours_model::TerritoryCode;
use parcours_model::codes::Commune;
use parcours_model::geography::{self, TerritoryLevel};

/// A place, and what it lies in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub commune: Option<String>,
    pub epci: Option<&'static str>,
    pub departement: Option<&'static str>,
    pub region: Option<&'static str>,
}

impl Place {
    /// A commune, as it was called on a day.
    pub fn commune(commune: Commune, day: NaiveDate) -> Self {
        let record = commune.record_on(day);
        Self {
            commune: Some(commune.current_on(day).as_str().to_owned()),
            epci: record.and_then(|record| record.epci),
            departement: record.map(|record| record.departement),
            region: record.map(|record| record.region),
        }
    }

    /// A territory of any level. An intercommunalité may lie in several départements, and then is of none.
    pub fn territory(territory: TerritoryCode, day: NaiveDate) -> Self {
        let code = territory.code();
        if territory.level == TerritoryLevel::Commune {
            return match code.parse() {
                Ok(commune) => Self::commune(commune, day),
                Err(_) => Self {
                    commune: Some(code.to_owned()),
                    ..Self::default()
                },
            };
        }
        let within = |commune: &&geography::CommuneRecord| match territory.level {
            TerritoryLevel::Epci => commune.epci == Some(code),
            TerritoryLevel::Departement => commune.departement == code,
            _ => commune.region == code,
        };
        let mut communes = geography::communes().iter().filter(within);
        let Some(first) = communes.next() else {
            return Self::default();
        };
        let level = territory.level;
        let in_one =
            level != TerritoryLevel::Region && communes.all(|other| other.departement == first.departement);
        Self {
            commune: None,
            epci: first.epci.filter(|_| level == TerritoryLevel::Epci),
            departement: in_one.then_some(first.departement),
            region: Some(first.region),
        }
    }
}
