//! Communes as addresses.

use parcours_model::geography;

use super::NOTHING;
use super::xml::Xml;

/// The longest `ville` and the longest `denomination`.
const LONGEST_TOWN: usize = 50;
const LONGEST_NAME: usize = 255;

/// What is no postcode, for a commune without one.
const NO_POSTCODE: &str = "00000";

/// The address of the commune of that code, of a body of that name. No street is known.
pub(super) fn write(xml: &mut Xml, code: &str, name: Option<&str>) {
    let commune = geography::commune(code);
    xml.open("adresse", &[]);
    if let Some(name) = name {
        xml.text(
            "denomination",
            &name.chars().take(LONGEST_NAME).collect::<String>(),
        );
    }
    xml.text("ligne", NOTHING);
    let postcode = geography::postcode_of(code).unwrap_or(NO_POSTCODE);
    xml.text("codepostal", postcode);
    let town = commune.map_or(code, |commune| commune.name);
    xml.text("ville", &town.chars().take(LONGEST_TOWN).collect::<String>());
    if let Some(commune) = commune {
        xml.text("departement", commune.departement);
    }
    xml.text("code-INSEE-commune", code);
    if let Some(commune) = commune.filter(|commune| commune.region.len() == 2) {
        xml.text("region", commune.region);
    }
    xml.close("adresse");
}
