//! However a view came where it is, it holds the same bytes.

use parcours_model::Submission;
use parcours_projections::{View, catalogue, cohorts, outcomes, people, register, territory, timeline, work};
use parcours_tests::Database;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::house::{House, block};
use super::random::arrivals;
use super::toy::TOY;

static ALL: &[&View] = &[
    &TOY,
    &catalogue::VIEW,
    &timeline::VIEW,
    &territory::VIEW,
    &outcomes::VIEW,
    &people::VIEW,
    &register::VIEW,
    &cohorts::VIEW,
    &work::VIEW,
];

/// Follows live as events arrive; then rebuilds; then builds anew in another database, of the other kind too.
async fn live_equals_rebuilt(
    database: Database,
    arrivals: Vec<Vec<Submission>>,
) -> Result<(), TestCaseError> {
    let house = House::new(database, ALL).await;
    let projector = house.projector().await;
    for (number, group) in arrivals.into_iter().enumerate() {
        house.send(group).await;
        if number % 3 == 0 {
            house.digested("toy").await;
        }
    }
    let mut live = Vec::new();
    for view in ALL {
        house.digested(view.name).await;
        live.push(house.digest(view.name).await);
    }
    house.rebuild(&[]).await.unwrap();
    for (view, live) in ALL.iter().zip(&live) {
        prop_assert_eq!(
            &house.digest(view.name).await,
            live,
            "{} rebuilt beside",
            view.name
        );
        prop_assert_eq!(
            &house.expected(view.name, ALL).await,
            live,
            "{} built in SQLite",
            view.name
        );
    }
    projector.stop().await;
    Ok(())
}

fn check(cases: u32, database: fn() -> Database) {
    let mut runner = TestRunner::new(ProptestConfig {
        cases,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    });
    runner
        .run(&arrivals(), |arrivals| {
            block(live_equals_rebuilt(database(), arrivals))
        })
        .unwrap();
}

#[test]
fn a_rebuild_equals_the_live_view_byte_for_byte_on_sqlite() {
    check(32, Database::sqlite);
}

#[test]
fn a_rebuild_equals_the_live_view_byte_for_byte_on_postgres() {
    check(24, Database::postgres);
}
