//! What may be asked of the catalogue.

use super::text;
use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::calendar;
use parcours_model::codes::{Commune, Rncp, Rome, Rs, Siret};
use parcours_model::geography::Territory;
use parcours_model::streams::session::Entry;
use uuid::Uuid;

/// Around a commune.
#[derive(Clone, Copy, Debug)]
pub struct Near {
    /// The commune.
    pub commune: Commune,
    /// How far, in kilometres as the crow flies.
    pub kilometres: f64,
}

/// In which order sessions are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CatalogueSort")]
pub enum Sort {
    /// Those that begin from today on, the first one first; then those under way that can be entered all year; then the others.
    #[default]
    Soonest,
    /// The nearest first; of one commune, by first day. With `near` only.
    Distance,
    /// By first day, whenever that was.
    Begin,
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
    /// That can be entered at the beginning only, or all year.
    pub entry: Option<Entry>,
    /// Leading to a certification, or not.
    pub certifying: Option<bool>,
    /// Of one operator.
    pub operator: Option<Siret>,
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
    /// In which order; the nearest first when left out and `near` is given.
    pub sort: Option<Sort>,
    /// Whether to count what is found.
    pub facets: bool,
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
            entry: None,
            certifying: None,
            operator: None,
            open: None,
            text: None,
            offer: None,
            session: None,
            now,
            sort: None,
            facets: false,
            limit: None,
            cursor: None,
        }
    }

    /// The order that is asked for.
    pub(super) fn sort(&self) -> Sort {
        let usual = if self.near.is_some() {
            Sort::Distance
        } else {
            Sort::Soonest
        };
        self.sort.unwrap_or(usual)
    }

    /// Its day.
    pub(super) fn today(&self) -> NaiveDate {
        calendar::day(self.now)
    }

    /// Whether there is a word to be looked for, or nothing at all.
    pub fn is_text(text: &str) -> bool {
        text.trim().is_empty() || !text::words(text).is_empty()
    }

    /// Whether `cursor` is one that a page gave.
    pub fn is_cursor(cursor: &str) -> bool {
        parse_cursor(cursor).is_some()
    }
}

/// The place in the order, and the session, after which a page begins.
pub(super) fn parse_cursor(cursor: &str) -> Option<(i64, Uuid)> {
    let (place, session) = cursor.split_once('_')?;
    Some((place.parse().ok()?, session.parse().ok()?))
}
