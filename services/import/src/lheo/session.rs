//! The sessions of an action.

use parcours_model::streams::session::Entry;
use uuid::Uuid;

use super::element::Element;
use super::formation::{Formation, Session};
use super::interpret::{Action, Reading, Shared};
use super::note::Spot;
use super::venue::Venue;
use super::{capacity, dates, identity, period};

pub(super) fn read(
    reading: &mut Reading<'_>,
    shared: &Shared<'_>,
    action: &Action<'_>,
    offer: Uuid,
    formation: &mut Formation,
) {
    let siblings = action.element.children("session");
    let numbers = shared.naming.sessions(action.number, action.element);
    let keys = numbers
        .iter()
        .map(|number| shared.naming.session(action.number, number));
    formation.named.extend(keys);
    let sessions = &mut formation.sessions;
    if numbers.is_empty() {
        reading.remark(action.spot(), "it has no session: nothing to enrol in");
    }
    let entry = entry(reading, action);
    let alone = numbers.len() == 1;
    let venue = Venue::of(reading, shared, action);
    let shared_numbers = identity::shared(siblings.clone());
    for ((element, number), shared_with) in siblings.zip(&numbers).zip(shared_numbers) {
        let one = One {
            element,
            number,
            shared,
            action,
            venue: &venue,
            alone,
        };
        let read = one.read(reading, offer, entry).and_then(|session| {
            let twice = sessions.iter().any(|other| other.key == session.key);
            if twice {
                Err("it is given twice: same number, same dates, same address".to_owned())
            } else {
                Ok(session)
            }
        });
        match read {
            Ok(session) => {
                if let Some(line) = shared_with {
                    let reason =
                        format!("that of line {line} has its number, too: told apart by dates and address");
                    reading.remark(one.spot(), reason);
                }
                sessions.push(session);
            }
            Err(reason) => reading.refuse(one.spot(), reason),
        }
    }
}

/// LHEO's table `dict-modalites-es`.
fn entry(reading: &mut Reading<'_>, action: &Action<'_>) -> Entry {
    let said = match action.element.value_of("modalites-entrees-sorties") {
        Some("0") => return Entry::Fixed,
        Some("1") => return Entry::Permanent,
        Some(code) => format!("\"{code}\" is neither 0 nor 1"),
        None => "is missing".to_owned(),
    };
    reading.remark(
        action.spot(),
        format!("modalites-entrees-sorties {said}: taken as fixed dates"),
    );
    Entry::Fixed
}

/// One session and what is around it.
struct One<'a> {
    element: &'a Element,
    number: &'a str,
    shared: &'a Shared<'a>,
    action: &'a Action<'a>,
    venue: &'a Venue<'a>,
    /// Whether it is the action's only one.
    alone: bool,
}

impl<'a> One<'a> {
    fn spot(&self) -> Spot<'a> {
        Spot {
            action: Some(self.action.number),
            session: Some(self.number),
            ..Spot::of(self.element)
        }
    }

    fn read(&self, reading: &mut Reading<'_>, offer: Uuid, entry: Entry) -> Result<Session, String> {
        let dated = dates::dated(&[self.element, self.action.element, self.shared.formation]);
        let period = period::read(self.element, entry, dated, reading.as_of)?;
        if period.open {
            let reason = format!("periode is open: taken as {} to {}", period.from, period.to);
            reading.remark(self.spot(), reason);
        }
        let (enrol_from, enrol_until) = period::enrolment(self.element).unwrap_or_else(|reason| {
            reading.remark(self.spot(), reason);
            (None, None)
        });
        let capacity = capacity::of(self.element, self.action.element, self.alone);
        if capacity.added_up > 1 {
            let reason = format!("{} cycles: their places are added up", capacity.added_up);
            reading.remark(self.spot(), reason);
        }
        let capacity = capacity.places;
        Ok(Session {
            key: self.shared.naming.session(self.action.number, self.number),
            apart: self.shared.naming.session_apart(self.action.number, self.element),
            line: self.element.line,
            number: self.number.to_owned(),
            offer,
            commune: self.venue.of_session(self.element, self.spot(), reading)?,
            from: period.from,
            to: period.to,
            assumed: period.assumed,
            entry,
            closed: self.is_closed(reading),
            capacity,
            enrol_from,
            enrol_until,
            dated,
        })
    }

    /// LHEO's table `dict-etat-recrutement`: full, or interrupted until later.
    fn is_closed(&self, reading: &mut Reading<'_>) -> bool {
        // Of ours it follows from the places that are taken, which are in the log.
        if self.shared.naming.own.is_some() {
            return false;
        }
        match self.element.value_of("etat-recrutement") {
            None | Some("1") => false,
            Some("2" | "3") => true,
            Some(code) => {
                let reason = format!("etat-recrutement \"{code}\" is none of 1, 2 and 3: left out");
                reading.remark(self.spot(), reason);
                false
            }
        }
    }
}
