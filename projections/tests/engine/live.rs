//! Following the log.

use std::time::Duration;

use parcours_model::Submission;
use parcours_projections::{Value, ViewError, ViewState};
use parcours_tests::story::{Person, Training, training};
use parcours_tests::{Story, on_both_databases};

use super::house::{House, LIMIT, block, until};
use super::told::{annulled, corrected, declined, oriented, parcours};
use super::toy::TOY;

/// Entries that a view digests at once.
const BATCH: u128 = 1024;

fn sent(event: &serde_json::Value) -> Submission {
    Submission::parse(event.to_string().as_bytes()).unwrap()
}

async fn facts(house: &House, number: u128) -> Vec<String> {
    let sql = "SELECT type, corrected FROM {toy_fact} WHERE stream = ?1 ORDER BY place";
    let rows = house
        .views
        .reader()
        .query(sql, &[Value::from(parcours(number))])
        .await
        .unwrap();
    let told = |row: &parcours_projections::Row| {
        format!(
            "{}{}",
            row.text(0),
            if row.boolean(1) { " corrected" } else { "" }
        )
    };
    rows.iter().map(told).collect()
}

async fn sum(house: &House) -> i64 {
    let rows = house
        .views
        .reader()
        .query("SELECT sum(facts) FROM {toy_day}", &[])
        .await
        .unwrap();
    rows[0].optional_integer(0).unwrap_or(0)
}

on_both_databases! {
    fn an_event_is_visible_once_its_position_is_waited_for(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            let projector = house.projector().await;
            let position = house.record(vec![oriented(1)]).await;
            house.views.wait_for("toy", position, LIMIT).await.unwrap();
            assert_eq!(facts(&house, 1).await, ["parcours.oriented.v1"]);
            assert_eq!(house.views.checkpoint("toy"), 1);
            projector.stop().await;
        });
    }

    fn a_view_that_has_an_event_has_the_place_it_takes(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            let Training { session, events, .. } = training(3);
            let person = Person { session: Some(session), ..Person::default() };
            let mut story = Story::parcours();
            house.record(events.iter().map(sent).collect()).await;
            house.record(vec![sent(&story.oriented("2024-01-15", &person)), sent(&story.eligible("2024-01-16"))]).await;
            house.rebuild(&[]).await.unwrap();
            // The place taken stands where a batch of usual length would end before it.
            house.record((1..BATCH).map(oriented).collect()).await;
            let admitted = house.record(vec![sent(&story.admitted("2024-01-20", &person))]).await;
            assert_eq!(house.log.size(), admitted + 2, "the event, and the place it takes");
            let projector = house.projector().await;
            house.views.wait_for("toy", admitted, LIMIT).await.unwrap();
            assert_eq!(house.views.checkpoint("toy"), admitted + 2);
            projector.stop().await;
        });
    }

    fn a_late_a_corrected_and_an_annulled_fact_take_their_places(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            let projector = house.projector().await;
            house.record(vec![oriented(1), declined(1, "b", "2025-03-01", "later"), declined(1, "a", "2025-02-01", "late")]).await;
            house.digested("toy").await;
            assert_eq!(sum(&house).await, 3);
            house.record(vec![corrected(1, "c", "a", "2025-04-01")]).await;
            house.digested("toy").await;
            let declined = "parcours.declined.v1";
            assert_eq!(facts(&house, 1).await, ["parcours.oriented.v1", declined, &format!("{declined} corrected")]);
            house.record(vec![annulled(1, "d", "b")]).await;
            house.digested("toy").await;
            assert_eq!(facts(&house, 1).await, ["parcours.oriented.v1", &format!("{declined} corrected")]);
            assert_eq!(sum(&house).await, 2);
            // The day of the annulled fact has no row any more: its sums are all 0.
            let days = house.views.reader().query("SELECT count(*) FROM {toy_day}", &[]).await.unwrap();
            assert_eq!(days[0].integer(0), 2);
            assert_eq!(house.digest("toy").await, house.expected("toy", &[&TOY]).await);
            projector.stop().await;
        });
    }

    fn a_projector_goes_on_where_the_last_one_stopped(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            let projector = house.projector().await;
            house.record((1..=20).map(oriented).collect()).await;
            house.digested("toy").await;
            projector.stop().await;
            house.record((1..=20).map(|number| declined(number, "a", "2025-02-01", "no")).collect()).await;
            let projector = house.projector().await;
            house.digested("toy").await;
            assert_eq!(sum(&house).await, 40);
            assert_eq!(house.views.status()[0].state, ViewState::Live);
            projector.stop().await;
        });
    }

    fn a_view_that_does_not_come_says_how_far_it_is(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            let projector = house.projector().await;
            house.record(vec![oriented(1)]).await;
            house.digested("toy").await;
            let behind = house.views.wait_for("toy", 1, Duration::from_millis(30)).await.unwrap_err();
            assert!(matches!(behind, ViewError::Behind { checkpoint: 1 }), "{behind}");
            projector.stop().await;
        });
    }

    fn a_view_never_built_says_so_and_unknown_names_are_refused(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            let reader = house.views.reader();
            let asked = reader.query("SELECT stream FROM {toy_fact}", &[]).await.unwrap_err();
            assert!(matches!(asked, ViewError::NotBuilt(_)), "{asked}");
            let asked = reader.query("SELECT stream FROM {nothing}", &[]).await.unwrap_err();
            assert!(matches!(asked, ViewError::Unknown(_)), "{asked}");
            let asked = house.rebuild(&["nothing"]).await.unwrap_err();
            assert!(matches!(asked, ViewError::Unknown(_)), "{asked}");
        });
    }

    fn an_empty_log_gives_views_that_answer_at_once(database: Database) {
        block(async {
            let house = House::new(database, &[&TOY]).await;
            let projector = house.projector().await;
            until("the view answers", || house.views.status()[0].answers).await;
            assert_eq!(sum(&house).await, 0);
            projector.stop().await;
        });
    }
}
