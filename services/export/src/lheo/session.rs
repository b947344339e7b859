//! A training held at a time.

use chrono::NaiveDate;
use parcours_projections::catalogue::Listed;

use super::address;
use super::xml::Xml;

/// "Unknown", as LHEO writes dates.
const UNKNOWN_DAY: &str = "00000000";

/// `dict-etat-recrutement`.
const OPEN: &str = "1";
const FULL: &str = "2";

pub(super) fn write(xml: &mut Xml, session: &Listed) {
    xml.open("session", &[("numero", &format!("session/{}", session.session))]);
    period(xml, &day(session.from), &day(session.to));
    // Where one enrols is not known: it is asked where the training is given.
    xml.around(&["adresse-inscription"], |xml| {
        address::write(xml, &session.commune.code, None);
    });
    if let Some(until) = session.enrol_until {
        xml.around(&["periode-inscription"], |xml| {
            period(xml, UNKNOWN_DAY, &day(until));
        });
    }
    if session.open {
        xml.text("etat-recrutement", OPEN);
    } else if session.places.left == 0 {
        xml.text("etat-recrutement", FULL);
    }
    // `cycle` has places, too, but only of initial training and of apprentices.
    xml.around(&["extras"], |xml| {
        xml.text_with(
            "extra",
            &[("info", "nb-places")],
            &session.places.capacity.to_string(),
        );
    });
    xml.close("session");
}

fn period(xml: &mut Xml, from: &str, to: &str) {
    xml.around(&["periode"], |xml| {
        xml.text("debut", from);
        xml.text("fin", to);
    });
}

fn day(day: NaiveDate) -> String {
    day.format("%Y%m%d").to_string()
}
