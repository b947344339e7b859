//! Who is responsible for a training, and whom to ask about it.

use parcours_projections::catalogue::OperatorCard;
use uuid::Uuid;

use super::xml::Xml;
use super::{NOTHING, address, beyond};

/// What bodies without a declaration of activity write for its number of 11 digits.
const NO_ACTIVITY_NUMBER: &str = "99999999999";

/// The responsible body. It has a number only where it is registered: an import registers no other.
pub(super) fn write(xml: &mut Xml, operator: Option<&OperatorCard>, stream: Option<Uuid>) {
    const ELEMENT: &str = "organisme-formation-responsable";
    match stream {
        Some(stream) => xml.open(ELEMENT, &[("numero", &format!("operator/{stream}"))]),
        None => xml.open(ELEMENT, &[]),
    }
    let name = operator.and_then(|operator| operator.name.as_deref());
    let shown = name.map_or_else(
        || NOTHING.to_owned(),
        |name| beyond::shortened(name, beyond::LONGEST_NAME),
    );
    xml.text("numero-activite", NO_ACTIVITY_NUMBER);
    let siret = operator.map_or("", |operator| &operator.siret);
    xml.around(&["SIRET-organisme-formation"], |xml| xml.text("SIRET", siret));
    xml.text("nom-organisme", &shown);
    xml.text("raison-sociale", &shown);
    xml.around(&["coordonnees-organisme"], |xml| contact_details(xml, operator));
    contact(xml, "contact-organisme", operator);
    beyond::write(xml, name.and_then(beyond::of_name));
    xml.close(ELEMENT);
}

/// Whom to ask: the body itself, for nobody else is known.
pub(super) fn contact(xml: &mut Xml, element: &str, operator: Option<&OperatorCard>) {
    xml.around(&[element], |xml| contact_details(xml, operator));
}

fn contact_details(xml: &mut Xml, operator: Option<&OperatorCard>) {
    xml.around(&["coordonnees"], |xml| {
        let commune = operator.and_then(|operator| operator.commune.as_deref());
        if let Some(commune) = commune {
            address::write(
                xml,
                commune,
                operator.and_then(|operator| operator.name.as_deref()),
            );
        }
    });
}
