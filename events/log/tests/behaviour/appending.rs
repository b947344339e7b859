//! What an append does and does not.

use parcours_log::Rejection;
use parcours_model::{MAX_ENTRY, StreamKind};

use crate::events::{
    admitted, append, eligible, impossible, one, operator, registered, session_opened, sound, stream,
};
use crate::place::{Place, on_both_databases};

on_both_databases! {
    async fn positions_and_revisions_begin_at_their_beginnings_and_have_no_gaps(place: Place) {
        let log = place.open().await;
        for (n, position, revision) in [(1, 0, 1), (1, 1, 2), (2, 2, 1), (1, 3, 3)] {
            let receipt = one(&log, registered(n, "A")).await.unwrap();
            assert_eq!((receipt.position, receipt.revision, receipt.duplicate), (position, revision, false));
        }
        assert_eq!(log.size(), 4);
        sound(&log).await;
    }

    async fn an_append_over_several_streams_stands_whole_and_in_order(place: Place) {
        let log = place.open().await;
        let receipts = log.append(append([registered(1, "A"), registered(2, "B"), registered(1, "C")])).await.unwrap();
        let places: Vec<_> = receipts.iter().map(|receipt| (receipt.position, receipt.revision)).collect();
        assert_eq!(places, [(0, 1), (1, 1), (2, 2)]);
    }

    async fn an_append_of_which_one_event_is_refused_leaves_nothing(place: Place) {
        let log = place.open().await;
        one(&log, registered(1, "A")).await.unwrap();
        let refused = log.append(append([registered(1, "B"), registered(2, "C"), impossible(1)])).await.unwrap_err();
        assert!(matches!(&refused, Rejection::Refused { index: 2, refusals } if refusals[0].code == "contract-in-order"), "{refused}");
        assert_eq!(log.head().await.unwrap().size, 1);
        assert_eq!(log.stream(operator(2), None).await.unwrap(), []);
        let next = one(&log, registered(1, "D")).await.unwrap();
        assert_eq!((next.position, next.revision), (1, 2));
        assert_eq!(one(&log, registered(2, "E")).await.unwrap().revision, 1);
        sound(&log).await;
    }

    async fn the_consequences_of_an_event_stand_with_it(place: Place) {
        let log = place.open().await;
        one(&log, session_opened(5, 1)).await.unwrap();
        log.append(append(eligible(1).into_iter().chain(eligible(2)))).await.unwrap();
        let receipts = log.append(append([admitted(1, 5)])).await.unwrap();
        assert_eq!(receipts.len(), 1, "one receipt an event given");
        let session = log.stream(stream(StreamKind::Session, 5), None).await.unwrap();
        assert_eq!(session.iter().map(|entry| entry.position).collect::<Vec<_>>(), [0, receipts[0].position + 1]);
        let full = one(&log, admitted(2, 5)).await.unwrap_err();
        assert!(matches!(&full, Rejection::Refused { index: 0, refusals } if refusals[0].code == "place-available"), "{full}");
        sound(&log).await;
    }

    async fn a_stream_must_be_where_it_is_expected(place: Place) {
        let log = place.open().await;
        let expecting = |name, revision| {
            let mut append = append([registered(1, name)]);
            append.expected.push((operator(1), revision));
            log.append(append)
        };
        assert_eq!(expecting("A", 0).await.unwrap()[0].revision, 1);
        for (expected, name) in [(0, "B"), (2, "C")] {
            let wrong = expecting(name, expected).await.unwrap_err();
            assert!(
                matches!(wrong, Rejection::WrongRevision { stream, expected: e, actual: 1 } if stream == operator(1) && e == expected),
                "{wrong}"
            );
        }
        assert_eq!(expecting("D", 1).await.unwrap()[0].revision, 2);
    }

    async fn an_expectation_may_be_of_a_stream_that_is_not_written(place: Place) {
        let log = place.open().await;
        let mut conditional = append([registered(1, "A")]);
        conditional.expected.push((operator(2), 0));
        log.append(conditional.clone()).await.unwrap();
        one(&log, registered(2, "B")).await.unwrap();
        conditional.submissions = vec![registered(1, "C")];
        let wrong = log.append(conditional).await.unwrap_err();
        assert!(matches!(wrong, Rejection::WrongRevision { actual: 1, .. }), "{wrong}");
    }

    async fn an_entry_that_is_too_large_is_refused_before_anything_is_written(place: Place) {
        let log = place.open().await;
        let mut submissions = eligible(1);
        let reasons = vec!["x".repeat(1000); 70];
        let data = serde_json::json!({ "eligible": true, "reasons": reasons });
        let parcours = stream(StreamKind::Parcours, 1);
        let time = "2026-01-04T09:00:00Z";
        submissions[1] = crate::events::event(parcours, "parcours.eligibility.checked.v1", time, &data);
        let large = log.append(append(submissions)).await.unwrap_err();
        assert!(matches!(large, Rejection::TooLarge { index: 1, bytes } if bytes > MAX_ENTRY), "{large}");
        assert_eq!(log.head().await.unwrap().size, 0);
        one(&log, registered(1, "A")).await.unwrap();
        sound(&log).await;
    }

    async fn an_append_of_nothing_is_nothing(place: Place) {
        let log = place.open().await;
        assert_eq!(log.append(append([])).await.unwrap(), []);
        assert_eq!(log.head().await.unwrap().size, 0);
    }

    async fn a_batch_of_appends_is_answered_in_order_each_for_itself(place: Place) {
        let log = place.open().await;
        let appends = (0..1500).map(|n| append([if n % 7 == 3 { impossible(n % 5) } else { registered(n % 5, "A") }]));
        let answers = log.append_each(appends.collect()).await;
        assert_eq!(answers.len(), 1500);
        let mut next = 0;
        for (n, answer) in answers.iter().enumerate() {
            match answer {
                Ok(receipts) => {
                    assert_eq!(receipts[0].position, next, "event {n}");
                    next += 1;
                }
                Err(rejection) => assert!(n % 7 == 3 && matches!(rejection, Rejection::Refused { .. }), "{n}: {rejection}"),
            }
        }
        assert_eq!(sound(&log).await.len() as u64, next);
    }
}
