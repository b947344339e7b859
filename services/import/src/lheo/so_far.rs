//! What a catalogue has said further up: some exporters write a formation once for each of its sessions.

use std::collections::HashMap;

use chrono::NaiveDate;
use parcours_console::numbers::counted;
use parcours_model::StreamKind;
use parcours_model::codes::Commune;
use uuid::Uuid;

use super::formation::{Formation, Offer, Session};
use super::known::Known;
use super::note::Spot;
use super::reader::Raw;
use super::{identity, own};

/// The offers and sessions of a catalogue up to here.
#[derive(Debug, Default)]
pub(super) struct SoFar {
    /// On which line each was described, and in which words.
    offers: HashMap<Uuid, (u64, Uuid)>,
    sessions: HashMap<Uuid, Frame>,
}

/// What tells two sessions apart that have one number.
type Frame = (NaiveDate, NaiveDate, Commune);

impl SoFar {
    /// The formation without what was said before. Actions and sessions that are not there yet are added to it.
    pub(super) fn add(&mut self, mut read: Formation) -> Formation {
        let line = read.line;
        let (mut first, mut new_offers) = (None, 0);
        for offer in &mut read.offers {
            let words = words(offer);
            let Some((before, first_words)) = self.offers.get(&offer.key) else {
                self.offers.insert(offer.key, (line, words));
                new_offers += 1;
                continue;
            };
            offer.again = true;
            first = first.or(Some(*before));
            if *first_words != words {
                let reason = format!("described otherwise on line {before}: that description counts");
                read.remarks.push(spot(line).note(&read.number, reason));
            }
        }
        let given = read.sessions.len();
        read.sessions.retain_mut(|session| self.is_new(session));
        read.named.extend(read.sessions.iter().map(|session| session.key));
        let Some(first) = first else { return read };
        let (added, twice) = (read.sessions.len(), given - read.sessions.len());
        if added == 0 && new_offers == 0 && read.refusals.is_empty() {
            let reason = format!("line {first} has a formation of that number and operator already");
            return Formation {
                line,
                refusals: vec![spot(line).note(&read.number, reason)],
                number: read.number,
                named: read.named,
                ..Formation::default()
            };
        }
        let twice = match twice {
            0 => String::new(),
            1 => ", 1 was there already".to_owned(),
            _ => format!(", {twice} were there already"),
        };
        let are = if added == 1 { "is" } else { "are" };
        let added = counted(added, "session");
        let reason = format!("goes on from line {first}: {added} {are} added{twice}");
        read.remarks.push(spot(line).note(&read.number, reason));
        read
    }

    /// A session of a number that another has is one of its own.
    fn is_new(&mut self, session: &mut Session) -> bool {
        let frame = (session.from, session.to, session.commune);
        match self.sessions.get(&session.key) {
            None => {}
            Some(known) if *known == frame => return false,
            Some(_) if self.sessions.contains_key(&session.apart) => return false,
            Some(_) => session.key = session.apart,
        }
        self.sessions.insert(session.key, frame);
        true
    }

    /// A formation that was refused, with the offers of the log that it is about.
    pub(super) fn refused(&self, mut read: Formation, raw: &Raw, known: &Known) -> Formation {
        let actions =
            identity::among_siblings(raw.element.children("action"), |rank, _| format!("#{}", rank + 1));
        for siret in known.all_establishments() {
            let offers = actions
                .iter()
                .map(|action| identity::offer(siret, &read.number, action));
            read.unread
                .extend(offers.filter(|offer| known.offer(*offer).is_some()));
        }
        read.unread.extend(own::stream(StreamKind::Offer, &raw.element));
        read.unidentified = raw.fault.is_some() && read.unread.is_empty();
        read
    }
}

fn spot(line: u64) -> Spot<'static> {
    Spot {
        line,
        action: None,
        session: None,
    }
}

/// A name of all that is said of an offer.
fn words(offer: &Offer) -> Uuid {
    let Offer {
        title,
        objective,
        rome,
        rncp,
        rs,
        formacode,
        certifying,
        aim,
        level,
        entry_level,
        minutes,
        mode,
        ..
    } = offer;
    let said = format!(
        "{:?}",
        (
            title,
            objective,
            rome,
            rncp,
            rs,
            formacode,
            certifying,
            (aim, level, entry_level),
            minutes,
            mode
        )
    );
    Uuid::new_v5(&Uuid::NAMESPACE_OID, said.as_bytes())
}
