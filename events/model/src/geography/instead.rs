//! What to ask for instead of a code that is no territory's.

use super::names::{self, spelling};
use super::{Territory, TerritoryLevel, edition, of_postcode, territories, territory};
use crate::codes::Commune;
use crate::words::{self, Words};

/// The régions of before 2016 that are none any more, and those that they became part of (law of 16 January 2015).
const FORMER_REGIONS: [(&str, &str); 15] = [
    ("21", "44"), // Champagne-Ardenne
    ("22", "32"), // Picardie
    ("23", "28"), // Haute-Normandie
    ("25", "28"), // Basse-Normandie
    ("26", "27"), // Bourgogne
    ("31", "32"), // Nord-Pas-de-Calais
    ("41", "44"), // Lorraine
    ("42", "44"), // Alsace
    ("43", "27"), // Franche-Comté
    ("72", "75"), // Aquitaine
    ("73", "76"), // Midi-Pyrénées
    ("74", "75"), // Limousin
    ("82", "84"), // Rhône-Alpes
    ("83", "84"), // Auvergne
    ("91", "76"), // Languedoc-Roussillon
];

/// Names are told of so many at most.
const MANY: usize = 5;

/// What is said of a code that no current territory of this level has, with what to ask for instead where that is known.
pub fn not_current(level: TerritoryLevel, code: &str) -> Words {
    let shown = words::quoted(code);
    let (english, french, expected) = match level {
        TerritoryLevel::Commune => ("commune", "d'une commune actuelle", Commune::CODE.expected()),
        TerritoryLevel::Epci => (
            "epci",
            "d'un EPCI actuel",
            Words::fixed("its SIREN, such as 200023414", "son SIREN, par exemple 200023414"),
        ),
        TerritoryLevel::Departement => (
            "departement",
            "d'un département actuel",
            Words::fixed("its INSEE code, such as 76", "son code INSEE, par exemple 76"),
        ),
        TerritoryLevel::Region => (
            "region",
            "d'une région actuelle",
            Words::fixed("its INSEE code, such as 28", "son code INSEE, par exemple 28"),
        ),
    };
    let named = instead(level, code)
        .into_iter()
        .map(|Territory { level, code, name }| format!("{level}/{code} ({name})"))
        .collect::<Vec<_>>();
    let expected = match named.is_empty() {
        true => expected,
        false => Words::new(named.join(" or "), named.join(" ou ")),
    };
    Words::new(
        format!("{shown} is not the code of a current {english}: expected {expected}"),
        format!("{shown:#} n'est pas le code {french} : il faut {expected:#}"),
    )
}

/// The current territories that a code may stand for which no current one of this level has: what became of it, its name,
/// or what has the code at another level.
fn instead(level: TerritoryLevel, code: &str) -> Vec<Territory> {
    let at = |level, code: &str| territory(level, code).into_iter().collect::<Vec<_>>();
    let taken_over = || {
        let now = edition().meant(code, None)?;
        territory(level, now.code_at(level)?)
    };
    let former_region = || FORMER_REGIONS.iter().find(|(former, _)| *former == code);
    match level {
        _ if at(level, &code.to_uppercase()).len() == 1 => at(level, &code.to_uppercase()),
        TerritoryLevel::Region if former_region().is_some() => {
            former_region().map_or_else(Vec::new, |(_, now)| at(level, now))
        }
        TerritoryLevel::Departement if code == "20" => {
            ["2A", "2B"].iter().flat_map(|code| at(level, code)).collect()
        }
        _ => match taken_over() {
            Some(now) => vec![now],
            None => elsewhere(level, code),
        },
    }
}

fn elsewhere(level: TerritoryLevel, code: &str) -> Vec<Territory> {
    let named = named(level, code);
    if !named.is_empty() {
        return named;
    }
    let mut found: Vec<Territory> = TerritoryLevel::ALL
        .into_iter()
        .filter_map(|other| territory(other, code))
        .chain(
            of_postcode(code)
                .into_iter()
                .filter_map(|commune| territory(level, commune.code_at(level)?)),
        )
        .collect();
    let mut told = Vec::new();
    found.retain(|territory| {
        let new = !told.contains(territory);
        told.push(*territory);
        new
    });
    found.truncate(MANY);
    found
}

/// The territories of this name, however it is spelt.
fn named(level: TerritoryLevel, name: &str) -> Vec<Territory> {
    if level == TerritoryLevel::Commune {
        let meant = names::meant(name).into_iter();
        return meant
            .filter_map(|commune| territory(level, commune.code))
            .take(MANY)
            .collect();
    }
    let spelt = spelling::of(name);
    let same = |known: &Territory| !spelt.is_empty() && spelling::of(known.name) == spelt;
    territories(level).filter(same).take(MANY).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_current_code_is_answered_with_the_one_to_ask_for() {
        for (level, code, instead) in [
            (
                TerritoryLevel::Commune,
                "76031",
                "expected commune/76476 (Port-Jérôme-sur-Seine)",
            ),
            (TerritoryLevel::Commune, "75101", "expected commune/75056 (Paris)"),
            (TerritoryLevel::Commune, "rouen", "expected commune/76540 (Rouen)"),
            (
                TerritoryLevel::Commune,
                "EVREUX",
                "expected commune/27229 (Évreux)",
            ),
            (
                TerritoryLevel::Commune,
                "200023414",
                "expected epci/200023414 (Métropole Rouen Normandie)",
            ),
            (TerritoryLevel::Region, "23", "expected region/28 (Normandie)"),
            (TerritoryLevel::Region, "25", "expected region/28 (Normandie)"),
            (TerritoryLevel::Region, "14", "expected departement/14 (Calvados)"),
            (TerritoryLevel::Region, "76540", "expected region/28 (Normandie)"),
            (
                TerritoryLevel::Epci,
                "76540",
                "expected epci/200023414 (Métropole Rouen Normandie)",
            ),
            (
                TerritoryLevel::Departement,
                "2a",
                "expected departement/2A (Corse-du-Sud)",
            ),
            (
                TerritoryLevel::Departement,
                "20",
                "departement/2A (Corse-du-Sud) or departement/2B (Haute-Corse)",
            ),
            (
                TerritoryLevel::Departement,
                "seine maritime",
                "expected departement/76 (Seine-Maritime)",
            ),
            (TerritoryLevel::Commune, "76000", "expected commune/76540 (Rouen)"),
            (TerritoryLevel::Region, "76000", "expected region/28 (Normandie)"),
            (
                TerritoryLevel::Epci,
                "76000",
                "expected epci/200023414 (Métropole Rouen Normandie)",
            ),
            (TerritoryLevel::Region, "99", "such as 28"),
            (TerritoryLevel::Epci, "", "such as 200023414"),
        ] {
            let said = not_current(level, code);
            assert!(said.english.contains(instead), "{said}");
            assert!(said.french.contains("n'est pas le code d'un"), "{said:#}");
        }
    }

    #[test]
    fn every_former_region_is_none_today_and_leads_to_one() {
        for (former, now) in FORMER_REGIONS {
            assert_eq!(territory(TerritoryLevel::Region, former), None);
            assert!(territory(TerritoryLevel::Region, now).is_some());
        }
    }
}
