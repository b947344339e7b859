//! How far a parcours had come for a while, in memory.

use super::standing::REASONS;
use super::step::Step;
use crate::Row;
use crate::memory::{FIRST, Kept, NEVER, Places, Texts, short};

/// How far a parcours had come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    /// The record key; 0 where nothing is protected.
    pub key: u32,
    /// The number of the commune of residence.
    pub place: u32,
    pub operator: u32,
    /// By its place among the reasons; one beyond where nobody left.
    pub reason: u8,
    /// The day of each step since 1 January 1970; that of what was not reached is after every other.
    reached: [i32; Step::ALL.len()],
}

impl Kept for Member {
    const TABLE: &'static str = "cohorts_parcours";
    const COLUMNS: &'static str =
        "commune, operator, reason, oriented_day, eligible_day, admitted_day, start_day,
        bilan_day, immersion_day, certified_day, exit_day, work_day";

    fn read(row: &Row, key: u32, texts: &mut Texts) -> Self {
        let reason = row.optional_text(FIRST + 2);
        let place = REASONS.iter().position(|(_, word)| reason == Some(word));
        let place = place.unwrap_or(REASONS.len());
        let reached = Step::ALL.map(|step| {
            let day = row.optional_integer(FIRST + 3 + step.place());
            day.map_or(NEVER, short)
        });
        Member {
            key,
            place: texts
                .places
                .place(row.text(FIRST), row.integer(FIRST + 3 + Step::Oriented.place())),
            operator: texts
                .operators
                .place(row.optional_text(FIRST + 1).unwrap_or_default()),
            reason: u8::try_from(place).expect("there are few reasons"),
            reached,
        }
    }
}

impl Member {
    /// The day of a step, if it was reached by `last`.
    pub fn reached(&self, step: Step, last: i32) -> Option<i32> {
        let day = self.reached[step.place()];
        // Work is that of who left.
        let left = step != Step::Working || self.reached[Step::Exited.place()] <= last;
        (day <= last && left).then_some(day)
    }

    /// Whether today's geography does not know the commune.
    pub fn is_nowhere(&self) -> bool {
        Places::is_nowhere(self.place)
    }
}
