//! What may be asked of the catalogue.

use super::text;
use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::calendar;
use parcours_model::codes::{Commune, Rncp, Rome, Rs};
use parcours_model::geography::Territory;
use uuid::Uuid;

/// Around a commune.
#[derive(Clone, Copy, Debug)]
pub struct Near {
    /// The commune.
    pub commune: Commune,
    /// How far, in kilometres as the crow flies.
    pub kilometres: f64,
}

/// A question. What is left out does not filter.
#[derive(Clone, Debug)]
pub struct Query {
    /// In a territory.
    pub territory: Option<Territory>,
    /// Near a commune.
    pub near: Option<Near>,
    /// Preparing for a trade, or for one that derives from it.
    pub rome: Option<Rome>,
    /// Preparing for a certification.
    pub rncp: Option<Rncp>,
    /// Preparing for a certification of the répertoire spécifique.
    pub rs: Option<Rs>,
    /// Under way on or after this day.
    pub from: Option<NaiveDate>,
    /// Under way on or before this day.
    pub to: Option<NaiveDate>,
    /// Where one can, or cannot, enrol today.
    pub open: Option<bool>,
    /// Words of the title or the objective, all of them.
    pub text: Option<String>,
    /// Of one offer.
    pub offer: Option<Uuid>,
    /// One session.
    pub session: Option<Uuid>,
    /// The moment of the question: what is recorded ahead of its time counts from its time on; what is open, and what is
    /// matured, by its day.
    pub now: DateTime<Utc>,
    /// Sessions a page holds; 50 when left out, at most 500.
    pub limit: Option<usize>,
    /// Where the page begins: the `next` of the page before.
    pub cursor: Option<String>,
}

impl Query {
    /// Everything, as of `now`.
    pub fn all(now: DateTime<Utc>) -> Self {
        Self {
            territory: None,
            near: None,
            rome: None,
            rncp: None,
            rs: None,
            from: None,
            to: None,
            open: None,
            text: None,
            offer: None,
            session: None,
            now,
            limit: None,
            cursor: None,
        }
    }

    /// Its day.
    pub(super) fn today(&self) -> NaiveDate {
        calendar::day(self.now)
    }

    /// Whether there is a word to be looked for, or nothing at all.
    pub fn is_text(text: &str) -> bool {
        text.trim().is_empty() || !text::patterns(text).is_empty()
    }

    /// Whether `cursor` is one that a page gave.
    pub fn is_cursor(cursor: &str) -> bool {
        parse_cursor(cursor).is_some()
    }
}

/// The first day and the session after which a page begins.
pub(super) fn parse_cursor(cursor: &str) -> Option<(i64, Uuid)> {
    let (day, session) = cursor.split_once('_')?;
    Some((day.parse().ok()?, session.parse().ok()?))
}
