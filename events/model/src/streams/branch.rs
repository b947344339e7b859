//! `branch/<uuid>`: a professional branch and its agreements with the Région (R17).

use crate::codes::{Naf, Rome};
use crate::streams::{Data, Misfit};
use chrono::NaiveDate;

data! {
    /// Data of `branch.agreement.signed.v1`.
    pub struct Signed {
        /// The branch's name.
        name: String where TITLE,
        /// The activities it speaks for.
        naf: Option<Vec<Naf>>,
        /// The trades it is about.
        rome: Vec<Rome>,
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
    }

    /// Data of `branch.agreement.ended.v1`.
    pub struct Ended {
        /// Why.
        reason: Option<String>,
    }
}

impl Data for Signed {
    fn check(&self) -> Result<(), Misfit> {
        Misfit::unless_ordered(&self.from, &self.to)
    }
}
impl Data for Ended {}

vocabulary! {
    "branch.agreement.signed.v1" "A professional branch agrees with the Région on what it does (R17)." => Signed(Signed),
    "branch.agreement.ended.v1" "The agreement in force ends before its last day (R17)." => Ended(Ended),
}
