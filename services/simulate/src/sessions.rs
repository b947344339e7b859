//! Sessions rolling through the year, and who holds a place in them at what time (R15, R18).

use super::agenda::{Agenda, Step};
use super::dice::Dice;
use super::operators::Operator;
use super::settings::Settings;
use super::workdays;
use chrono::{Days, NaiveDate};
use parcours_model::calendar;
use parcours_model::codes::Commune;
use parcours_model::streams::session::{self, Entry};
use parcours_model::{StreamId, StreamKind};
use std::sync::Arc;
use uuid::Uuid;

/// A session, as it is really held.
pub(super) struct Session {
    pub uuid: Uuid,
    pub operator: usize,
    /// Index of its offer among the operator's.
    pub offer: usize,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub entry: Entry,
    pub enrol_until: NaiveDate,
    pub capacity: u32,
    /// The operator found two more places; it does so once.
    pub raised: bool,
    /// From the day a place is taken to the day its release is known.
    places: Vec<(NaiveDate, NaiveDate)>,
}

impl Session {
    pub fn stream(&self) -> StreamId {
        StreamId::new(StreamKind::Session, self.uuid)
    }

    /// Whether a place is free on every day from `from` to `until`.
    ///
    /// A place counts as held until its release is *known*: then at any moment, whatever has arrived by then, the
    /// service finds at most as many places taken as there are.
    pub fn has_room(&self, from: NaiveDate, until: NaiveDate) -> bool {
        let taken = |day: NaiveDate| {
            self.places
                .iter()
                .filter(|(taken, freed)| *taken <= day && day <= *freed)
                .count()
        };
        let most = self.capacity as usize;
        let mut starts = self
            .places
            .iter()
            .map(|(taken, _)| *taken)
            .filter(|day| *day > from && *day <= until);
        taken(from) < most && starts.all(|day| taken(day) < most)
    }

    pub fn hold(&mut self, from: NaiveDate, until: NaiveDate) {
        debug_assert!(
            self.has_room(from, until),
            "a place is held only after it was found free"
        );
        self.places.push((from, until));
    }
}

/// All sessions, and the rolling programme that opens them.
pub(super) struct Sessions {
    pub all: Vec<Session>,
    dice: Dice,
    opens: NaiveDate,
    ends: NaiveDate,
}

/// Places opened for each person expected: some sessions stay half empty, others are full.
const AMPLENESS: f64 = 1.2;

/// How many people a place of a permanent session serves, one after another.
const TURNS: f64 = 2.2;

impl Sessions {
    pub fn new(settings: &Settings, dice: Dice) -> Self {
        let opens = workdays::from_on(settings.from + Days::new(2));
        Self {
            all: Vec::new(),
            dice,
            opens,
            ends: settings.until,
        }
    }

    /// What operators do about their sessions on a day: opens those that are due, cancels those nobody came to.
    pub fn live(&mut self, day: NaiveDate, operators: &mut [Operator], agenda: &mut Agenda) {
        for (index, operator) in operators.iter_mut().enumerate() {
            operator.owed += operator.demand * AMPLENESS;
            if day == self.opens {
                // The first sessions serve those who were waiting for the programme to begin.
                operator.owed += operator.demand * 60.0;
            }
            if day < self.opens || !workdays::is_workday(day) {
                continue;
            }
            self.close(day, operator, agenda);
            while operator.owed > 12.0 || operator.enterable.is_empty() {
                let (session, steps) = self.open(day, index, operator);
                let turns = if session.entry == Entry::Permanent {
                    TURNS
                } else {
                    1.0
                };
                operator.owed -= f64::from(session.capacity) * turns;
                operator.enterable.push(self.all.len());
                self.all.push(session);
                agenda.add(steps);
            }
            // A debt of places is no reason to close for long.
            operator.owed = operator.owed.max(-24.0);
        }
    }

    /// Forgets the sessions no one may enter any more, and cancels the empty ones a week before they begin.
    fn close(&mut self, day: NaiveDate, operator: &mut Operator, agenda: &mut Agenda) {
        operator.enterable.retain(|index| {
            let session = &mut self.all[*index];
            let empty = session.places.is_empty() && session.entry == Entry::Fixed;
            let decided = workdays::up_to(workdays::after(session.from, -7));
            if empty && (decided..session.from).contains(&day) {
                let reason = Some("Effectif insuffisant".to_owned());
                let fact = session::Fact::Cancelled(session::Cancelled { reason });
                agenda.add([Step::on(
                    &mut self.dice,
                    day,
                    session.stream(),
                    &operator.source,
                    fact,
                )]);
                return false;
            }
            let enterable = session.enrol_until >= day;
            if !enterable {
                // Nobody asks for its places any more.
                session.places = Vec::new();
            }
            enterable
        });
    }

    fn open(&mut self, day: NaiveDate, index: usize, operator: &Operator) -> (Session, Vec<Step>) {
        let dice = &mut self.dice;
        let entry = dice.weighted(&[(6, Entry::Fixed), (4, Entry::Permanent)]);
        let lead = match entry {
            _ if day == self.opens => dice.between(25, 75),
            Entry::Fixed => dice.between(35, 80),
            Entry::Permanent => dice.between(21, 45),
        };
        let from = workdays::beginning_from(workdays::after(day, lead));
        let standing = |offer: &usize| {
            operator.offers[*offer]
                .withdrawn
                .is_none_or(|withdrawn| withdrawn > day)
        };
        let offers: Vec<usize> = (0..operator.offers.len()).filter(standing).collect();
        let offer = *dice.pick(&offers);
        let weeks = match entry {
            // Some weeks go to immersions and holidays.
            Entry::Fixed => operator.offers[offer].weeks + dice.between(0, 3),
            Entry::Permanent => dice.between(40, 52),
        };
        // Weeks end on Friday, or on the last day before it that is worked.
        let to = workdays::up_to(workdays::after(from, weeks * 7 - 3));
        let enrol_until = match entry {
            Entry::Fixed => workdays::after(from, -dice.between(3, 10)),
            Entry::Permanent => workdays::after(to, -(operator.offers[offer].weeks * 7).max(70)),
        };
        let session = Session {
            uuid: dice.uuid(calendar::midnight(day)),
            operator: index,
            offer,
            from,
            to,
            entry,
            enrol_until,
            capacity: dice.between(8, 16) as u32,
            raised: false,
            places: Vec::new(),
        };
        let steps = announce(&session, dice, day, operator);
        (session, steps)
    }

    /// Finds two more places, where a session is full and its operator can. Known as the day begins, so before
    /// anybody who is planned on that day asks for them.
    pub fn raise(&mut self, index: usize, day: NaiveDate, source: &Arc<str>, agenda: &mut Agenda) {
        let session = &mut self.all[index];
        if session.raised || day >= self.ends || day >= session.enrol_until {
            return;
        }
        session.raised = true;
        session.capacity += 2;
        let fact = session::Fact::CapacityChanged(session::CapacityChanged {
            capacity: session.capacity,
        });
        let midnight = calendar::midnight(day);
        agenda.add([Step::new(
            &mut self.dice,
            midnight,
            midnight,
            session.stream(),
            source,
            fact,
        )]);
    }
}

/// How a session becomes known: at once, or with dates that turn out a week too early.
fn announce(session: &Session, dice: &mut Dice, day: NaiveDate, operator: &Operator) -> Vec<Step> {
    let commune: Commune = operator.commune;
    let mut opened = session::Opened {
        offer: operator.offers[session.offer].uuid,
        commune,
        from: session.from,
        to: session.to,
        entry: session.entry,
        capacity: session.capacity,
        enrol_until: Some(session.enrol_until),
    };
    let rescheduled = session::Fact::Rescheduled(session::Rescheduled {
        from: opened.from,
        to: opened.to,
        enrol_until: opened.enrol_until,
    });
    let earlier = opened.from - Days::new(7);
    let could_begin = workdays::beginning_from(earlier) == earlier;
    let moved = session.entry == Entry::Fixed && could_begin && dice.chance(0.1);
    if moved {
        (opened.from, opened.to) = (earlier, workdays::up_to(opened.to - Days::new(7)));
        opened.enrol_until = Some(session.enrol_until - Days::new(7));
    }
    let (stream, source) = (session.stream(), &operator.source);
    let mut steps = vec![Step::on(dice, day, stream, source, session::Fact::Opened(opened))];
    if moved {
        let told = workdays::from_on(workdays::after(day, dice.between(3, 9)));
        steps.push(Step::on(dice, told, stream, source, rescheduled));
    }
    steps
}
