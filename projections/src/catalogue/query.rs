//! Questions to the catalogue.

use super::facets::facets;
use super::filter::{OFFERED, TAKEN, WAITING, around, filter};
use super::order::{self, Stretch};
use super::page::{Listed, OfferCard, OperatorCard, Page, PlaceCard, Places, Record};
use super::question::{Near, Query, parse_cursor};
use crate::condition::Filter;
use crate::territory::{day as date, days, last_matured};
use crate::{Reader, Row, Value, ViewError};
use chrono::NaiveDate;
use parcours_model::geography;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Sessions with their offer, operator and waiting list as they stand at the moment ?1; `<by>` is their place in the order, or what else is asked.
const SESSIONS: &str = "
    SELECT s.session, s.offer, s.commune, s.epci, s.departement, s.region,
           s.from_day, s.to_day, s.entry, s.enrol_day, s.enrol_stated, s.capacity, <taken>,
           o.operator, o.title, o.objective, o.rome, o.rncp, o.formacode, o.certifying, o.minutes, o.mode,
           p.name, p.commune, p.qualiopi_day,
           <waiting>, o.rs, o.aim, o.level, o.entry_level, <by>, <offered>";

/// Which they are: the first of those that are found. What is told of them is not read of the others.
const FIRST: &str = "
    FROM (SELECT s.session, s.since<found><order> LIMIT <limit>) k
    JOIN {catalogue_session} s ON s.session = k.session AND s.since = k.since
    LEFT JOIN {catalogue_offer} o ON o.offer = s.offer
    LEFT JOIN {catalogue_operator} p ON p.uuid = (SELECT MIN(q.uuid) FROM {catalogue_operator} q WHERE q.siret = o.operator)
    LEFT JOIN {catalogue_waiting} w ON w.session = s.session";

/// Where they are found; `<where>` holds the filters.
pub(super) const FOUND: &str = "
    FROM {catalogue_session} s
    LEFT JOIN {catalogue_offer} o ON o.offer = s.offer
    WHERE s.since <= ?1 AND s.until > ?1 AND NOT s.cancelled AND (o.withdrawn IS NULL OR NOT o.withdrawn) <where>";

const ORDER: &str = " ORDER BY <by>, s.session";

/// The results of some trainings on the day ?1: those of all their sessions, each by the last of its rows.
const RESULTS: &str = "
    SELECT s.offer, r.exit_day, CAST(SUM(r.leavers) AS BIGINT), CAST(SUM(r.presented) AS BIGINT), CAST(SUM(r.certified) AS BIGINT), CAST(SUM(r.employed) AS BIGINT), CAST(SUM(r.reviews) AS BIGINT),
           CAST(SUM(r.welcome) AS BIGINT), CAST(SUM(r.content) AS BIGINT), CAST(SUM(r.team) AS BIGINT), CAST(SUM(r.means) AS BIGINT), CAST(SUM(r.support) AS BIGINT), CAST(SUM(r.overall) AS BIGINT)
    FROM {catalogue_session} s JOIN {catalogue_result} r ON r.session = s.session
    WHERE s.until = 9223372036854775807 AND r.exit_day <= ?1 <where>
    GROUP BY s.offer, r.exit_day";

/// Sessions a page holds when the question does not say.
const PAGE: usize = 50;
/// Sessions a page holds at most.
const LARGEST_PAGE: usize = 500;

/// Answers a question. Complexity: the sessions of the catalogue at most, never the log.
pub(crate) async fn page(reader: &Reader, query: &Query) -> Result<Page, ViewError> {
    let limit = query.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let after = query.cursor.as_deref().and_then(parse_cursor);
    let mut sessions: Vec<(i64, Listed)> = Vec::new();
    for stretch in &order::stretches(query) {
        let begin = match after {
            None => None,
            Some((place, session)) => match stretch.after(place) {
                None => continue,
                Some(begin) => begin.map(|place| (place, session)),
            },
        };
        read(reader, query, stretch, begin, limit + 1, &mut sessions).await?;
        if sessions.len() > limit {
            break;
        }
    }
    let more = sessions.len() > limit;
    sessions.truncate(limit);
    let last = sessions.last().filter(|_| more);
    let next = last.map(|(place, last)| format!("{place}_{}", last.session));
    let mut sessions: Vec<Listed> = sessions.into_iter().map(|(_, listed)| listed).collect();
    add_results(reader, &mut sessions, query.today()).await?;
    let facets = match query.facets {
        true => Some(facets(reader, query).await?),
        false => None,
    };
    Ok(Page {
        sessions,
        next,
        facets,
    })
}

/// Reads the sessions of a stretch that come after one of it, until there are so many.
async fn read(
    reader: &Reader,
    query: &Query,
    stretch: &Stretch,
    mut after: Option<(i64, Uuid)>,
    wanted: usize,
    sessions: &mut Vec<(i64, Listed)>,
) -> Result<(), ViewError> {
    loop {
        let mut filter = filter(query);
        filter.conditions.push_str(&stretch.which);
        if let Some((place, session)) = after {
            filter.after(&stretch.by, "s.session", (place, session.to_string()));
        }
        let rows = rows(reader, query, &filter, (&stretch.by, ORDER), wanted).await?;
        // The square asked for is a little larger than the circle.
        for row in &rows {
            let (place, listed) = (row.integer(30), listed(row, query));
            after = Some((place, listed.session));
            if is_within(&listed.commune.code, query.near) {
                sessions.push((stretch.from + place, listed));
            }
        }
        if rows.len() < wanted || sessions.len() >= wanted {
            return Ok(());
        }
    }
}

/// The first rows that pass the filter, in an order; beside what [`listed`] reads of each, what `by` says.
pub(super) async fn rows(
    reader: &Reader,
    query: &Query,
    filter: &Filter,
    (by, order): (&str, &str),
    limit: usize,
) -> Result<Vec<Row>, ViewError> {
    let sql = format!("{SESSIONS}{FIRST}{order}")
        .replace("<found>", FOUND)
        .replace("<order>", order)
        .replace("<taken>", TAKEN)
        .replace("<waiting>", WAITING)
        .replace("<offered>", OFFERED)
        .replace("<today>", &days(query.today()).to_string())
        .replace("<by>", by)
        .replace("<where>", &filter.conditions)
        .replace("<limit>", &limit.to_string());
    reader.query(&sql, &filter.parameters).await
}

/// Whether a commune is near enough.
pub(super) fn is_within(commune: &str, near: Option<Near>) -> bool {
    let Some((_, kilometres)) = near.and_then(around) else {
        return near.is_none();
    };
    distance(commune, near).is_some_and(|distance| distance <= kilometres)
}

/// How far a commune is from that which is asked for.
fn distance(commune: &str, near: Option<Near>) -> Option<f64> {
    let (centre, _) = near.and_then(around)?;
    let place = geography::commune(commune)?.centre?;
    Some(place.kilometres_to(centre))
}

async fn add_results(reader: &Reader, sessions: &mut [Listed], today: NaiveDate) -> Result<(), ViewError> {
    let last_matured = last_matured(today);
    let offer = |listed: &Listed| listed.offer.as_ref().map(|offer| offer.offer);
    let mut records: BTreeMap<Uuid, Record> = sessions
        .iter()
        .filter_map(offer)
        .map(|offer| (offer, Record::default()))
        .collect();
    if records.is_empty() {
        return Ok(());
    }
    let mut filter = Filter::new(vec![Value::Integer(days(today))]);
    let offers = records.keys().map(|offer| Value::from(offer.to_string()));
    filter.and(
        &format!("s.offer IN ({})", vec!["?"; records.len()].join(", ")),
        offers,
    );
    let sql = RESULTS.replace("<where>", &filter.conditions);
    for row in reader.query(&sql, &filter.parameters).await? {
        if let Some(record) = records.get_mut(&uuid(row.text(0))) {
            record.add(
                std::array::from_fn(|index| row.integer(index + 2)),
                row.integer(1) <= last_matured,
            );
        }
    }
    for listed in sessions {
        if let Some(record) = offer(listed).and_then(|offer| records.get(&offer)) {
            (listed.results, listed.reviews) = record.finish();
        }
    }
    Ok(())
}

pub(super) fn listed(row: &Row, query: &Query) -> Listed {
    let today = query.today();
    let places = Places {
        capacity: row.integer(11),
        taken: row.integer(12),
        waiting: row.integer(25),
        offered: row.integer(31),
        left: (row.integer(11) - row.integer(12)).max(0),
    };
    let enrol_day = row.integer(9);
    // As `filter` judges it.
    let last_entry = row.integer(if row.text(8) == "fixed" { 6 } else { 7 });
    Listed {
        session: uuid(row.text(0)),
        offer: row.optional_text(14).map(|title| OfferCard {
            offer: uuid(row.text(1)),
            title: title.to_owned(),
            objective: row.text(15).to_owned(),
            rome: words(row.text(16)),
            rncp: row.optional_text(17).map(str::to_owned),
            rs: row.optional_text(26).map(str::to_owned),
            formacode: words(row.text(18)),
            certifying: row.boolean(19),
            aim: row.optional_text(27).map(str::to_owned),
            level: row.optional_integer(28),
            entry_level: row.optional_integer(29),
            minutes: row.integer(20),
            mode: row.text(21).to_owned(),
        }),
        operator: row.optional_text(13).map(|siret| OperatorCard {
            siret: siret.to_owned(),
            name: row.optional_text(22).map(str::to_owned),
            commune: row.optional_text(23).map(str::to_owned),
            qualiopi_until: row.optional_integer(24).map(date),
        }),
        commune: PlaceCard {
            code: row.text(2).to_owned(),
            name: geography::commune(row.text(2)).map_or("", |commune| commune.name),
            epci: row.optional_text(3).map(str::to_owned),
            departement: row.optional_text(4).map(str::to_owned),
            region: row.optional_text(5).map(str::to_owned),
        },
        distance_km: distance(row.text(2), query.near).map(|kilometres| (kilometres * 10.0).round() / 10.0),
        from: date(row.integer(6)),
        to: date(row.integer(7)),
        entry: row.text(8).to_owned(),
        enrol_until: row.boolean(10).then(|| date(enrol_day)),
        open: places.left > places.offered && enrol_day.min(last_entry) >= days(today),
        places,
        results: Default::default(),
        reviews: Default::default(),
    }
}

fn words(spaced: &str) -> Vec<String> {
    spaced.split_whitespace().map(str::to_owned).collect()
}

pub(super) fn uuid(text: &str) -> Uuid {
    text.parse().expect("the fold writes UUIDs")
}
