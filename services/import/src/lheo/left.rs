//! What a catalogue no longer lists.

use std::collections::HashSet;

use chrono::NaiveDate;
use parcours_model::codes::{Commune, Siren, Siret};
use parcours_model::streams::{Fact, StreamKind, session};
use parcours_model::{History, StreamId, Submission, calendar};
use uuid::Uuid;

use super::events::{Additions, Options};
use super::formation::Formation;
use super::known::Known;
use super::said::Said;

/// What the files of one import have named.
#[derive(Debug, Default)]
pub struct Seen {
    sessions: HashSet<Uuid>,
    /// Offers that could not be read: all that is known of them stays.
    unread: HashSet<Uuid>,
    operators: HashSet<Siren>,
    /// The sessions that this import opened.
    opened: Vec<Opened>,
    /// Whether something could not even be identified.
    doubtful: bool,
}

#[derive(Debug)]
struct Opened {
    operator: Siren,
    title: String,
    commune: Commune,
    days: (NaiveDate, NaiveDate),
    itself: Likely,
}

/// A session that another most likely is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likely {
    /// The number of its formation.
    pub formation: String,
    /// Its own.
    pub session: String,
}

/// A session that one may still enter and that is no longer listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Its stream.
    pub session: Uuid,
    /// The title of its offer.
    pub title: String,
    /// Who gives it.
    pub operator: Siret,
    /// Where.
    pub commune: Commune,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// The session that is most likely the same, opened by this import under another name.
    pub likely: Option<Likely>,
}

/// How a session that left is withdrawn.
#[derive(Debug)]
pub struct Withdrawal {
    /// The event.
    pub submission: Submission,
    /// People who hold a place: the session is not cancelled for them, nobody else is enrolled.
    pub holders: usize,
}

impl Seen {
    /// Takes a formation in, with what it added.
    pub fn add(&mut self, formation: &Formation, additions: &Additions) {
        self.sessions.extend(&formation.named);
        self.unread.extend(&formation.unread);
        self.doubtful |= formation.unidentified;
        for offer in &formation.offers {
            self.operators.insert(offer.operator.siren());
        }
        let opened: HashSet<Uuid> = additions
            .submissions
            .iter()
            .filter(|submission| matches!(submission.event.fact, Fact::Session(session::Fact::Opened(_))))
            .map(|submission| submission.event.stream.uuid)
            .collect();
        for session in formation
            .sessions
            .iter()
            .filter(|session| opened.contains(&session.key))
        {
            let offer = formation.offers.iter().find(|offer| offer.key == session.offer);
            self.opened.extend(offer.map(|offer| Opened {
                operator: offer.operator.siren(),
                title: offer.title.clone(),
                commune: session.commune,
                days: (session.from, session.to),
                itself: Likely {
                    formation: formation.number.clone(),
                    session: session.number.clone(),
                },
            }));
        }
    }

    /// A file that named nothing: it is no catalogue.
    pub fn nothing(&mut self) {
        self.doubtful = true;
    }

    /// Whether it is known of every formation which it is, so that what is not listed can be withdrawn.
    pub fn is_whole(&self) -> bool {
        !self.doubtful
    }

    /// The sessions of `known` that end after `today`, have not begun (or are entered all year), and were not named. Of an
    /// import that is not `complete`, only those of operators that it speaks of, since a catalogue may be one operator's; and
    /// those that go on under another operator, most likely.
    pub fn left(&self, known: &Known, today: NaiveDate, complete: bool) -> Vec<Left> {
        let sessions = known.sessions().into_iter().filter(|(name, session, _)| {
            let named = self.sessions.contains(name) || self.unread.contains(&session.offer);
            !named && session.to >= today && (session.permanent || session.from > today)
        });
        let left = sessions.map(|(name, session, offer)| Left {
            session: name,
            title: offer.title.clone(),
            operator: offer.operator,
            commune: session.commune,
            from: session.from,
            to: session.to,
            likely: self.likely(
                &offer.title,
                offer.operator.siren(),
                session.commune,
                (session.from, session.to),
            ),
        });
        left.filter(|left| {
            complete || left.likely.is_some() || self.operators.contains(&left.operator.siren())
        })
        .collect()
    }

    /// At the same place, and two of: the same dates, the same title, the same company; the most alike of several.
    fn likely(
        &self,
        title: &str,
        operator: Siren,
        commune: Commune,
        days: (NaiveDate, NaiveDate),
    ) -> Option<Likely> {
        let likeness = |opened: &Opened| {
            let same = [
                opened.days == days,
                opened.title == title,
                opened.operator == operator,
            ];
            same.iter().filter(|same| **same).count()
        };
        let there = self.opened.iter().filter(|opened| opened.commune == commune);
        // Of those that are as alike, the first.
        let most = there.rev().max_by_key(|opened| likeness(opened))?;
        (likeness(most) >= 2).then(|| most.itself.clone())
    }
}

/// How a session that left is withdrawn; `None` where it is cancelled or closed already.
pub fn withdrawal(left: &Left, history: &History, options: &Options) -> Option<Withdrawal> {
    let mut holders = 0_usize;
    let (mut stands, mut cancelled) = (None, false);
    for fact in history.effective() {
        match fact.fact {
            Fact::Session(session::Fact::Opened(opened)) => {
                stands = Some((opened.from, opened.to, opened.enrol_until));
            }
            Fact::Session(session::Fact::Rescheduled(dates)) => {
                stands = Some((dates.from, dates.to, dates.enrol_until));
            }
            Fact::Session(session::Fact::PlaceTaken(_)) => holders += 1,
            Fact::Session(session::Fact::PlaceReleased(_)) => holders = holders.saturating_sub(1),
            Fact::Session(session::Fact::Cancelled(_)) => cancelled = true,
            _ => {}
        }
    }
    let (from, to, enrol_until) = stands.filter(|_| !cancelled)?;
    let today = calendar::day(options.as_of);
    let fact = if holders == 0 {
        session::Fact::Cancelled(session::Cancelled {
            reason: Some("No longer in the catalogue".to_owned()),
        })
    } else if enrol_until.is_some_and(|until| until < today) {
        return None;
    } else {
        session::Fact::Rescheduled(session::Rescheduled {
            from,
            to,
            enrol_until: today.pred_opt(),
        })
    };
    let said = Said::of(Some(history), |fact| match fact {
        Fact::Session(fact) => Some(fact.clone()),
        _ => None,
    });
    let submission = options.submission(
        StreamId::new(StreamKind::Session, left.session),
        left.operator,
        &said.previous(),
        said.changed(None, options.as_of),
        fact.into(),
    );
    Some(Withdrawal { submission, holders })
}
