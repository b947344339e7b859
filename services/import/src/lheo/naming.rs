//! Which of the names in the log the things of a formation go by. The file's own numbers come first; where it has none, or
//! where they are not alone, what is in the log already tells which name goes on.

use std::collections::HashSet;

use parcours_model::StreamKind;
use parcours_model::codes::Siret;

use super::element::Element;
use super::known::Known;
use super::{dates, identity, own};

/// The parts of the names of a formation's offers and sessions.
pub(super) struct Naming<'a> {
    known: &'a Known,
    /// The establishment that the names are derived from: the operator's own, or the one it had before.
    pub(super) siret: Siret,
    pub(super) formation: String,
    /// The offer that the formation is, where it says so itself.
    pub(super) own: Option<uuid::Uuid>,
}

impl<'a> Naming<'a> {
    /// Of the formation `element`, `called` by its number or its title.
    pub(super) fn of(known: &'a Known, siret: Siret, element: &Element, called: &str) -> Self {
        let numbers = identity::among_siblings(element.children("action"), |rank, _| ranked(None, rank + 1));
        let by = |siret: Siret, formation: &str| Naming {
            known,
            siret,
            formation: formation.to_owned(),
            own: None,
        };
        if let Some(offer) = own::stream(StreamKind::Offer, element) {
            return Naming {
                own: Some(offer),
                ..by(siret, called)
            };
        }
        let is_known = |naming: &Naming<'_>| {
            let mut offers = numbers.iter().map(|number| naming.offer(number));
            offers.any(|offer| known.offer(offer).is_some())
        };
        let mut calls = vec![called.to_owned()];
        if identity::number(element).is_none() {
            calls.extend(by_its_parts(element));
        }
        let sirets: Vec<Siret> = [siret]
            .into_iter()
            .chain(known.other_establishments(siret))
            .collect();
        let mut candidates = sirets
            .iter()
            .flat_map(|siret| calls.iter().map(|called| by(*siret, called)));
        candidates
            .find(is_known)
            .unwrap_or_else(|| by(siret, calls.last().map_or(called, String::as_str)))
    }

    pub(super) fn offer(&self, action: &str) -> uuid::Uuid {
        self.own
            .unwrap_or_else(|| identity::offer(self.siret, &self.formation, action))
    }

    pub(super) fn session(&self, action: &str, session: &str) -> uuid::Uuid {
        self.own_session(session)
            .unwrap_or_else(|| identity::session(self.siret, &self.formation, action, session))
    }

    /// The stream that a session of a formation of ours is numbered by.
    fn own_session(&self, number: &str) -> Option<uuid::Uuid> {
        self.own.and(own::named(StreamKind::Session, number))
    }

    /// The stream of a session whose number another formation of the catalogue has.
    pub(super) fn session_apart(&self, action: &str, session: &Element) -> uuid::Uuid {
        let own = identity::number(session).and_then(|number| self.own_session(number));
        own.unwrap_or_else(|| self.session(action, &apart(session)))
    }

    /// A name for each action. One without a number of its own is known by its sessions, else by its rank.
    pub(super) fn actions(&self, element: &Element) -> Vec<String> {
        let siblings: Vec<&Element> = element.children("action").collect();
        let own = identity::among_siblings(element.children("action"), |rank, _| ranked(None, rank + 1));
        let is_ranked = |index: usize| {
            own[index].contains('#') && Some(own[index].as_str()) != identity::number(siblings[index])
        };
        let mut names: Vec<Option<String>> = (0..own.len())
            .map(|index| (!is_ranked(index)).then(|| own[index].clone()))
            .collect();
        let mut taken: HashSet<String> = names.iter().flatten().cloned().collect();
        let ranks = || 1..=siblings.len() + RANKS_BEYOND;
        for (index, action) in siblings.iter().enumerate().filter(|(index, _)| is_ranked(*index)) {
            let sessions = identity::among_siblings(action.children("session"), |_, session| itself(session));
            let holds = |name: &String| {
                let mut keys = sessions.iter().map(|session| self.session(name, session));
                keys.any(|key| self.known.session(key).is_some())
            };
            let mut candidates = ranks().map(|rank| ranked(identity::number(action), rank));
            if let Some(name) = candidates.find(|name| !taken.contains(name) && holds(name)) {
                taken.insert(name.clone());
                names[index] = Some(name);
            }
        }
        for index in 0..names.len() {
            if names[index].is_none() {
                let number = identity::number(siblings[index]);
                let mut candidates = [own[index].clone()]
                    .into_iter()
                    .chain(ranks().map(|rank| ranked(number, rank)));
                let free = candidates.find(|name| !taken.contains(name));
                let name = free.unwrap_or_else(|| own[index].clone());
                taken.insert(name.clone());
                names[index] = Some(name);
            }
        }
        names.into_iter().flatten().collect()
    }

    /// A name for each session of an action, and how it is called in the report. A number that a session shares with
    /// others, or shared, is told apart by what the session says of itself; a session that was withdrawn and comes back
    /// is another.
    pub(super) fn sessions(&self, action: &str, element: &Element) -> Vec<String> {
        let own = identity::among_siblings(element.children("session"), |_, session| itself(session));
        let mut taken = HashSet::new();
        element
            .children("session")
            .zip(own)
            .map(|(session, own)| {
                let name = self.session_name(action, session, own, &taken);
                taken.insert(name.clone());
                name
            })
            .collect()
    }

    fn session_name(&self, action: &str, session: &Element, own: String, taken: &HashSet<String>) -> String {
        if self.own_session(&own).is_some() {
            return own;
        }
        let is_known = |name: &str| self.known.session(self.session(action, name)).is_some();
        let mut name = own;
        if let Some(number) = identity::number(session) {
            let apart = apart(session);
            let begins = session
                .at(&["periode", "debut"])
                .and_then(Element::value)
                .and_then(|debut| dates::first_day(debut).ok().flatten());
            let same_dates = || {
                let known = self.known.session(self.session(action, number));
                known.is_some_and(|known| Some(known.from) == begins)
            };
            if name == number && is_known(&apart) && !same_dates() {
                name = apart;
            } else if name == apart && !is_known(&apart) && !taken.contains(number) && same_dates() {
                number.clone_into(&mut name);
            }
        }
        let withdrawn = |name: &str| {
            let known = self.known.session(self.session(action, name));
            known.is_some_and(|known| known.withdrawn)
        };
        let first = name.clone();
        for again in 2.. {
            if !withdrawn(&name) {
                break;
            }
            name = format!("{first} ({again})");
        }
        name
    }
}

/// The name of a session whose number another has.
fn apart(session: &Element) -> String {
    let itself = itself(session);
    identity::number(session).map_or_else(|| itself.clone(), |number| format!("{number} {itself}"))
}

/// How many actions may have gone before those that are still there.
const RANKS_BEYOND: usize = 16;

fn ranked(number: Option<&str>, rank: usize) -> String {
    number.map_or_else(|| format!("#{rank}"), |number| format!("{number} #{rank}"))
}

/// What a formation without a number is called by: the number of its first action or session that has one.
fn by_its_parts(formation: &Element) -> Option<String> {
    let action = formation.children("action").find_map(identity::number);
    let session = || {
        formation
            .all(&["action", "session"])
            .into_iter()
            .find_map(identity::number)
    };
    match action {
        Some(number) => Some(format!("action {number}")),
        None => session().map(|number| format!("session {number}")),
    }
}

/// What a session says of itself when its number does not tell it from its siblings.
pub(super) fn itself(session: &Element) -> String {
    let paths: [&[&str]; 4] = [
        &["periode", "debut"],
        &["periode", "fin"],
        &["adresse-inscription", "adresse", "code-INSEE-commune"],
        &["adresse-inscription", "adresse", "codepostal"],
    ];
    paths
        .map(|path| session.at(path).and_then(Element::value).unwrap_or_default())
        .join("/")
}
