//! What a database refuses to store.

use parcours_log::{LogError, Rejection};
use tokio::task::JoinSet;

use crate::events::{append, impossible, one, registered, registered_as, sound};
use crate::place::{Place, on_both_databases};

/// The name of an operator whom the database has something against.
const REFUSED: &str = "unstorable";

/// Has the database refuse entries with that name by a constraint, or on PostgreSQL with this code.
fn refuse(place: &Place, code: &str) {
    place.execute(&match (place, code) {
        (Place::Sqlite(_), _) => format!(
            "CREATE TABLE storable (entry BLOB, CONSTRAINT storable CHECK (instr(entry, CAST('{REFUSED}' AS BLOB)) = 0));
             CREATE TRIGGER storable BEFORE INSERT ON entries BEGIN INSERT INTO storable VALUES (NEW.entry); END"
        ),
        (Place::Postgres(_), "23514") => format!(
            "ALTER TABLE entries ADD CONSTRAINT storable CHECK (position('{REFUSED}'::bytea IN entry) = 0)"
        ),
        (Place::Postgres(_), code) => format!(
            "CREATE OR REPLACE FUNCTION storable() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 IF position('{REFUSED}'::bytea IN NEW.entry) > 0 THEN RAISE 'not to be stored' USING ERRCODE = '{code}'; END IF;
                 RETURN NEW;
             END $$;
             CREATE OR REPLACE TRIGGER storable BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION storable()"
        ),
    });
}

on_both_databases! {
    async fn an_append_that_the_database_refuses_is_refused_and_the_others_of_its_group_are_not(place: Place) {
        let log = place.open().await;
        one(&log, registered(1, "A")).await.unwrap();
        refuse(&place, "23514");
        let twice = registered(2, "B");
        let appends = [
            append([registered(1, "C")]),
            append([registered(3, REFUSED)]),
            append([registered(3, "D")]),
            append([impossible(4)]),
            append([registered(5, "E"), registered(1, REFUSED), registered(6, "F")]),
            append([twice.clone()]),
            append([twice]),
        ];
        let answers = log.append_each(appends.into()).await;
        let told: Vec<_> = answers
            .iter()
            .map(|answer| match answer {
                Ok(receipts) => (receipts[0].position, receipts[0].revision, receipts[0].duplicate),
                Err(Rejection::Unstorable { detail }) => {
                    assert!(!detail.contains(REFUSED), "the row is not told: {detail}");
                    (100, 0, false)
                }
                Err(Rejection::Refused { .. }) => (200, 0, false),
                Err(other) => panic!("{other}"),
            })
            .collect();
        let expected = [
            (1, 2, false),
            (100, 0, false),
            // The first of its stream, since what came before it is not in the log.
            (2, 1, false),
            (200, 0, false),
            (100, 0, false),
            (3, 1, false),
            (3, 1, true),
        ];
        assert_eq!(told, expected);
        assert_eq!(sound(&log).await.len(), 4);
        // Neither its name nor its source is taken.
        let again = registered_as("once", 7, REFUSED);
        assert!(matches!(one(&log, again).await, Err(Rejection::Unstorable { .. })));
        assert_eq!(one(&log, registered_as("once", 7, "G")).await.unwrap().position, 4);
        assert_eq!(sound(&place.open().await).await.len(), 5);
    }

    async fn what_was_decided_on_top_of_what_the_database_refuses_is_decided_again(place: Place) {
        let log = place.open().await;
        refuse(&place, "23514");
        let mut callers = JoinSet::new();
        for caller in 0..16_u128 {
            let log = log.clone();
            callers.spawn(async move {
                let mut recorded = 0;
                for n in 0..30 {
                    // Every stream has two callers, and every fourth caller brings what cannot be stored.
                    let refused = caller % 4 == 0;
                    let name = if refused { REFUSED } else { "A" };
                    match one(&log, registered(caller / 2 + n % 2, name)).await {
                        Ok(receipt) if !refused && !receipt.duplicate => recorded += 1,
                        Err(Rejection::Unstorable { .. }) if refused => {}
                        other => panic!("{name}: {other:?}"),
                    }
                }
                recorded
            });
        }
        let recorded: usize = callers.join_all().await.into_iter().sum();
        assert_eq!(recorded, 12 * 30, "nobody honest is told of it");
        assert_eq!(sound(&log).await.len(), recorded);
    }

    async fn a_row_that_stands_where_the_next_one_belongs_is_no_sender_s_fault(place: Place) {
        let log = place.open().await;
        one(&log, registered(1, "A")).await.unwrap();
        let columns = match place {
            Place::Sqlite(_) => "1, stream, 2, 0, leaf, entry",
            Place::Postgres(_) => "1, stream, 2, leaf, entry",
        };
        place.execute(&format!("INSERT INTO entries SELECT {columns} FROM entries WHERE position = 0"));
        let failed = one(&log, registered(2, "B")).await.unwrap_err();
        assert!(matches!(failed, Rejection::Unavailable(LogError::Unavailable(_))), "{failed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_that_postgresql_cannot_take_and_a_limit_of_its_own_are_refusals_of_the_append() {
    let place = Place::postgres();
    let log = place.open().await;
    for code in ["22021", "22P05", "54000"] {
        refuse(&place, code);
        let answers = log
            .append_each(vec![
                append([registered(1, REFUSED)]),
                append([registered(1, "A")]),
            ])
            .await;
        assert!(
            matches!(answers[0], Err(Rejection::Unstorable { .. })),
            "{code}: {answers:?}"
        );
        assert!(answers[1].is_ok(), "{code}: {answers:?}");
    }
    // Nobody's fault, and worth another attempt.
    refuse(&place, "53100");
    let full = one(&log, registered(1, REFUSED)).await.unwrap_err();
    assert!(
        matches!(full, Rejection::Unavailable(LogError::Unavailable(_))),
        "{full}"
    );
    sound(&log).await;
}
