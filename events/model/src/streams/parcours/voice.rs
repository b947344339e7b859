//! The person's own voice: reviews, consents, the profile (R18 to R21).

use crate::codes::{Rome, Score};
use crate::sealed::Sealed;
use crate::streams::Data;
use chrono::NaiveDate;

data! {
    /// Data of `parcours.review.submitted.v1`: scores of 1 to 5.
    pub struct ReviewSubmitted {
        /// Welcome.
        welcome: Score,
        /// Content.
        content: Score,
        /// Team.
        team: Score,
        /// Means.
        means: Score,
        /// Support.
        support: Score,
        /// Overall.
        overall: Score,
        /// A comment, sealed until moderated.
        comment: Option<Sealed>,
    }

    /// What a consent is for.
    pub enum Purpose {
        /// The profile shown to companies.
        Profile,
        /// Outcomes sent to partners.
        Partners,
        /// Being contacted.
        Contact,
        /// A community of trainees.
        Community,
    }

    /// Data of `parcours.consent.given.v1` and `.withdrawn.v1`.
    pub struct Consent {
        /// What for.
        purpose: Purpose,
    }

    /// Data of `parcours.profile.published.v1`.
    pub struct ProfilePublished {
        /// One line for companies.
        headline: String where TITLE,
        /// Skills to show.
        skills: Vec<String>,
        /// Trades sought.
        rome: Vec<Rome>,
        /// How far the person would work, in kilometres.
        radius_km: u16 where RADIUS,
        /// From when.
        available_from: NaiveDate,
    }

    /// Data of `parcours.profile.withdrawn.v1`.
    pub struct ProfileWithdrawn {
        /// Why.
        reason: Option<String>,
    }
}

impl Data for ReviewSubmitted {}
impl Data for Consent {}
impl Data for ProfilePublished {}
impl Data for ProfileWithdrawn {}
