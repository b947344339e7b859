//! `envelope/<year>`: the money for aids of a year (R13).

use crate::codes::Cents;
use crate::streams::Data;
use uuid::Uuid;

data! {
    /// Data of `envelope.voted.v1`; a later vote replaces what the earlier said.
    pub struct Voted {
        /// The year, as in the stream's name.
        year: u16 where YEAR,
        /// How much there is in that year.
        cents: Cents where ENVELOPE,
    }

    /// Data of `envelope.aid.reserved.v1` and `envelope.aid.released.v1`.
    pub struct Aid {
        /// Whose aid.
        parcours: Uuid,
        /// The aid.
        aid: Uuid,
        /// How much.
        cents: Cents where AID,
    }
}

impl Data for Voted {}
impl Data for Aid {}

vocabulary! {
    "envelope.voted.v1" "The money for aids of a year is voted (R13)." => Voted(Voted),
    "envelope.aid.reserved.v1" "Money is taken for an aid; written by the log with the grant." => Reserved(Aid),
    "envelope.aid.released.v1" "Money is free again; written by the log with its cause." => Released(Aid),
}
