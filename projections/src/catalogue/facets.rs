//! What is found, counted by each of its traits: what a search can be narrowed down to.

use super::filter::{filter, open_on};
use super::operators;
use super::page::{Facets, Named};
use super::query::{FOUND, is_within};
use super::question::Query;
use crate::territory::days;
use crate::{Reader, ViewError};
use parcours_model::geography;
use std::collections::BTreeMap;

/// Sessions that are alike in all that is counted. <open> says whether one can enter, <where> holds the filters.
const ALIKE: &str = "
    SELECT s.commune, s.departement, s.entry, o.rome, o.operator, o.certifying, o.mode, o.level, <open>, COUNT(*)";
const GROUPS: &str = "
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9";

/// How many codes are told of a trait at most: those that most sessions have.
const MOST: usize = 30;

/// Counts of a trait, by its value.
#[derive(Default)]
struct Counts(BTreeMap<String, (i64, Option<String>)>);

impl Counts {
    fn add(&mut self, value: &str, name: Option<&str>, count: i64) {
        let known = self.0.entry(value.to_owned()).or_default();
        known.0 += count;
        if known.1.is_none() {
            known.1 = name.map(str::to_owned);
        }
    }

    /// The greatest first.
    fn told(self) -> Vec<Named> {
        let mut all: Vec<Named> = self
            .0
            .into_iter()
            .map(|(value, (sessions, name))| Named {
                value,
                name,
                sessions,
            })
            .collect();
        all.sort_by_key(|named| -named.sessions);
        all.truncate(MOST);
        all
    }
}

/// The facets of a question: its pages aside, of all that it finds. Complexity: the sessions that it finds.
pub(super) async fn facets(reader: &Reader, query: &Query) -> Result<Facets, ViewError> {
    let filter = filter(query);
    let sql = format!("{ALIKE}{FOUND}{GROUPS}")
        .replace(
            "<open>",
            &format!("(CASE WHEN {} THEN 1 ELSE 0 END)", open_on(days(query.today()))),
        )
        .replace("<where>", &filter.conditions);
    let names = operators(reader).await?;
    let mut sessions = 0;
    let [
        mut departements,
        mut rome,
        mut operators,
        mut entries,
        mut modes,
        mut levels,
    ] = <[Counts; 6]>::default();
    let (mut open, mut certifying) = (0, 0);
    for row in reader.query(&sql, &filter.parameters).await? {
        if !is_within(row.text(0), query.near) {
            continue;
        }
        let count = row.integer(9);
        sessions += count;
        if let Some(departement) = row.optional_text(1) {
            let known = geography::territory(geography::TerritoryLevel::Departement, departement);
            departements.add(departement, known.map(|known| known.name), count);
        }
        entries.add(row.text(2), None, count);
        for code in row.optional_text(3).unwrap_or_default().split_whitespace() {
            rome.add(code, None, count);
        }
        if let Some(siret) = row.optional_text(4) {
            operators.add(siret, names.get(siret).map(String::as_str), count);
        }
        if row.optional_boolean(5) == Some(true) {
            certifying += count;
        }
        if let Some(mode) = row.optional_text(6) {
            modes.add(mode, None, count);
        }
        if let Some(level) = row.optional_integer(7) {
            levels.add(&level.to_string(), None, count);
        }
        if row.integer(8) == 1 {
            open += count;
        }
    }
    Ok(Facets {
        sessions,
        open,
        certifying,
        departement: departements.told(),
        rome: rome.told(),
        operator: operators.told(),
        entry: entries.told(),
        mode: modes.told(),
        level: levels.told(),
    })
}
