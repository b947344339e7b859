//! What one parcours adds to the work of its operator, month by month.

use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::codes::Month;
use parcours_model::streams::parcours::{AidKind, Fact};
use parcours_model::{Effective, Fact as AnyFact, calendar};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The amounts of a month, in the order of the columns of `work_month`.
pub(super) const AMOUNTS: usize = 17;

/// Their places among the columns.
pub(super) mod place {
    /// Minutes planned, attended and excused.
    pub const ATTENDANCE: usize = 0;
    /// Cents granted, of each kind of aid.
    pub const GRANTED: usize = 3;
    /// Cents paid, of each kind of aid.
    pub const PAID: usize = 7;
    /// Who started and who left.
    pub const STARTED: usize = 11;
    pub const EXITED: usize = 12;
    /// Places that are held from this month on, less those that are held no longer.
    pub const HELD: usize = 13;
    /// Grants of pay whose first day lies in the month.
    pub const PAY_GRANTED: usize = 14;
    /// People who are paid from this month on, less those who are paid no longer; the same of their cents a month.
    pub const PAID_PEOPLE: usize = 15;
    pub const PAID_CENTS: usize = 16;
}

/// Every kind of aid, in the order of the columns.
pub(super) const AIDS: [AidKind; 4] = [
    AidKind::Mobility,
    AidKind::Housing,
    AidKind::Childcare,
    AidKind::Other,
];

/// The amounts of each month in which there is something to add.
#[derive(Default)]
pub(super) struct Tallies(BTreeMap<Month, [i64; AMOUNTS]>);

impl Tallies {
    /// What follows from the facts of a parcours.
    pub fn of(facts: &[Effective<'_>]) -> Self {
        let mut tallies = Tallies::default();
        let mut holding = Holding::default();
        let mut pay = Pay::default();
        for fact in facts {
            let AnyFact::Parcours(told) = fact.fact else {
                continue;
            };
            let time = fact.time;
            tallies.holds(holding.after(told), time);
            match told {
                Fact::Started(_) => tallies.at(time, place::STARTED, 1),
                Fact::Exited(_) => {
                    tallies.at(time, place::EXITED, 1);
                    pay.is(calendar::day(time), 0);
                }
                Fact::AttendanceRecorded(attendance) => {
                    let minutes = [
                        attendance.planned_minutes,
                        attendance.attended_minutes,
                        attendance.excused_minutes,
                    ];
                    for (column, minutes) in (place::ATTENDANCE..).zip(minutes) {
                        tallies.add(attendance.month, column, minutes.get().into());
                    }
                }
                Fact::AidGranted(aid) => {
                    tallies.at(time, place::GRANTED + kind(aid.kind), whole(aid.cents.get()));
                }
                Fact::AidPaid(aid) => tallies.at(time, place::PAID + kind(aid.kind), whole(aid.cents.get())),
                Fact::PayGranted(granted) => {
                    tallies.on(granted.from, place::PAY_GRANTED, 1);
                    pay.is(granted.from, whole(granted.monthly_cents.get()));
                }
                Fact::PayEnded(_) => pay.is(calendar::day(time), 0),
                _ => {}
            }
        }
        let mut before = 0;
        for (day, cents) in pay.0 {
            tallies.on(day, place::PAID_CENTS, cents - before);
            tallies.on(day, place::PAID_PEOPLE, (cents > 0).into());
            tallies.on(day, place::PAID_PEOPLE, -i64::from(before > 0));
            before = cents;
        }
        tallies
            .0
            .retain(|_, amounts| amounts.iter().any(|amount| *amount != 0));
        tallies
    }

    /// Each month with its amounts.
    pub fn months(self) -> impl Iterator<Item = (Month, [i64; AMOUNTS])> {
        self.0.into_iter()
    }

    fn holds(&mut self, change: i64, time: DateTime<Utc>) {
        if change != 0 {
            self.at(time, place::HELD, change);
        }
    }

    fn at(&mut self, time: DateTime<Utc>, column: usize, amount: i64) {
        self.on(calendar::day(time), column, amount);
    }

    fn on(&mut self, day: NaiveDate, column: usize, amount: i64) {
        // Facts are of months that can be written: bounds of the vocabulary.
        if let Some(month) = Month::of(day) {
            self.add(month, column, amount);
        }
    }

    fn add(&mut self, month: Month, column: usize, amount: i64) {
        self.0.entry(month).or_insert([0; AMOUNTS])[column] += amount;
    }
}

fn kind(kind: AidKind) -> usize {
    let found = AIDS.iter().position(|known| *known == kind);
    found.expect("every kind is listed")
}

fn whole(cents: u64) -> i64 {
    i64::try_from(cents).expect("amounts are bounded by their schema")
}

/// Whether a place is held with the operator: from an admission, or a start, until a withdrawal or a refusal that does not name
/// another session, or the exit.
#[derive(Default)]
struct Holding(Option<Option<Uuid>>);

impl Holding {
    /// By how many places more are held after a fact.
    fn after(&mut self, fact: &Fact) -> i64 {
        let before = self.0.is_some();
        match fact {
            Fact::Admitted(admitted) => self.0 = Some(admitted.session),
            Fact::Started(_) => self.0 = self.0.or(Some(None)),
            Fact::Withdrawn(placement) | Fact::Declined(placement) => {
                let session = placement.session;
                self.0 = self.0.filter(|held| session.is_some() && session != *held);
            }
            Fact::Exited(_) => self.0 = None,
            _ => {}
        }
        i64::from(self.0.is_some()) - i64::from(before)
    }
}

/// The pay of each month from a day on, in cents, in the order of the days.
#[derive(Default)]
struct Pay(Vec<(NaiveDate, i64)>);

impl Pay {
    /// From a day on it is so much, whatever was to come from that day on.
    fn is(&mut self, day: NaiveDate, cents: i64) {
        self.0.retain(|(from, _)| *from < day);
        self.0.push((day, cents));
    }
}
