//! The figures beside those of a wider territory, and of a year before.

use super::Figures;
use super::held::Parcours;
use super::tally::{Scope, Tally};
use crate::memory::Held;
use chrono::{Months, NaiveDate};
use parcours_model::geography::{self, Territory, TerritoryLevel};
use schemars::JsonSchema;
use serde::Serialize;

/// What figures are compared with.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "FiguresComparison")]
pub struct Comparison {
    /// The territory around: of a commune its EPCI, of an EPCI its département, of that its région. Left out where
    /// there is not exactly one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<Elsewhere>,
    /// The same territory, in the same period of the year before.
    pub year_before: Earlier,
}

/// The figures of another territory.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "FiguresElsewhere")]
pub struct Elsewhere {
    /// Which.
    pub territory: Territory,
    /// Its figures.
    pub figures: Figures,
}

/// The figures of another period.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "FiguresEarlier")]
pub struct Earlier {
    /// The first day of that period.
    pub from: NaiveDate,
    /// The last day of that period.
    pub to: NaiveDate,
    /// Its figures, as of the same moment as the others.
    pub figures: Figures,
}

/// What a scope is compared with.
pub(super) fn compare(held: &Held<Parcours>, scope: Scope) -> Comparison {
    let figures = |scope| Tally::new(held, scope, &[]).whole();
    let (from, to) = (earlier(scope.from), earlier(scope.to));
    Comparison {
        parent: around(scope.territory).map(|territory| Elsewhere {
            territory,
            figures: figures(Scope { territory, ..scope }),
        }),
        year_before: Earlier {
            from,
            to,
            figures: figures(Scope { from, to, ..scope }),
        },
    }
}

/// The same day a year before; of 29 February the 28th.
fn earlier(day: NaiveDate) -> NaiveDate {
    day.checked_sub_months(Months::new(12)).unwrap_or(day)
}

/// The smallest territory around another of which there is only one at its level.
fn around(territory: Territory) -> Option<Territory> {
    let parents = geography::parents(territory.level, territory.code);
    let levels = TerritoryLevel::ALL.into_iter();
    let mut alone = levels.filter_map(|level| {
        let mut of_level = parents.iter().filter(|parent| parent.level == level);
        of_level.next().filter(|_| of_level.next().is_none())
    });
    alone.next().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_territory_lies_in_the_smallest_that_holds_all_of_it() {
        let parent = |level, code| {
            let around = around(geography::territory(level, code).unwrap())?;
            Some((around.level, around.code))
        };
        use TerritoryLevel::{Commune, Departement, Epci, Region};
        assert_eq!(parent(Commune, "76540"), Some((Epci, "200023414")));
        assert_eq!(parent(Epci, "200023414"), Some((Departement, "76")));
        assert_eq!(parent(Departement, "76"), Some((Region, "28")));
        assert_eq!(parent(Region, "28"), None);
        // Villes Sœurs lies in two régions.
        assert_eq!(parent(Epci, "247600588"), None);
    }
}
