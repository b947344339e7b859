//! What catalogues have said to the log so far, by the names of its streams: by this a thing that goes by another name in
//! the next export is found again, and what is no longer in it is noticed.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use parcours_model::codes::{Commune, Siren, Siret};
use parcours_model::streams::{Fact, offer, session};
use parcours_model::{Event, StreamKind};
use uuid::Uuid;

use super::said::FROM_A_CATALOGUE;

/// An offer, as a catalogue described it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownOffer {
    /// Who gives it.
    pub operator: Siret,
    /// Its title.
    pub title: String,
}

/// A session, as a catalogue described it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownSession {
    /// Its offer.
    pub offer: Uuid,
    /// Where.
    pub commune: Commune,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Whether it is entered all year.
    pub permanent: bool,
    /// Whether a complete catalogue that did not list it withdrew it.
    pub withdrawn: bool,
}

/// See above.
#[derive(Clone, Debug, Default)]
pub struct Known {
    offers: HashMap<Uuid, KnownOffer>,
    sessions: HashMap<Uuid, KnownSession>,
    establishments: HashMap<Siren, BTreeSet<Siret>>,
}

impl Known {
    /// Takes in the next event of the log; what no catalogue said is passed over.
    pub fn learn(&mut self, event: &Event) {
        if !event.key.id.read(|id| id.starts_with(FROM_A_CATALOGUE)) {
            return;
        }
        let name = event.stream.uuid;
        match &event.fact {
            Fact::Offer(offer::Fact::Published(offer) | offer::Fact::Revised(offer)) => {
                self.establishments
                    .entry(offer.operator.siren())
                    .or_default()
                    .insert(offer.operator);
                let known = KnownOffer {
                    operator: offer.operator,
                    title: offer.title.clone(),
                };
                self.offers.insert(name, known);
            }
            Fact::Session(session::Fact::Opened(opened)) => {
                let known = KnownSession {
                    offer: opened.offer,
                    commune: opened.commune,
                    from: opened.from,
                    to: opened.to,
                    permanent: opened.entry == session::Entry::Permanent,
                    withdrawn: false,
                };
                self.sessions.insert(name, known);
            }
            Fact::Session(session::Fact::Rescheduled(dates)) => {
                if let Some(known) = self.sessions.get_mut(&name) {
                    (known.from, known.to) = (dates.from, dates.to);
                }
            }
            Fact::Session(session::Fact::Cancelled(_)) => {
                if let Some(known) = self.sessions.get_mut(&name) {
                    known.withdrawn = true;
                }
            }
            _ => {}
        }
    }

    /// Whether an entry can be of interest, told by its bytes: it saves reading the others.
    pub fn may_be_of_a_catalogue(entry: &[u8], kind: StreamKind) -> bool {
        let mark = FROM_A_CATALOGUE.as_bytes();
        [StreamKind::Offer, StreamKind::Session].contains(&kind)
            && entry.windows(mark.len()).any(|bytes| bytes == mark)
    }

    pub(super) fn offer(&self, name: Uuid) -> Option<&KnownOffer> {
        self.offers.get(&name)
    }

    pub(super) fn session(&self, name: Uuid) -> Option<&KnownSession> {
        self.sessions.get(&name)
    }

    /// The other establishments of a company that catalogues have spoken of.
    pub(super) fn other_establishments(&self, siret: Siret) -> impl Iterator<Item = Siret> {
        let all = self.establishments.get(&siret.siren()).into_iter().flatten();
        all.copied().filter(move |other| *other != siret)
    }

    /// Every establishment that catalogues have spoken of.
    pub(super) fn all_establishments(&self) -> impl Iterator<Item = Siret> {
        self.establishments.values().flatten().copied()
    }

    /// Every session that was not withdrawn, with its offer, in the order of their dates.
    pub(super) fn sessions(&self) -> Vec<(Uuid, &KnownSession, &KnownOffer)> {
        let mut sessions: Vec<_> = self
            .sessions
            .iter()
            .filter(|(_, session)| !session.withdrawn)
            .filter_map(|(name, session)| Some((*name, session, self.offers.get(&session.offer)?)))
            .collect();
        sessions.sort_by_key(|(name, session, _)| (session.from, *name));
        sessions
    }
}
