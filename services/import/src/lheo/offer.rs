//! What a formation and one of its actions offer.

use std::str::FromStr;

use parcours_model::codes::{Formacode, Invalid, Level, Rncp, Rome, Rs};
use parcours_model::streams::offer::Aim;
use parcours_model::streams::parcours::Mode;

use super::element::Element;
use super::formation::{Dated, LONGEST_OBJECTIVE, Offer};
use super::interpret::{Action, Reading, Shared};
use super::note::Spot;
use super::own::{self, Exact};
use super::{dates, hours, number};

/// In LHEO's table `dict-AIS`, of what a training is for in general.
const AIM_CERTIFICATION: &str = "6";

/// What all the actions' offers have in common.
pub(super) fn outline(reading: &mut Reading<'_>, shared: &Shared<'_>, title: &str) -> Offer {
    let element = shared.formation;
    if title.contains(char::REPLACEMENT_CHARACTER) {
        let reason = "characters of intitule-formation were lost before the file was written";
        reading.remark(Spot::of(element), reason);
    }
    judge_tables(reading, element);
    let domain = element.child("domaine-formation");
    let rncp = certification::<Rncp>(reading, element, "code-RNCP", "RNCP");
    let rs = certification::<Rs>(reading, element, "code-RS", "RS");
    let certifying = match element.value_of("certifiante") {
        Some("1") => true,
        Some("0") => false,
        _ => {
            let aim = element.value_of("objectif-general-formation");
            aim == Some(AIM_CERTIFICATION) || rncp.is_some() || rs.is_some() || is_certified(element)
        }
    };
    let outline = Offer {
        key: shared.naming.offer(""),
        again: false,
        operator: shared.siret,
        title: title.to_owned(),
        objective: objective(reading, element).unwrap_or_else(|| title.to_owned()),
        rome: codes::<Rome>(reading, domain, "code-ROME"),
        rncp,
        rs,
        formacode: codes::<Formacode>(reading, domain, "code-FORMACODE"),
        certifying,
        aim: said(element, "objectif-general-formation").and_then(aim),
        level: said(element, "code-niveau-sortie").and_then(level),
        entry_level: said(element, "code-niveau-entree").and_then(level),
        minutes: None,
        mode: Mode::OnSite,
        dated: Dated::default(),
    };
    if !own::wrote(element) {
        return outline;
    }
    let exact = Exact::of(element).unwrap_or_else(|reason| {
        reading.remark(Spot::of(element), reason);
        Exact::default()
    });
    exact.complete(outline)
}

/// Codes of tables of LHEO 2.3: one that is in none is told.
fn judge_tables(reading: &mut Reading<'_>, formation: &Element) {
    for (name, codes) in [
        ("code-niveau-entree", LEVELS),
        ("code-niveau-sortie", LEVELS),
        ("objectif-general-formation", AIMS),
    ] {
        if let Some(code) = said(formation, name).filter(|code| !codes.split(' ').any(|known| known == code))
        {
            let reason = format!("{name} \"{code}\" is none of {codes}");
            reading.remark(Spot::of(formation), reason);
        }
    }
}

fn said(formation: &Element, name: &str) -> Option<String> {
    formation.value_of(name).map(number::cleaned)
}

/// The level of the framework of 2019: 11 to 18 are its levels 1 to 8. Of those of before, 4 to 8 (V to I) have one; 2 and 3
/// (VI and V bis) have none, 0 and 1 say nothing.
fn level(code: String) -> Option<Level> {
    let level = match code.parse::<u64>().ok()? {
        new @ 11..=18 => new - 10,
        old @ 4..=8 => old - 1,
        _ => return None,
    };
    level.try_into().ok()
}

/// What `dict-AIS` says; 1 is obsolete.
fn aim(code: String) -> Option<Aim> {
    Some(match code.as_str() {
        "2" | "3" => Aim::Improvement,
        "4" => Aim::BusinessCreation,
        "5" => Aim::Refresher,
        "6" => Aim::Certification,
        "7" => Aim::Professionalisation,
        "8" => Aim::Preparation,
        "9" => Aim::Mobilisation,
        _ => return None,
    })
}

/// `dict-niveaux`: 0 to 8 are those of before 2019 (4 is a CAP), 11 to 18 the levels 1 to 8 of the framework (13 is a CAP).
const LEVELS: &str = "0 1 2 3 4 5 6 7 8 11 12 13 14 15 16 17 18";
/// `dict-AIS`.
const AIMS: &str = "1 2 3 4 5 6 7 8 9";

/// By a code of a repertory whose numbers no event carries.
fn is_certified(formation: &Element) -> bool {
    ["code-CERTIFINFO", "code-CPF"].iter().any(|name| {
        let codes = formation.all(&["certification", name]);
        codes
            .into_iter()
            .filter_map(Element::value)
            .any(|code| code != "0" && code != "-1")
    })
}

/// The offer that one action makes of the outline.
pub(super) fn read(
    reading: &mut Reading<'_>,
    shared: &Shared<'_>,
    action: &Action<'_>,
    outline: &Offer,
) -> Offer {
    let minutes = outline.minutes.or_else(|| {
        hours::of(action.element).unwrap_or_else(|reason| {
            reading.remark(action.spot(), reason);
            None
        })
    });
    let innermost_first = [action.element, shared.formation];
    Offer {
        key: shared.naming.offer(action.number),
        minutes,
        mode: mode(reading, action),
        dated: dates::dated(&innermost_first),
        ..outline.clone()
    }
}

/// LHEO's table `dict-modalites-enseignement`: note that 1 is mixed.
fn mode(reading: &mut Reading<'_>, action: &Action<'_>) -> Mode {
    let said = match action.element.value_of("modalites-enseignement") {
        Some("0") => return Mode::OnSite,
        Some("1") => return Mode::Mixed,
        Some("2") => return Mode::Remote,
        Some(code) => format!("\"{code}\" is none of 0, 1 and 2"),
        None => "is missing".to_owned(),
    };
    reading.remark(
        action.spot(),
        format!("modalites-enseignement {said}: taken as on site"),
    );
    Mode::OnSite
}

/// What the training is for; where nobody says so, what comes of it or what it holds.
fn objective(reading: &mut Reading<'_>, formation: &Element) -> Option<String> {
    let fields = ["objectif-formation", "resultats-attendus", "contenu-formation"];
    let (field, mut text) = fields
        .into_iter()
        .find_map(|field| Some((field, formation.lines_of(field)?)))?;
    if let Some((end, _)) = text.char_indices().nth(LONGEST_OBJECTIVE) {
        text.truncate(end);
        reading.remark(
            Spot::of(formation),
            format!("{field} cut after {LONGEST_OBJECTIVE} characters"),
        );
    }
    Some(text)
}

/// The valid codes of that name, the one tagged principal first, each once.
fn codes<T>(reading: &mut Reading<'_>, domain: Option<&Element>, name: &str) -> Vec<T>
where
    T: FromStr<Err = Invalid> + PartialEq,
{
    let mut elements: Vec<_> = domain
        .into_iter()
        .flat_map(|domain| domain.children(name))
        .collect();
    elements.sort_by_key(|element| element.attribute("tag") != Some("principal"));
    let mut codes = Vec::new();
    for element in elements {
        match element.value().map(|value| number::cleaned(value).parse()) {
            Some(Ok(code)) if !codes.contains(&code) => codes.push(code),
            Some(Err(invalid)) => reading.remark(Spot::of(element), format!("{name} left out: {invalid}")),
            _ => {}
        }
    }
    codes
}

/// The first valid number of a repertory. It comes with or without its prefix, in the element of either repertory where it
/// has one, and as 0 or -1 where there is none.
fn certification<T>(reading: &mut Reading<'_>, formation: &Element, own: &str, prefix: &str) -> Option<T>
where
    T: FromStr<Err = Invalid> + PartialEq,
{
    let mut first = None;
    for code in formation
        .children("certification")
        .flat_map(|certification| &certification.children)
        .filter(|code| ["code-RNCP", "code-RS"].contains(&code.name.as_str()))
    {
        let Some(value) = code.value() else { continue };
        let spelt = number::cleaned(value);
        let name = &code.name;
        let digits = match spelt.strip_prefix(prefix) {
            Some(digits) => digits,
            None if name == own && !spelt.starts_with('R') => &spelt,
            None => continue,
        };
        let digits = digits.trim_start_matches('0');
        if digits.is_empty() || digits == "-1" {
            continue;
        }
        let left_out = match format!("{prefix}{digits}").parse::<T>() {
            Ok(number) if first.as_ref().is_none_or(|first| *first == number) => {
                first = Some(number);
                continue;
            }
            Ok(_) => format!("{name} {value} left out: an offer names one certification, the first"),
            Err(invalid) => format!("{name} left out: {invalid}"),
        };
        reading.remark(Spot::of(code), left_out);
    }
    first
}
