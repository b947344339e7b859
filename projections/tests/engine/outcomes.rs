//! Messages to partners, as readers get them from either database.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use parcours_model::Submission;
use parcours_projections::outcomes::{self, Document, Filter, Key, OutcomeKind, OutcomeRow};
use parcours_tests::on_both_databases;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::json;
use uuid::Uuid;

use super::house::{House, block};
use super::random::arrivals;
use super::told::{OPERATOR, event, orientation, parcours};

static ALL: &[&parcours_projections::View] = &[&outcomes::VIEW];

/// After everything, whatever waits for its time.
const EVER: DateTime<Utc> = DateTime::<Utc>::MAX_UTC;

/// Everything the view has for this reader when the list has come so far, page by page.
async fn read(house: &House, filter: &Filter, until: DateTime<Utc>, page: usize) -> Vec<OutcomeRow> {
    let mut all: Vec<OutcomeRow> = Vec::new();
    loop {
        let cursor = all.last().map(OutcomeRow::cursor);
        let next = house.views.outcomes(filter, cursor, until, page).await.unwrap();
        let last = next.len() < page;
        all.extend(next);
        if last {
            return all;
        }
    }
}

fn kinds(kinds: &[OutcomeKind]) -> Option<BTreeSet<OutcomeKind>> {
    Some(kinds.iter().copied().collect())
}

fn among(territories: &[&str]) -> Vec<parcours_model::TerritoryCode> {
    territories.iter().map(|code| code.parse().unwrap()).collect()
}

/// Every way that there is to ask.
fn filters() -> Vec<Filter> {
    let all = Filter::all();
    let mut filters = vec![Filter::public(), all.clone()];
    for territories in [
        vec![among(&["region/28"])],
        vec![among(&["departement/76"])],
        vec![among(&["departement/14"])],
        vec![among(&["commune/76540"]), among(&["region/28", "region/11"])],
        vec![among(&["epci/200023414", "departement/14"])],
        vec![vec![]],
    ] {
        for kinds in [
            None,
            kinds(&[OutcomeKind::Certification, OutcomeKind::Place]),
            kinds(&[]),
        ] {
            for operator in [None, Some(OPERATOR.parse().unwrap())] {
                filters.push(Filter {
                    kinds: kinds.clone(),
                    territories: territories.clone(),
                    operator,
                    ..all.clone()
                });
            }
            filters.push(Filter {
                kinds,
                territories: territories.clone(),
                ..Filter::public()
            });
        }
    }
    filters
}

fn every_question_finds_what_its_filter_admits(database: fn() -> parcours_tests::Database, cases: u32) {
    let told = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(ProptestConfig {
        cases,
        max_shrink_iters: 100,
        ..ProptestConfig::default()
    });
    let check = |arrivals: Vec<Vec<_>>| {
        block(async {
            let house = House::new(database(), ALL).await;
            for group in arrivals {
                house.send(group).await;
            }
            house.rebuild(&[]).await.unwrap();
            let everything = read(&house, &Filter::all(), EVER, 1_000).await;
            told.set(told.get() + everything.len());
            let whom: BTreeSet<_> = everything.iter().filter_map(OutcomeRow::about).collect();
            for whom in whom {
                let mut about = everything.iter().filter(|message| message.about() == Some(whom));
                let first = about.next().unwrap();
                let found = house.views.outcome(whom, first.key, EVER).await.unwrap();
                prop_assert_eq!(found.as_ref(), Some(first));
                let rest: Vec<_> = about.cloned().collect();
                prop_assert_eq!(
                    house
                        .views
                        .outcomes_about(whom, Some(first.cursor()), EVER, 1_000)
                        .await
                        .unwrap(),
                    rest
                );
            }
            let told: BTreeSet<_> = everything.iter().map(|message| message.told).collect();
            let halfway = told.iter().nth(told.len() / 2).copied().unwrap_or(EVER);
            for until in [EVER, halfway, halfway - TimeDelta::microseconds(1)] {
                let everything = read(&house, &Filter::all(), until, 1_000).await;
                prop_assert!(everything.iter().all(|message| message.told <= until));
                for filter in filters() {
                    let admitted: Vec<_> = everything
                        .iter()
                        .filter(|message| filter.admits(message))
                        .cloned()
                        .collect();
                    let read = read(&house, &filter, until, 3).await;
                    prop_assert_eq!(read, admitted, "{:?}", filter);
                }
            }
            Ok(())
        })
    };
    runner.run(&arrivals(), check).unwrap();
    assert!(told.get() > cases as usize, "only {} messages", told.get());
}

#[test]
fn every_question_finds_what_its_filter_admits_on_sqlite() {
    every_question_finds_what_its_filter_admits(parcours_tests::Database::sqlite, 12);
}

#[test]
fn every_question_finds_what_its_filter_admits_on_postgres() {
    every_question_finds_what_its_filter_admits(parcours_tests::Database::postgres, 6);
}

/// The journey of a trainee up to the consent for partners.
fn consented(trainee: &str) -> Vec<Submission> {
    let person = parcours(1);
    let told = |id: &str, day: &str, name: &str, data| event(&person, id, day, name, &data);
    vec![
        event(trainee, "t1", "2025-01-01", "registered", &json!({})),
        told("e1", "2025-01-01", "oriented", orientation()),
        told(
            "e2",
            "2025-01-02",
            "eligibility.checked",
            json!({"eligible": true, "reasons": []}),
        ),
        told("e3", "2025-01-03", "admitted", json!({"operator": OPERATOR})),
        told(
            "e4",
            "2025-01-04",
            "commitment.signed",
            json!({"contract_version": "2025"}),
        ),
        told(
            "e5",
            "2025-01-05",
            "referent.named",
            json!({"referent": Uuid::from_u128(1), "organisation": OPERATOR}),
        ),
        told("e6", "2025-01-10", "started", json!({})),
        told(
            "e7",
            "2025-01-11",
            "consent.given",
            json!({"purpose": "partners"}),
        ),
    ]
}

on_both_databases! {
    fn of_whoever_is_erased_only_the_notice_is_read(database: Database) {
        block(async {
            let house = House::new(database, ALL).await;
            let trainee = format!("trainee/{}", Uuid::from_u128(0x7e));
            let consent = house.record(consented(&trainee)).await;
            house.rebuild(&[]).await.unwrap();
            let before = read(&house, &Filter::all(), EVER, 10).await;
            assert_eq!(before.len(), 1);
            assert_eq!(before[0].key, Key { position: consent, ordinal: 0 });

            let projector = house.projector().await;
            let erasure = house.record(vec![event(&trainee, "t2", "2025-02-01", "erased", &json!({}))]).await;
            house.digested(outcomes::VIEW.name).await;
            let elsewhere = Filter { territories: vec![among(&["departement/14"])], ..Filter::all() };
            for filter in [Filter::all(), elsewhere] {
                let after = read(&house, &filter, EVER, 10).await;
                assert_eq!(after.len(), 1, "{after:?}");
                assert_eq!(after[0].key.position, erasure);
                assert!(matches!(after[0].document, Document::Forget { .. }));
            }
            projector.stop().await;
        });
    }

    fn what_waits_for_its_time_is_in_the_list_from_then_on(database: Database) {
        block(async {
            let house = House::new(database, ALL).await;
            let trainee = format!("trainee/{}", Uuid::from_u128(0x7e));
            let (person, all) = (parcours(1), Filter::all());
            let told = |id: &str, day: &str, name: &str, data| event(&person, id, day, name, &data);
            let consent = house.record(consented(&trainee)).await;
            let projector = house.projector().await;
            house.record(vec![told("e8", "+3600", "exited", json!({"reason": "abandoned"}))]).await;
            let gone = house.record(vec![told("e9", "+7200", "consent.withdrawn", json!({"purpose": "partners"}))]).await;
            let erased = house.record(vec![event(&trainee, "t2", "+10800", "erased", &json!({}))]).await;
            house.digested(outcomes::VIEW.name).await;
            let everything = [1, 2, 3].map(|hours| Utc::now() + TimeDelta::hours(hours) + TimeDelta::seconds(2));
            let positions = async |until| {
                let read = read(&house, &all, until, 10).await;
                read.into_iter().map(|message| (message.key.position, message.kind)).collect::<Vec<_>>()
            };
            assert_eq!(positions(Utc::now()).await, [(consent, OutcomeKind::Entry)]);
            assert_eq!(positions(everything[0]).await, [(consent, OutcomeKind::Entry), (gone, OutcomeKind::Exit)]);
            assert_eq!(positions(everything[1]).await, [(gone, OutcomeKind::Forget)]);
            assert_eq!(positions(everything[2]).await, [(gone, OutcomeKind::Forget), (erased, OutcomeKind::Forget)]);
            let next = house.views.next_outcome(Utc::now()).await.unwrap().unwrap();
            assert!(next > everything[0] - TimeDelta::minutes(1) && next <= everything[0], "{next}");
            let last = house.views.next_outcome(everything[1]).await.unwrap().unwrap();
            assert_eq!(house.views.next_outcome(last).await.unwrap(), None);
            let live = house.digest(outcomes::VIEW.name).await;
            assert_eq!(house.expected(outcomes::VIEW.name, ALL).await, live);
            projector.stop().await;
        });
    }
}
