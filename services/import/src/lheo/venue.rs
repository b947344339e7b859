//! Where the sessions of an action are held.

use parcours_model::codes::Commune;

use super::element::Element;
use super::interpret::{Action, Reading, Shared};
use super::note::Spot;
use super::place::{Found, Unplaced};

/// The places of an action: its own, and those that stand in where it names none.
pub(super) struct Venue<'a> {
    own: Result<Commune, Unplaced>,
    action: &'a Action<'a>,
    seat: Option<&'a Found>,
}

impl<'a> Venue<'a> {
    /// What is to say of the action's own places is said once, for all its sessions.
    pub(super) fn of(reading: &mut Reading<'_>, shared: &'a Shared<'a>, action: &'a Action<'a>) -> Self {
        let addresses = action
            .element
            .all(&["lieu-de-formation", "coordonnees", "adresse"]);
        let (mut found, mut doubt): (Vec<Found>, _) = (Vec::new(), None);
        for address in addresses {
            match reading.places.commune(address) {
                Ok(place) => found.push(place),
                Err(Unplaced::Silent) => {}
                Err(unplaced) => doubt = doubt.or(Some(unplaced)),
            }
        }
        let own = match found.first() {
            None => Err(doubt.unwrap_or(Unplaced::Silent)),
            Some(first) => {
                let commune = first.commune;
                if let Some(remark) = &first.remark {
                    reading.remark(action.spot(), format!("lieu-de-formation: {remark}"));
                }
                if found.iter().any(|other| other.commune != commune) {
                    let reason = format!("several lieu-de-formation: placed in the first, {commune}");
                    reading.remark(action.spot(), reason);
                }
                Ok(commune)
            }
        };
        Venue {
            own,
            action,
            seat: shared.seat.as_ref(),
        }
    }

    /// Where the action is given. Where it does not say: where one enrols; else where the body that trains, or the
    /// responsible one, is. Where it says what leaves several: the one of them that another address names.
    ///
    /// # Errors
    /// A sentence that names the element.
    pub(super) fn of_session(
        &self,
        session: &Element,
        spot: Spot<'_>,
        reading: &mut Reading<'_>,
    ) -> Result<Commune, String> {
        let (lacking, among) = match &self.own {
            Ok(commune) => return Ok(*commune),
            Err(Unplaced::Silent) => ("it names no commune", None),
            Err(Unplaced::Doubt { reason, candidates }) => (reason.as_str(), Some(candidates)),
        };
        let mut others = self.others(session, reading);
        if let Some(candidates) = among {
            others.retain(|(_, found)| candidates.contains(&found.commune));
        }
        let Some((instead, Found { commune, remark })) = others.into_iter().next() else {
            return Err(match among {
                None => format!(
                    "lieu-de-formation: {lacking}; neither adresse-inscription nor an address of the operator does"
                ),
                Some(_) => format!("lieu-de-formation: {lacking}"),
            });
        };
        let reason = format!("lieu-de-formation: {lacking}; placed by {instead}, in {commune}");
        let reason = match remark {
            Some(remark) => format!("{reason} ({remark})"),
            None => reason,
        };
        reading.remark(spot, reason);
        Ok(commune)
    }

    fn others(&self, session: &Element, reading: &Reading<'_>) -> Vec<(&'static str, Found)> {
        let enrolment = session.all(&["adresse-inscription", "adresse"]);
        let path = [
            "organisme-formateur",
            "contact-formateur",
            "coordonnees",
            "adresse",
        ];
        let trainer = self.action.element.all(&path);
        let found = |addresses: Vec<&Element>| {
            let mut places = addresses
                .into_iter()
                .map(|address| reading.places.commune(address));
            places.find_map(Result::ok)
        };
        let others = [
            ("adresse-inscription", found(enrolment)),
            ("organisme-formateur", found(trainer)),
            ("organisme-formation-responsable", self.seat.cloned()),
        ];
        others
            .into_iter()
            .filter_map(|(name, found)| Some((name, found?)))
            .collect()
    }
}
