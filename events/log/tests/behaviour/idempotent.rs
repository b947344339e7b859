//! The same event again.

use parcours_log::Rejection;
use parcours_model::Submission;

use crate::events::{SOURCE, append, impossible, named, one, operator, registered, registered_as, sound};
use crate::place::{Place, on_both_databases};

on_both_databases! {
    async fn the_same_event_again_is_answered_with_its_first_place(place: Place) {
        let log = place.open().await;
        one(&log, registered(1, "A")).await.unwrap();
        let event = registered(1, "B");
        let first = one(&log, event.clone()).await.unwrap();
        one(&log, registered(1, "C")).await.unwrap();
        for log in [log.clone(), place.open().await] {
            let again = one(&log, event.clone()).await.unwrap();
            assert_eq!((again.duplicate, again.position, again.revision), (true, first.position, first.revision));
        }
        assert_eq!(sound(&log).await.len(), 3);
    }

    async fn the_same_name_for_something_else_is_a_conflict(place: Place) {
        let log = place.open().await;
        one(&log, registered_as("a", 1, "A")).await.unwrap();
        one(&log, registered_as("b", 1, "B")).await.unwrap();
        let other = one(&log, registered_as("b", 1, "Z")).await.unwrap_err();
        assert!(matches!(other, Rejection::Conflict { index: 0, position: 1, .. }), "{other}");
        let elsewhere = log.append(append([registered(2, "C"), registered_as("b", 2, "B")])).await.unwrap_err();
        assert!(matches!(elsewhere, Rejection::Conflict { index: 1, position: 1, .. }), "{elsewhere}");
        assert_eq!(sound(&log).await.len(), 2);
        one(&log, registered(2, "D")).await.unwrap();
    }

    async fn the_same_event_in_another_spelling_is_its_double(place: Place) {
        let log = place.open().await;
        let spelt = |subject: &str, time: &str, rest: &str| {
            let event = format!(
                r#"{{"specversion": "1.0", "id": "a", "source": "{SOURCE}", "type": "trainee.registered.v1",
                    "subject": "trainee/{subject}", "time": "{time}"{rest}}}"#
            );
            Submission::parse(event.as_bytes()).unwrap()
        };
        let capitals = "0190B7A4-6A3E-7CC0-9D2E-1F4B5A6C7D8E";
        let first = one(&log, spelt(capitals, "2026-09-01T00:00:00+02:00", "")).await.unwrap();
        for (subject, time, rest) in [
            (capitals, "2026-08-31T22:00:00Z", r#", "data": {}"#),
            (&*capitals.to_lowercase(), "2026-08-31t22:00:00.000z", r#", "data": null, "trace": null"#),
            (capitals, "2026-09-01T00:00:00.0+02:00", r#", "datacontenttype": "application/json", "data": { }"#),
        ] {
            let again = one(&log, spelt(subject, time, rest)).await.unwrap();
            assert_eq!((again.duplicate, again.position), (true, first.position), "{subject} {time} {rest}");
        }
        for (time, rest, difference) in [("2026-08-31T22:00:01Z", "", "time"), ("2026-08-31T22:00:00Z", r#", "trace": "x""#, "trace")] {
            let other = one(&log, spelt(capitals, time, rest)).await.unwrap_err();
            assert!(matches!(&other, Rejection::Conflict { differs, .. } if differs == difference), "{other}");
        }
        assert_eq!(sound(&log).await.len(), 1);
    }

    async fn one_group_may_hold_an_event_its_double_and_its_rivals(place: Place) {
        let log = place.open().await;
        one(&log, registered_as("old", 9, "A")).await.unwrap();
        let event = registered_as("a", 1, "A");
        let appends = vec![
            append([event.clone()]),
            append([event.clone(), event.clone()]),
            append([registered_as("a", 1, "B")]),
            append([registered_as("a", 2, "A")]),
            append([registered_as("old", 2, "A")]),
            append([registered(2, "C")]),
        ];
        let answers = log.append_each(appends).await;
        let receipt = |n: usize, m: usize| answers[n].as_ref().unwrap()[m].clone();
        assert_eq!((receipt(0, 0).duplicate, receipt(0, 0).position), (false, 1));
        assert!(receipt(1, 0).duplicate && receipt(1, 1).duplicate && receipt(1, 1).position == 1);
        for (n, position) in [(2, 1), (3, 1), (4, 0)] {
            assert!(matches!(answers[n], Err(Rejection::Conflict { index: 0, position: p, .. }) if p == position), "{n}: {:?}", answers[n]);
        }
        assert_eq!(receipt(5, 0).position, 2);
        assert_eq!(sound(&log).await.len(), 3);
    }

    async fn a_name_taken_back_with_its_append_is_free_again(place: Place) {
        let log = place.open().await;
        let answers = log.append_each(vec![
            append([registered_as("a", 1, "A"), impossible(1)]),
            append([registered_as("a", 2, "B")]),
        ]).await;
        assert!(matches!(answers[0], Err(Rejection::Refused { index: 1, .. })));
        assert_eq!(answers[1].as_ref().unwrap()[0].position, 0);
        sound(&log).await;
    }

    async fn an_append_sent_again_is_answered_again_wherever_its_stream_went(place: Place) {
        let log = place.open().await;
        let mut first = append([registered(1, "A")]);
        first.expected.push((operator(1), 0));
        let receipts = log.append(first.clone()).await.unwrap();
        one(&log, registered(1, "B")).await.unwrap();
        let again = log.append(first.clone()).await.unwrap();
        assert!(again[0].duplicate && again[0].position == receipts[0].position);
        first.submissions.push(registered(1, "C"));
        let half_new = log.append(first).await.unwrap_err();
        assert!(matches!(half_new, Rejection::WrongRevision { expected: 0, actual: 2, .. }), "{half_new}");
    }

    async fn the_same_id_of_another_source_is_another_event(place: Place) {
        let log = place.open().await;
        one(&log, registered_as("a", 1, "A")).await.unwrap();
        let other = String::from_utf8(registered_as("a", 1, "A").to_json()).unwrap().replace(SOURCE, "urn:region:53");
        let receipt = one(&log, Submission::parse(other.as_bytes()).unwrap()).await.unwrap();
        assert_eq!((receipt.duplicate, receipt.position), (false, 1));
        sound(&log).await;
    }

    async fn the_order_of_attributes_makes_no_other_event(place: Place) {
        let log = place.open().await;
        let event = named("a", operator(1), "operator.registered.v1", "2026-01-05T08:00:00Z",
            &serde_json::json!({ "siret": "35600000000048", "name": "A", "commune": "76540" }));
        one(&log, event).await.unwrap();
        let turned = format!(
            r#"{{"data": {{"commune":"76540", "name":"\u0041","siret":"35600000000048"}}, "type":"operator.registered.v1",
               "time":"2026-01-05T08:00:00Z","subject":"{}","source":"{SOURCE}","id":"a","specversion":"1.0"}}"#,
            operator(1)
        );
        assert!(one(&log, Submission::parse(turned.as_bytes()).unwrap()).await.unwrap().duplicate);
    }
}
