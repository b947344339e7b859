//! Appends that are one decision, and appends that are only tried.

use parcours_log::{Append, Options, Rejection};
use parcours_model::{EventKey, StreamKind, Submission};
use serde_json::json;
use uuid::Uuid;

use crate::events::*;
use crate::place::{Place, on_both_databases};

fn in_training(n: u128) -> Vec<Submission> {
    let parcours = stream(StreamKind::Parcours, n);
    let mut events = eligible(n);
    let referent = json!({ "referent": Uuid::from_u128(1), "organisation": "35600000000048" });
    for (name, day, data) in [
        ("commitment.signed", "05", json!({ "contract_version": "1" })),
        ("referent.named", "05", referent),
        ("started", "06", json!({})),
    ] {
        let (name, time) = (format!("parcours.{name}.v1"), format!("2026-01-{day}T08:00:00Z"));
        events.push(event(parcours, &name, &time, &data));
    }
    events
}

fn interruption(n: u128) -> [Submission; 3] {
    let parcours = stream(StreamKind::Parcours, n);
    let module = json!({ "domain": "french", "minutes": 60, "mode": "on_site" });
    [
        event(
            parcours,
            "parcours.module.completed.v1",
            "2026-02-20T08:00:00Z",
            &module,
        ),
        event(
            parcours,
            "parcours.resumed.v1",
            "2026-02-10T08:00:00Z",
            &json!({}),
        ),
        event(
            parcours,
            "parcours.suspended.v1",
            "2026-02-01T08:00:00Z",
            &json!({ "reason": "health" }),
        ),
    ]
}

on_both_databases! {
    async fn what_corrects_or_annuls_an_event_of_its_list_may_come_before_it(place: Place) {
        let log = place.open().await;
        log.append(append(in_training(1))).await.unwrap();
        let [module, ..] = interruption(1);
        let parcours = stream(StreamKind::Parcours, 1);
        let amends = |target: &Submission, name: &str, data: serde_json::Value| {
            let key = &target.event.key;
            let mut data = data;
            data["event"] = json!({ "source": &*key.source, "id": key.id });
            event(parcours, &format!("parcours.event.{name}.v1"), "2026-02-21T08:00:00Z", &data)
        };
        let corrected = amends(&module, "corrected", json!({ "time": "2026-02-19T08:00:00Z" }));
        let annulled = amends(&corrected, "annulled", json!({ "reason": "double" }));
        let receipts = log.append(append([annulled, corrected.clone(), module.clone(), corrected])).await.unwrap();
        let told: Vec<_> = receipts.iter().map(|receipt| (receipt.duplicate, receipt.position)).collect();
        // Before them the training began, and the log wrote so.
        assert_eq!(told, [(false, 8), (false, 7), (false, 6), (true, 7)]);
        assert_eq!(sound(&log).await.len(), 9);
    }

    async fn what_is_only_possible_together_is_told_together(place: Place) {
        let log = place.open().await;
        log.append(append(in_training(1))).await.unwrap();
        let [module, resumed, suspended] = interruption(1);
        one(&log, module.clone()).await.unwrap();
        for alone in [resumed.clone(), suspended.clone()] {
            let refused = one(&log, alone).await.unwrap_err();
            assert!(matches!(&refused, Rejection::Refused { refusals, .. } if refusals[0].code == "in-training"), "{refused}");
        }
        let receipts = log.append(append([module, resumed, suspended])).await.unwrap();
        let told: Vec<_> = receipts.iter().map(|receipt| (receipt.duplicate, receipt.revision)).collect();
        assert_eq!(told, [(true, 6), (false, 7), (false, 8)]);
        sound(&log).await;
    }

    async fn the_same_event_twice_in_one_append_is_one_event(place: Place) {
        let log = place.open().await;
        let events = eligible(1);
        let receipts = log.append(append([events[0].clone(), events[1].clone(), events[0].clone()])).await.unwrap();
        let told: Vec<_> = receipts.iter().map(|receipt| (receipt.duplicate, receipt.position)).collect();
        assert_eq!(told, [(false, 0), (false, 1), (true, 0)]);
        assert_eq!(sound(&log).await.len(), 2);
    }

    async fn what_is_only_tried_leaves_no_trace(place: Place) {
        let log = place.open().await;
        let tried = |submissions| Append { dry_run: true, ..append(submissions) };
        let events = eligible(1);
        let answers = log.append_each(vec![tried(events.clone()), append(events.clone()), tried(events)]).await;
        let told = |answer: &Result<Vec<parcours_log::Receipt>, Rejection>| {
            answer.as_ref().unwrap().iter().map(|receipt| receipt.duplicate).collect::<Vec<_>>()
        };
        assert_eq!(told(&answers[0]), [false, false]);
        assert_eq!(told(&answers[1]), [false, false]);
        assert_eq!(told(&answers[2]), [true, true]);
        let refused = log.append(tried(vec![admitted(2, 9)])).await.unwrap_err();
        let Rejection::Refused { refusals, .. } = refused else { panic!("{refused}") };
        let codes: Vec<_> = refusals.iter().map(|refusal| refusal.code).collect();
        assert_eq!(codes, ["orientation-first", "eligibility-before-admission", "place-available"]);
        assert_eq!(sound(&log).await.len(), 2);
    }

    async fn a_name_taken_in_another_stream_is_a_conflict_whatever_else_is_wrong(place: Place) {
        let log = place.open().await;
        let taken = registered_as("taken", 1, "one");
        one(&log, taken).await.unwrap();
        let impossible = named(
            "taken",
            operator(2),
            "operator.contract.ended.v1",
            "2026-01-06T08:00:00Z",
            &json!({ "contract": Uuid::from_u128(9) }),
        );
        for log in [log, place.open().await] {
            for dry_run in [false, true] {
                let append = Append { dry_run, ..append([impossible.clone()]) };
                let conflict = log.append(append).await.unwrap_err();
                assert!(matches!(conflict, Rejection::Conflict { index: 0, position: 0, .. }), "{conflict}");
            }
        }
    }

    async fn nobody_outside_takes_the_names_of_what_the_log_states_itself(place: Place) {
        let log = place.open().await;
        one(&log, session_opened(7, 3)).await.unwrap();
        log.append(append(eligible(1))).await.unwrap();
        let admission = admitted(1, 7);
        let outside = format!("{}#1", admission.event.key.id);
        one(&log, registered_as(&outside, 1, "outside")).await.unwrap();
        one(&log, admission).await.unwrap();
        let records = sound(&log).await;
        let place = &records.last().unwrap().event.key;
        assert_eq!(*place, EventKey::new("urn:region:28#places", outside.as_str()));
    }

    async fn a_session_longer_than_a_page_is_loaded_and_decided_on(place: Place) {
        const MANY: u128 = 5_000;
        let log = place.open_with(Options::default()).await;
        one(&log, session_opened(7, u32::try_from(MANY).unwrap())).await.unwrap();
        let people = (1..=MANY).map(|n| append(eligible(n).into_iter().chain([admitted(n, 7)])));
        for answer in log.append_each(people.collect()).await {
            answer.unwrap();
        }
        let again = place.open_with(Options::default()).await;
        again.append(append(eligible(9_999))).await.unwrap();
        let full = one(&again, admitted(9_999, 7)).await.unwrap_err();
        assert!(matches!(&full, Rejection::Refused { refusals, .. } if refusals[0].code == "place-available"), "{full}");
        let withdrawn = event(stream(StreamKind::Parcours, 3), "parcours.withdrawn.v1", "2026-01-05T09:00:00Z", &json!({}));
        one(&again, withdrawn).await.unwrap();
        let late = json!({ "operator": "35600000000048", "session": Uuid::from_u128(7) });
        let late = event(stream(StreamKind::Parcours, 9_999), "parcours.admitted.v1", "2026-01-05T10:00:00Z", &late);
        one(&again, late).await.unwrap();
    }

    async fn a_correction_names_the_one_it_stands_in_the_place_of(place: Place) {
        let log = place.open().await;
        let events = eligible(1);
        let target = events[1].event.key.clone();
        log.append(append(events)).await.unwrap();
        let correction = |id: &str| {
            let event = json!({ "id": target.id, "source": &*target.source });
            let data = json!({ "event": event, "data": { "eligible": true, "reasons": [id] } });
            named(id, stream(StreamKind::Parcours, 1), "parcours.event.corrected.v1", "2026-01-07T08:00:00Z", &data)
        };
        assert_eq!(one(&log, correction("first")).await.unwrap().supersedes, None);
        for duplicate in [false, true] {
            let receipt = one(&log, correction("second")).await.unwrap();
            let superseded = receipt.supersedes.unwrap();
            assert_eq!(superseded.id, "first");
            assert_eq!(receipt.duplicate, duplicate);
        }
    }
}
