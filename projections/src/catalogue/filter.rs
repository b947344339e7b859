//! A question's conditions, as SQL.

use super::question::{Near, Query};
use super::text;
use crate::Value;
use crate::condition::Filter;
use crate::territory::days;
use parcours_model::geography::{Point, TerritoryLevel};
use parcours_model::streams::session::Entry;

/// A degree of latitude, in kilometres, on the safe side.
pub(super) const DEGREE: f64 = 110.0;

/// The places of a session `s` taken at the moment ?1.
pub(super) const TAKEN: &str = "(s.taken - COALESCE((SELECT CAST(SUM(a.taken) AS BIGINT) FROM {catalogue_ahead} a WHERE a.session = s.session AND a.at > ?1), 0))";

/// The last day on which a session `s` is entered, whatever is said of enrolment: a fixed one is at its beginning only.
pub(super) const LAST_ENTRY: &str = "(CASE s.entry WHEN 'fixed' THEN s.from_day ELSE s.to_day END)";

/// How many places of a session `s` are offered, on a day, to those who wait.
pub(super) const OFFERED: &str =
    "(SELECT COUNT(*) FROM {catalogue_turn} f WHERE f.session = s.session AND f.offered_day >= <today>)";

/// How many people wait for a place in a session `s` at the moment ?1: whoever let the offer of one run out does no more.
pub(super) const WAITING: &str = "(COALESCE(w.waiting, 0)
    - COALESCE((SELECT CAST(SUM(a.waiting) AS BIGINT) FROM {catalogue_ahead} a WHERE a.session = s.session AND a.at > ?1), 0)
    - (SELECT COUNT(*) FROM {catalogue_turn} f WHERE f.session = s.session AND f.offered_day < <today>))";

/// Whether one can enter a session `s` on a day: a place is free, and offered to nobody.
pub(super) fn open_on(today: i64) -> String {
    let offered = OFFERED.replace("<today>", &today.to_string());
    format!("({TAKEN} + {offered} < s.capacity AND s.enrol_day >= {today} AND {LAST_ENTRY} >= {today})")
}

/// Keeps the sessions of the offers of which something is so. Offers are far fewer than sessions, and few of them are found.
fn of_offers(filter: &mut Filter, condition: &str, values: impl IntoIterator<Item = Value>) {
    let found = format!("s.offer IN (SELECT o.offer FROM {{catalogue_offer}} o WHERE {condition})");
    filter.and(&found, values);
}

/// The conditions that a question sets.
pub(super) fn filter(query: &Query) -> Filter {
    // The first is the moment of the question, in microseconds since 1970.
    let mut filter = Filter::new(vec![Value::Integer(query.now.timestamp_micros())]);
    if let Some(territory) = query.territory {
        let column = match territory.level {
            TerritoryLevel::Commune => "s.commune = ?",
            TerritoryLevel::Epci => "s.epci = ?",
            TerritoryLevel::Departement => "s.departement = ?",
            TerritoryLevel::Region => "s.region = ?",
        };
        filter.and(column, [Value::from(territory.code)]);
    }
    if let Some((centre, kilometres)) = query.near.and_then(around) {
        let (north, east) = (
            kilometres / DEGREE,
            kilometres / (DEGREE * centre.lat.to_radians().cos().max(0.01)),
        );
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a coordinate is at most 180 degrees"
        )]
        let millionths = |degrees: f64| Value::Integer((degrees * 1e6) as i64);
        filter.and(
            "s.latitude BETWEEN ? AND ?",
            [millionths(centre.lat - north), millionths(centre.lat + north)],
        );
        filter.and(
            "s.longitude BETWEEN ? AND ?",
            [millionths(centre.lon - east), millionths(centre.lon + east)],
        );
    }
    if let Some(rome) = query.rome {
        let trades = rome.with_derived();
        let any = vec!["o.rome LIKE ?"; trades.len()].join(" OR ");
        let patterns = trades.iter().map(|trade| Value::from(format!("% {trade} %")));
        of_offers(&mut filter, &any, patterns);
    }
    if let Some(rncp) = query.rncp {
        of_offers(&mut filter, "o.rncp = ?", [Value::from(rncp.to_string())]);
    }
    if let Some(rs) = query.rs {
        of_offers(&mut filter, "o.rs = ?", [Value::from(rs.to_string())]);
    }
    if let Some(from) = query.from {
        filter.and("s.to_day >= ?", [Value::Integer(days(from))]);
    }
    if let Some(to) = query.to {
        filter.and("s.from_day <= ?", [Value::Integer(days(to))]);
    }
    if let Some(entry) = query.entry {
        filter.and("s.entry = ?", [Value::from(word(entry))]);
    }
    if let Some(certifying) = query.certifying {
        filter.and("o.certifying = ?", [Value::Boolean(certifying)]);
    }
    if let Some(operator) = query.operator {
        of_offers(&mut filter, "o.operator = ?", [Value::from(operator.to_string())]);
    }
    if let Some(open) = query.open {
        let not = if open { "" } else { "NOT " };
        // Its moment is a parameter already.
        let open = open_on(days(query.today()));
        filter.conditions.push_str(&format!(" AND {not}{open}"));
    }
    if let Some(words) = query
        .text
        .as_deref()
        .map(text::words)
        .filter(|words| !words.is_empty())
    {
        of_offers(&mut filter, "{catalogue_offer:words o ?}", [Value::from(words)]);
    }
    if let Some(offer) = query.offer {
        filter.and("s.offer = ?", [Value::from(offer.to_string())]);
    }
    if let Some(session) = query.session {
        filter.and("s.session = ?", [Value::from(session.to_string())]);
    }
    filter
}

/// When a session is entered, as columns have it.
pub(super) fn word(entry: Entry) -> &'static str {
    match entry {
        Entry::Fixed => "fixed",
        Entry::Permanent => "permanent",
    }
}

/// The centre and the distance, where the commune's place is known.
pub(super) fn around(near: Near) -> Option<(Point, f64)> {
    Some((near.commune.record()?.centre?, near.kilometres))
}
