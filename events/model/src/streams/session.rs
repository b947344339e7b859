//! `session/<uuid>`: a training held at a place and a time, with its places (R15, R18).

use crate::codes::Commune;
use crate::streams::{Data, Misfit, Remark};
use crate::bounds::SESSION_DAYS;
use crate::calendar;
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

data! {
    /// When one may enter.
    pub enum Entry {
        /// At the beginning only.
        Fixed,
        /// At any time.
        Permanent,
    }

    /// Data of `session.opened.v1`.
    pub struct Opened {
        /// The training given.
        offer: Uuid,
        /// Where.
        commune: Commune,
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
        /// When one may enter.
        entry: Entry,
        /// Places.
        capacity: u32 where CAPACITY,
        /// Last day of enrolment.
        enrol_until: Option<NaiveDate>,
    }

    /// Data of `session.rescheduled.v1`.
    pub struct Rescheduled {
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
        /// Last day of enrolment.
        enrol_until: Option<NaiveDate>,
    }

    /// Data of `session.capacity.changed.v1`.
    pub struct CapacityChanged {
        /// Places from now on; never below those taken.
        capacity: u32 where CAPACITY,
    }

    /// Data of `session.cancelled.v1`.
    pub struct Cancelled {
        /// Why.
        reason: Option<String>,
    }

    /// Data of `session.place.taken.v1` and `session.place.released.v1`.
    pub struct Place {
        /// Whose place.
        parcours: Uuid,
    }

    /// Data of `session.need.met.v1`.
    pub struct NeedMet {
        /// The need that led to it.
        need: Uuid,
    }
}

/// Why a session has an end.
const TOO_LONG: [&str; 2] = [
    "a session with entry all year is opened again after ten years",
    "une session à entrée permanente est rouverte après dix ans",
];

/// A session is announced for the months to come.
fn far_ahead(time: DateTime<Utc>, from: NaiveDate) -> Option<Remark> {
    let far = calendar::months_later(calendar::day(time), 36);
    (from > far).then_some(Remark {
        field: "from",
        english: "The session begins more than three years after this is stated.",
        french: "La session commence plus de trois ans après cette déclaration.",
    })
}

impl Data for Opened {
    fn check(&self) -> Result<(), Misfit> {
        Misfit::unless_within(SESSION_DAYS, self.from, self.to, TOO_LONG)
    }

    fn unlikely(&self, time: DateTime<Utc>, found: &mut Vec<Remark>) {
        found.extend(far_ahead(time, self.from));
    }
}
impl Data for Rescheduled {
    fn check(&self) -> Result<(), Misfit> {
        Misfit::unless_within(SESSION_DAYS, self.from, self.to, TOO_LONG)
    }

    fn unlikely(&self, time: DateTime<Utc>, found: &mut Vec<Remark>) {
        found.extend(far_ahead(time, self.from));
    }
}
impl Data for CapacityChanged {}
impl Data for Cancelled {}
impl Data for Place {}
impl Data for NeedMet {}

vocabulary! {
    "session.opened.v1" "A session opens for enrolment (R18)." => Opened(Opened),
    "session.rescheduled.v1" "A session's dates change." => Rescheduled(Rescheduled),
    "session.capacity.changed.v1" "A session's places change (R18)." => CapacityChanged(CapacityChanged),
    "session.cancelled.v1" "A session will not be held." => Cancelled(Cancelled),
    "session.place.taken.v1" "A place is taken; written by the log with the admission." => PlaceTaken(Place),
    "session.place.released.v1" "A place is free again; written by the log with its cause." => PlaceReleased(Place),
    "session.need.met.v1" "The session was made for a need; written by the log with the need that is met (R19)." => NeedMet(NeedMet),
}
