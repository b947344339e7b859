//! A training, and what is said of all its sessions of one place.

use parcours_projections::catalogue::{Listed, OfferCard, OperatorCard};

use super::xml::Xml;
use super::{NOTHING, address, beyond, body, tables};

/// `dict-type-parcours`, which has no code for "not known": neither in a group only nor for one person only.
const MIXED: &str = "4";
/// No code of the Formacode: for whom a training is, beside the level it asks for, is not known.
const NOBODY_IN_PARTICULAR: &str = "00000";

/// What a formation says before its actions.
pub(super) fn begin(xml: &mut Xml, offer: &OfferCard, operator: Option<&OperatorCard>) {
    xml.open("formation", &[("numero", &format!("offer/{}", offer.offer))]);
    xml.open("domaine-formation", &[]);
    for code in offer.formacode.iter().take(beyond::MOST_CODES) {
        // Of which edition the code is, nobody said.
        xml.text_with("code-FORMACODE", &[("ref", NOTHING)], code);
    }
    for code in offer.rome.iter().take(beyond::MOST_CODES) {
        xml.text("code-ROME", code);
    }
    xml.close("domaine-formation");
    xml.text(
        "intitule-formation",
        &beyond::shortened(&offer.title, beyond::LONGEST_TITLE),
    );
    xml.text(
        "objectif-formation",
        &beyond::shortened(&offer.objective, beyond::LONGEST_TEXT),
    );
    let certifications = [&offer.rncp, &offer.rs].map(Option::as_deref);
    let named: Vec<&str> = certifications.into_iter().flatten().collect();
    match &named[..] {
        [] => xml.text("resultats-attendus", NOTHING),
        named => xml.text(
            "resultats-attendus",
            &format!("Certification {}", named.join(", ")),
        ),
    }
    xml.text("contenu-formation", NOTHING);
    xml.text("certifiante", tables::boolean(offer.certifying));
    body::contact(xml, "contact-formation", operator);
    xml.text("parcours-de-formation", MIXED);
    let entry_level = match offer.entry_level {
        None => tables::LEVEL_NOT_STATED.to_owned(),
        Some(level) => tables::level(level).unwrap_or_else(|| tables::WITHOUT_LEVEL.to_owned()),
    };
    xml.text("code-niveau-entree", &entry_level);
    if let Some(aim) = offer.aim.as_deref().and_then(tables::aim) {
        xml.text("objectif-general-formation", aim);
    }
    for (name, code) in ["code-RNCP", "code-RS"].into_iter().zip(certifications) {
        if let Some(code) = code {
            xml.around(&["certification"], |xml| xml.text(name, code));
        }
    }
    if let Some(level) = offer.level.and_then(tables::level) {
        xml.text("code-niveau-sortie", &level);
    }
}

/// What an action says before its sessions: `first` is one of them.
pub(super) fn begin_action(xml: &mut Xml, offer: &OfferCard, first: &Listed) {
    xml.open("action", &[]);
    xml.text("rythme-formation", NOTHING);
    xml.text_with("code-public-vise", &[("ref", NOTHING)], NOBODY_IN_PARTICULAR);
    xml.text("niveau-entree-obligatoire", tables::boolean(false));
    xml.text("modalites-alternance", NOTHING);
    xml.text("modalites-enseignement", tables::mode(&offer.mode));
    xml.text("conditions-specifiques", NOTHING);
    xml.text("prise-en-charge-frais-possible", tables::boolean(true));
    xml.around(&["lieu-de-formation", "coordonnees"], |xml| {
        address::write(xml, &first.commune.code, None);
    });
    xml.text("modalites-entrees-sorties", tables::entry(&first.entry));
}

/// What an action says after its sessions.
pub(super) fn end_action(xml: &mut Xml, offer: &OfferCard) {
    if offer.minutes > 0 {
        xml.text("nombre-heures-total", &beyond::hours(offer.minutes).to_string());
    }
    xml.close("action");
}

/// What a formation says after its actions and the responsible body.
pub(super) fn end(xml: &mut Xml, offer: &OfferCard) {
    beyond::write(xml, beyond::of_offer(offer));
    xml.close("formation");
}
