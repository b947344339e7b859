//! What carries a parcours: attendance, pay, aids, partners, interruptions (R13, R14, R16).

use crate::codes::{Cents, Minutes, Month, Siret};
use crate::sealed::Sealed;
use crate::streams::Data;
use chrono::NaiveDate;
use uuid::Uuid;

data! {
    /// Data of `parcours.attendance.recorded.v1`.
    pub struct Attendance {
        /// The month.
        month: Month,
        /// Minutes planned.
        planned_minutes: Minutes where MONTH,
        /// Minutes attended.
        attended_minutes: Minutes where MONTH,
        /// Minutes absent with an excuse.
        excused_minutes: Minutes where MONTH,
    }

    /// Data of `parcours.pay.granted.v1`.
    pub struct PayGranted {
        /// Cents a month.
        monthly_cents: Cents where PAY,
        /// First day paid.
        from: NaiveDate,
    }

    /// Data of `parcours.pay.ended.v1`.
    pub struct PayEnded {
        /// Why.
        reason: String,
    }

    /// What an aid is for.
    pub enum AidKind {
        /// Getting there.
        Mobility,
        /// A place to live.
        Housing,
        /// Somebody for the children.
        Childcare,
        /// Anything else.
        Other,
    }

    /// Data of `parcours.aid.granted.v1`.
    pub struct AidGranted {
        /// The aid, named by its payments.
        aid: Uuid,
        /// What it is for.
        kind: AidKind,
        /// How much, at most.
        cents: Cents where AID,
    }

    /// Data of `parcours.aid.paid.v1`.
    pub struct AidPaid {
        /// The aid granted.
        aid: Uuid,
        /// What it is for.
        kind: AidKind,
        /// How much is paid.
        cents: Cents where AID,
    }

    /// What a partner reports on.
    pub enum ReportTopic {
        /// Obstacles around the training.
        Obstacles,
        /// Health.
        Health,
        /// Housing.
        Housing,
        /// Money.
        Money,
        /// Anything else.
        Other,
    }

    /// Data of `parcours.partner.reported.v1`.
    pub struct PartnerReported {
        /// Who reports.
        partner: Siret,
        /// Under which convention.
        convention: Option<Uuid>,
        /// On what.
        topic: ReportTopic,
        /// Notes on the person, sealed.
        notes: Option<Sealed>,
    }

    /// Data of `parcours.suspended.v1`.
    pub struct Interruption {
        /// Why.
        reason: String,
    }

    /// Data of `parcours.resumed.v1`.
    pub struct Resumption {
        /// Why.
        reason: Option<String>,
    }
}

impl Data for Attendance {}
impl Data for PayGranted {}
impl Data for PayEnded {}
impl Data for AidGranted {}
impl Data for AidPaid {}
impl Data for PartnerReported {}
impl Data for Interruption {}
impl Data for Resumption {}
