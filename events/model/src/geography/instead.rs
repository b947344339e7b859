//! What to ask for instead of a code that is no territory's.

use super::names::{self, spelling};
use super::{CommuneRecord, Territory, TerritoryLevel, edition, of_postcode, territories, territory};
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

/// So many are named at most: more than have any name but the commonest.
const MANY: usize = 20;

/// The communes to choose from, each as `told`; where there are several, with the département that tells them apart.
pub(crate) fn one_of(communes: &[&CommuneRecord], told: impl Fn(&CommuneRecord) -> String) -> Words {
    let several = communes.len() > 1;
    let told = |commune: &&CommuneRecord| {
        let departement = territory(TerritoryLevel::Departement, commune.departement);
        match departement.filter(|_| several) {
            Some(departement) => format!("{} ({})", told(commune), departement.name),
            None => told(commune),
        }
    };
    either(communes.iter().map(told).collect())
}

/// One of these, or another of those that there is no room for.
fn either(mut all: Vec<String>) -> Words {
    let more = all.len().saturating_sub(MANY);
    all.truncate(MANY);
    let [mut english, mut french] = [all.join(" or "), all.join(" ou ")];
    if more > 0 {
        english.push_str(&format!(" or one of {more} others"));
        french.push_str(&format!(" ou l'une de {more} autres"));
    }
    Words::new(english, french)
}

/// What is said of a code that no current territory of this level has, with what to ask for instead where that is known.
pub fn not_current(level: TerritoryLevel, code: &str) -> Words {
    let shown = words::quoted(code);
    let (english, french, expected) = match level {
        TerritoryLevel::Commune => (
            "a current commune",
            "d'une commune actuelle",
            Commune::CODE.expected(),
        ),
        TerritoryLevel::Epci => (
            "a current EPCI",
            "d'un EPCI actuel",
            Words::fixed("its SIREN, such as 200023414", "son SIREN, par exemple 200023414"),
        ),
        TerritoryLevel::Departement => (
            "a current département",
            "d'un département actuel",
            Words::fixed("its INSEE code, such as 76", "son code INSEE, par exemple 76"),
        ),
        TerritoryLevel::Region => (
            "a current région",
            "d'une région actuelle",
            Words::fixed("its INSEE code, such as 28", "son code INSEE, par exemple 28"),
        ),
    };
    let expected = match instead(level, code) {
        none if none.is_empty() => expected,
        named => either(apart(&named)),
    };
    Words::new(
        format!("{shown} is not the code of {english}: expected {expected}"),
        format!("{shown:#} n'est pas le code {french} : il faut {expected:#}"),
    )
}

/// What is said of a text that names no level, with the territories that have this code or this name.
pub(crate) fn without_level(text: &str) -> Words {
    let shown = words::quoted(text);
    let coded = TerritoryLevel::ALL
        .into_iter()
        .filter_map(|level| territory(level, text));
    let all: Vec<_> = coded.chain(named_anywhere(text)).collect();
    let expected = match all.is_empty() {
        true => Words::fixed(
            "level/code, such as departement/76",
            "niveau/code, par exemple departement/76",
        ),
        false => either(apart(&all)),
    };
    Words::new(
        format!("{shown} does not name a territory: expected {expected}"),
        format!("{shown:#} ne nomme pas un territoire : il faut {expected:#}"),
    )
}

/// The territories of this name at any level.
fn named_anywhere(name: &str) -> impl Iterator<Item = Territory> {
    TerritoryLevel::ALL
        .into_iter()
        .flat_map(move |level| named(level, name))
}

/// Each with its name, and communes of the same name with their département.
fn apart(all: &[Territory]) -> Vec<String> {
    let told = |Territory { level, code, name }: &Territory| {
        let same = |other: &&Territory| (other.level, other.name) == (*level, *name);
        let shared = all.iter().filter(same).count() > 1;
        let commune = super::commune(code).filter(|_| shared && *level == TerritoryLevel::Commune);
        let departement =
            commune.and_then(|commune| territory(TerritoryLevel::Departement, commune.departement));
        match departement {
            Some(departement) => format!("{level}/{code} ({name}, {})", departement.name),
            None => format!("{level}/{code} ({name})"),
        }
    };
    all.iter().map(told).collect()
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
    if found.is_empty() {
        found.extend(named_anywhere(code));
    }
    found
}

/// The territories of this name, however it is spelt.
fn named(level: TerritoryLevel, name: &str) -> Vec<Territory> {
    if level == TerritoryLevel::Commune {
        let meant = names::meant(name).into_iter();
        return meant
            .filter_map(|commune| territory(level, commune.code))
            .collect();
    }
    let spelt = spelling::of(name);
    let same = |known: &Territory| !spelt.is_empty() && spelling::of(known.name) == spelt;
    territories(level).filter(same).collect()
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
                "Saint-Denis",
                "commune/97411 (Saint-Denis, La Réunion) or commune/93066 (Saint-Denis, Seine-Saint-Denis)",
            ),
            (TerritoryLevel::Commune, "Sainte-Colombe", " or "),
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
            (TerritoryLevel::Region, "rouen", "commune/76540 (Rouen)"),
            (TerritoryLevel::Departement, "normandie", "region/28 (Normandie)"),
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
