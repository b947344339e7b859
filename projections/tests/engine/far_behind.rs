//! Views that have much to catch up with.

use parcours_log::Location;
use parcours_tests::on_both_databases;

use super::house::{House, block, until, views_location};
use super::told::oriented;
use super::toy::TOY;

/// The number of the generation that answers.
fn generation(house: &House) -> i64 {
    let select = "view_generations WHERE view = 'toy' AND state = 'live'";
    match views_location(house.database()) {
        Location::Sqlite(file) => {
            let views = rusqlite::Connection::open(file).unwrap();
            let sql = format!("SELECT generation FROM {select}");
            views.query_row(&sql, [], |row| row.get(0)).unwrap()
        }
        Location::Postgres(url) => std::thread::scope(|scope| {
            let asking = scope.spawn(|| {
                let mut views = ::postgres::Client::connect(&url, ::postgres::NoTls).unwrap();
                let sql = format!("SELECT generation FROM parcours_views.{select}");
                views.query_one(&sql, &[]).unwrap().get(0)
            });
            asking.join().unwrap()
        }),
    }
}

/// The generation that answers once a view of `known` entries has digested `more` that came while nobody followed.
async fn after(house: &House, known: u128, more: u128) -> i64 {
    house.record((1..=known).map(oriented).collect()).await;
    house.rebuild(&[]).await.unwrap();
    assert_eq!(generation(house), 1);
    house
        .record((known + 1..=known + more).map(oriented).collect())
        .await;
    let projector = house.projector().await;
    let size = u64::try_from(known + more).unwrap();
    until("all is digested", || house.views.checkpoint("toy") == size).await;
    projector.stop().await;
    assert_eq!(house.digest("toy").await, house.expected("toy", &[&TOY]).await);
    generation(house)
}

on_both_databases! {
    fn a_view_that_is_far_behind_catches_up_in_strides_and_is_not_rebuilt(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            assert_eq!(after(&house, 10, 10_000).await, 1);
        });
    }

    fn a_view_that_is_a_little_behind_catches_up(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            assert_eq!(after(&house, 10, 1100).await, 1);
        });
    }
}
