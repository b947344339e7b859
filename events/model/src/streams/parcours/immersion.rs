//! Immersions: placements, short jobs, technical platforms (R7).

use crate::codes::{Appraisal, Commune, Rome, Siret};
use crate::streams::{Data, Misfit, Remark};
use crate::bounds::IMMERSION_YEAR;
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

data! {
    /// What kind of immersion.
    pub enum ImmersionKind {
        /// A work placement.
        Placement,
        /// Temping.
        Temping,
        /// Casual work.
        Casual,
        /// A short fixed-term contract.
        ShortContract,
        /// Volunteering.
        Volunteering,
        /// A technical platform of a training body, apprentice centre or vocational school.
        Platform,
    }

    /// Data of `parcours.immersion.agreed.v1`.
    pub struct ImmersionAgreed {
        /// The immersion, named by its later steps.
        immersion: Uuid,
        /// What kind.
        kind: ImmersionKind,
        /// Who receives the person.
        host: Siret,
        /// Where.
        commune: Commune,
        /// The trade tried.
        rome: Rome,
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
        /// What is to be learnt.
        aims: Vec<String>,
    }

    /// Data of `parcours.immersion.started.v1`.
    pub struct ImmersionStarted {
        /// The immersion agreed.
        immersion: Uuid,
    }

    /// Data of `parcours.immersion.completed.v1`.
    pub struct ImmersionCompleted {
        /// The immersion started.
        immersion: Uuid,
        /// Days done.
        days: u16 where IMMERSION_DAYS,
        /// The host's appraisal, 0 to 4.
        appraisal: Appraisal,
        /// Skills shown.
        skills: Vec<String>,
    }

    /// Data of `parcours.immersion.broken_off.v1`.
    pub struct ImmersionBrokenOff {
        /// The immersion started.
        immersion: Uuid,
        /// Why it ended.
        reason: String,
    }
}

impl Data for ImmersionAgreed {
    fn check(&self) -> Result<(), Misfit> {
        Misfit::unless_within(IMMERSION_YEAR, self.from, self.to, ["an immersion lasts at most a year", "une immersion dure au plus un an"])
    }

    fn unlikely(&self, _time: DateTime<Utc>, found: &mut Vec<Remark>) {
        if self.to.signed_duration_since(self.from).num_days() >= 60 {
            found.push(Remark {
                field: "to",
                english: "The immersion has more than 60 days.",
                french: "L'immersion compte plus de 60 jours.",
            });
        }
    }
}
impl Data for ImmersionStarted {}
impl Data for ImmersionCompleted {}
impl Data for ImmersionBrokenOff {}
