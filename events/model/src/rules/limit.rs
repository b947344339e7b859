//! A limit that is set anew at instants: the places of a session, the money voted for a year.

use super::ceiling::Ceiling;
use super::gathered::Order;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::ops::Bound;

/// A fact that may set a limit.
pub(super) trait Limited {
    /// The limit before the first fact that sets one.
    const UNSET: i64 = 0;

    fn limit(&self) -> Option<i64>;
}

/// What a fact that is not among the others changes in the level, which is what is taken less the limit: a limit counts from
/// the end of its instant to that of the next one, and the last of an instant is the one that counts.
pub(super) fn set<F: Limited>(
    facts: &BTreeMap<Order, F>,
    order: &Order,
    fact: F,
) -> Vec<(DateTime<Utc>, i64)> {
    let Some(own) = fact.limit() else {
        return Vec::new();
    };
    let earlier = facts.range(..order).rev().find_map(|(_, fact)| fact.limit());
    let change = own - earlier.unwrap_or(F::UNSET);
    let mut later = facts.range(order..).filter(|(_, fact)| fact.limit().is_some());
    match later.next() {
        Some(((at, ..), _)) if *at == order.0 => Vec::new(),
        Some(((at, ..), _)) => vec![(order.0, -change), (*at, change)],
        None => vec![(order.0, -change)],
    }
}

/// The first instant at which changes, which the level has, bring it above zero or further above, with by how much.
pub(super) fn overrun(
    level: &Ceiling,
    changes: &BTreeMap<DateTime<Utc>, i64>,
) -> Option<(DateTime<Utc>, i64)> {
    let mut more = 0;
    changes.iter().find_map(|(at, change)| {
        more += change;
        let after = (Bound::Excluded(*at), Bound::Unbounded);
        let until = changes.range(after).next().map(|(next, _)| *next);
        let over = if more > 0 { level.peak(*at, until) } else { 0 };
        (over > 0).then_some((*at, over))
    })
}
