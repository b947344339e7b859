//! The profiles of people who agreed to be found by companies and are available for work (R19), without who they are.

use super::tasks;
use crate::condition::Filter;
use crate::territory::{day, days};
use crate::{Reader, Row, Value, ViewError};
use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::codes::{Commune, Rome};
use parcours_model::geography::{self, Point};
use parcours_model::streams::parcours::{Fact, ProfilePublished, Purpose};
use parcours_model::{Effective, Fact as AnyFact, calendar};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The profiles that stand at the moment ?1, of people who were not erased. `<where>` holds the filters.
const PROFILES: &str = "
    SELECT p.profile, p.published_day, p.available_day, p.headline, p.skills, p.rome, p.radius_km, p.commune
    FROM {people_profile} p
    WHERE p.since <= ?1 AND p.until > ?1 AND NOT EXISTS (SELECT 1 FROM {people_erased} e WHERE e.trainee = p.trainee AND e.since <= ?1)
      <where>
    ORDER BY p.published_day DESC, p.profile
    LIMIT <limit>";

/// Profiles a page holds when the question does not say.
const PAGE: usize = 50;
/// Profiles a page holds at most.
const LARGEST_PAGE: usize = 500;
/// Near a place so many are looked at: a page is by distance, and knows all of them.
const LOOKED_AT: usize = 5_000;
/// A degree of latitude, in kilometres, on the safe side.
const DEGREE: f64 = 110.0;
/// Nobody would work farther away than that.
const FARTHEST: f64 = 1_000.0;

/// What tells profiles apart in an answer: nobody can tell from it whose they are.
const NAMESPACE: Uuid = Uuid::from_u128(0x5f0d_3d2a_8f2b_4f0c_9c57_52a1_7d0e_6b31);

/// A question. What is left out does not filter.
#[derive(Clone, Debug)]
pub struct ProfileQuery {
    /// Seeking this trade, or one that derives from it.
    pub rome: Option<Rome>,
    /// Who would work in this commune, as far as they say.
    pub near: Option<Commune>,
    /// Within so many kilometres, with `near`.
    pub kilometres: Option<f64>,
    /// Available by this day; today when left out.
    pub available_by: Option<NaiveDate>,
    /// The moment of the question.
    pub now: DateTime<Utc>,
    /// Profiles a page holds; 50 when left out.
    pub limit: Option<usize>,
    /// Where the page begins: the `next` of the page before.
    pub cursor: Option<String>,
}

impl ProfileQuery {
    /// Everybody who is available, as of `now`.
    pub fn all(now: DateTime<Utc>) -> Self {
        Self {
            rome: None,
            near: None,
            kilometres: None,
            available_by: None,
            now,
            limit: None,
            cursor: None,
        }
    }

    /// Whether `cursor` is one that a page of such a question gave, near a place or not.
    pub fn is_cursor(cursor: &str, near: bool) -> bool {
        match near {
            true => place(cursor).is_some(),
            false => after(cursor).is_some(),
        }
    }
}

/// A page of profiles.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProfilePage")]
pub struct ProfilePage {
    /// The profiles: with `near` the nearest first, else those published last.
    pub profiles: Vec<Profile>,
    /// What to give as `cursor` for the next page; none after the last.
    pub next: Option<String>,
}

/// Somebody who is available for work, and agreed to be found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Profile")]
pub struct Profile {
    /// What tells it from others; it names nobody.
    pub profile: Uuid,
    /// One line of the person's own.
    pub headline: String,
    /// Skills to show.
    pub skills: Vec<String>,
    /// Trades sought.
    #[schemars(inner(regex(pattern = r"^[A-Z][0-9]{4}$")), example = ["D1402"])]
    pub rome: Vec<String>,
    /// How far the person would work, in kilometres.
    pub radius_km: u16,
    /// From when.
    pub available_from: NaiveDate,
    /// When it was published.
    pub published: NaiveDate,
    /// How far away the person lives, in whole kilometres; with `near`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance_km: Option<u32>,
}

/// The profile that stands after these facts: published and not withdrawn, agreed to, and of somebody without work.
pub(super) fn of<'a>(facts: &[Effective<'a>]) -> Option<(NaiveDate, &'a ProfilePublished)> {
    let (mut profile, mut agreed, mut dead) = (None, false, false);
    let mut employed = BTreeSet::new();
    for fact in facts {
        let AnyFact::Parcours(told) = fact.fact else {
            continue;
        };
        match told {
            Fact::ProfilePublished(published) => profile = Some((calendar::day(fact.time), &**published)),
            Fact::ProfileWithdrawn(_) => profile = None,
            Fact::ConsentGiven(consent) if consent.purpose == Purpose::Profile => agreed = true,
            Fact::ConsentWithdrawn(consent) if consent.purpose == Purpose::Profile => agreed = false,
            Fact::EmploymentStarted(started) => drop(employed.insert(started.employment)),
            Fact::EmploymentEnded(ended) => drop(employed.remove(&ended.employment)),
            Fact::Exited(exited) => dead |= tasks::is_death(exited.reason),
            _ => {}
        }
    }
    profile.filter(|_| agreed && !dead && employed.is_empty())
}

/// Its row, from `until` on, as a column each.
pub(super) fn row(
    (published, profile): (NaiveDate, &ProfilePublished),
    parcours: Uuid,
    trainee: Option<Uuid>,
    home: Option<(Commune, NaiveDate)>,
    until: i64,
) -> Vec<Value> {
    let centre = home.and_then(|(commune, day)| commune.record_on(day)?.centre);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a coordinate is at most 180 degrees"
    )]
    let millionths = |degrees: f64| (degrees * 1e6).round() as i64;
    let codes: Vec<String> = profile.rome.iter().map(Rome::to_string).collect();
    vec![
        Value::Integer(until),
        Value::from(Uuid::new_v5(&NAMESPACE, parcours.as_bytes()).to_string()),
        Value::from(trainee.map(|trainee| trainee.to_string())),
        Value::Integer(days(published)),
        Value::Integer(days(profile.available_from)),
        Value::from(profile.headline.replace('\0', "\u{fffd}")),
        Value::from(serde_json::to_string(&profile.skills).expect("texts are JSON")),
        Value::from(format!(" {} ", codes.join(" "))),
        Value::from(profile.radius_km),
        Value::from(home.map(|(commune, day)| commune.current_on(day).as_str().to_owned())),
        Value::from(centre.map(|centre| millionths(centre.lat))),
        Value::from(centre.map(|centre| millionths(centre.lon))),
    ]
}

/// Answers a question. Complexity: the page; near a place the profiles around it, of which at most 5,000 are looked at.
pub(crate) async fn page(reader: &Reader, query: &ProfileQuery) -> Result<ProfilePage, ViewError> {
    let limit = query.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let by = query.available_by.unwrap_or_else(|| calendar::day(query.now));
    let mut filter = Filter::new(vec![Value::Integer(query.now.timestamp_micros())]);
    filter.and("p.available_day <= ?", [Value::Integer(days(by))]);
    if let Some(rome) = query.rome {
        let trades = rome.with_derived();
        let any = vec!["p.rome LIKE ?"; trades.len()].join(" OR ");
        let patterns = trades.iter().map(|trade| Value::from(format!("% {trade} %")));
        filter.and(&format!("({any})"), patterns);
    }
    let Some(centre) = query.near.and_then(|commune| commune.record()?.centre) else {
        return latest(reader, query, filter, limit).await;
    };
    around(&mut filter, centre, query.kilometres.unwrap_or(FARTHEST));
    let rows = ask(reader, &filter, LOOKED_AT).await?;
    let mut near: Vec<(f64, Profile)> = rows
        .iter()
        .filter_map(|row| within(row, centre, query.kilometres))
        .collect();
    near.sort_by(|one, other| {
        one.0
            .total_cmp(&other.0)
            .then_with(|| one.1.profile.cmp(&other.1.profile))
    });
    let begin = query.cursor.as_deref().and_then(place).unwrap_or(0);
    let more = near.len() > begin + limit;
    Ok(ProfilePage {
        profiles: near
            .into_iter()
            .skip(begin)
            .take(limit)
            .map(|(_, profile)| profile)
            .collect(),
        next: more.then(|| (begin + limit).to_string()),
    })
}

/// Those published last.
async fn latest(
    reader: &Reader,
    query: &ProfileQuery,
    mut filter: Filter,
    limit: usize,
) -> Result<ProfilePage, ViewError> {
    if let Some((published, profile)) = query.cursor.as_deref().and_then(after) {
        let published = Value::Integer(published);
        filter.and(
            "(p.published_day < ? OR (p.published_day = ? AND p.profile > ?))",
            [published.clone(), published, Value::from(profile.to_string())],
        );
    }
    let mut rows = ask(reader, &filter, limit + 1).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more);
    Ok(ProfilePage {
        next: last.map(|row| format!("{}_{}", row.integer(1), row.text(0))),
        profiles: rows.iter().map(profile).collect(),
    })
}

async fn ask(reader: &Reader, filter: &Filter, limit: usize) -> Result<Vec<Row>, ViewError> {
    let sql = PROFILES
        .replace("<where>", &filter.conditions)
        .replace("<limit>", &limit.to_string());
    reader.query(&sql, &filter.parameters).await
}

/// Keeps those in a square around a place, which is a little larger than the circle.
fn around(filter: &mut Filter, centre: Point, kilometres: f64) {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a coordinate is at most 180 degrees"
    )]
    let millionths = |degrees: f64| Value::Integer((degrees * 1e6).round() as i64);
    let high = kilometres / DEGREE;
    let wide = high / centre.lat.to_radians().cos().max(0.01);
    filter.and(
        "p.latitude BETWEEN ? AND ?",
        [centre.lat - high, centre.lat + high].map(millionths),
    );
    filter.and(
        "p.longitude BETWEEN ? AND ?",
        [centre.lon - wide, centre.lon + wide].map(millionths),
    );
}

/// A profile of somebody who would come so far, with the distance.
fn within(row: &Row, centre: Point, kilometres: Option<f64>) -> Option<(f64, Profile)> {
    let home = geography::commune(row.optional_text(7)?)?.centre?;
    let distance = home.kilometres_to(centre);
    let mut profile = profile(row);
    let far = distance > f64::from(profile.radius_km) || kilometres.is_some_and(|most| distance > most);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a distance on the earth in kilometres"
    )]
    let rounded = distance.round() as u32;
    profile.distance_km = Some(rounded);
    (!far).then_some((distance, profile))
}

fn profile(row: &Row) -> Profile {
    Profile {
        profile: row.text(0).parse().expect("the fold writes UUIDs"),
        published: day(row.integer(1)),
        available_from: day(row.integer(2)),
        headline: row.text(3).to_owned(),
        skills: serde_json::from_str(row.text(4)).expect("the fold writes lists of texts"),
        rome: row.text(5).split_whitespace().map(str::to_owned).collect(),
        radius_km: u16::try_from(row.integer(6)).unwrap_or(u16::MAX),
        distance_km: None,
    }
}

/// How many are nearer than where a page begins.
fn place(cursor: &str) -> Option<usize> {
    cursor.parse().ok().filter(|place| *place <= LOOKED_AT)
}

/// The day and the profile after which a page begins.
fn after(cursor: &str) -> Option<(i64, Uuid)> {
    let (day, profile) = cursor.split_once('_')?;
    Some((day.parse().ok()?, profile.parse().ok()?))
}
