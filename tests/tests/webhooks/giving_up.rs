//! Messages that are given up, and tried again when it is asked.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parcours_tests::receiver::Answer;
use parcours_tests::{Receiver, Service, on_both_databases, program, wait_until};
use serde_json::json;

use super::*;

/// Three attempts.
const SHORT: [&str; 4] = [
    "--webhooks-allow",
    "127.0.0.0/8,::1",
    "--webhooks-schedule",
    "10ms,20ms",
];

/// A receiver that refuses certifications for as long as the switch is on.
fn fussy() -> (Receiver, Arc<AtomicBool>) {
    let receiver = Receiver::start();
    let fussy = Arc::new(AtomicBool::new(true));
    let switch = fussy.clone();
    receiver.answers(move |call| {
        let refused = call.message()["type"] == "outcome.certification.v1" && switch.load(Ordering::SeqCst);
        Answer::Status(if refused { 500 } else { 200 })
    });
    (receiver, fussy)
}

on_both_databases! {
    fn after_the_last_attempt_a_message_is_a_dead_letter_and_what_follows_it_is_told(database: Database) {
        let (receiver, fussy) = fussy();
        let partner = declare_webhook(&database, "rouen", &receiver.url());
        let service = Service::start_with(&database, SHORT);
        let api = service.api();
        for _ in 0..3 {
            record(&api, &journey());
        }
        wait_for_standing(&database, "three are dead", |standing| standing["dead"] == 3);
        let accepted = receiver.wait_for_accepted(9);
        assert_eq!(accepted.len(), 9, "everything else");
        assert_eq!(receiver.calls().len(), 9 + 3 * 3, "each was tried three times");
        let shown = webhooks_json(&database, &["show", "rouen"]);
        let dead = shown["dead"].as_array().unwrap().clone();
        assert_eq!((dead.len(), &shown["waiting"]), (3, &json!([])));
        for letter in &dead {
            assert_eq!(letter["type"], "outcome.certification.v1");
            assert_eq!(letter["attempts"], 3);
            assert_eq!(letter["why"], "answered 500 Internal Server Error");
            assert_eq!(letter["replay"], false);
        }
        let listed = partner.outcomes(&api, "kind=certification");
        let ids: Vec<_> = listed.iter().map(|message| message["id"].clone()).collect();
        assert!(dead.iter().map(|letter| &letter["id"]).eq(&ids), "in the order of the list, by the partner's ids");
        let words = webhooks(&database, &["show", "rouen"]).succeeded();
        assert!(words.contains("dead: 3") && words.contains(ids[0].as_str().unwrap()), "{words}");

        // In vain: it stays on the list.
        let first = ids[0].as_str().unwrap();
        assert_eq!(webhooks_json(&database, &["replay", "rouen", first])["replayed"], 1);
        wait_until("it was tried again", Duration::from_secs(20), || {
            let dead = &webhooks_json(&database, &["show", "rouen"])["dead"];
            dead[0]["attempts"] == 4 && dead[0]["replay"] == false
        });
        assert_eq!(receiver.calls().len(), 19);
        fussy.store(false, Ordering::SeqCst);
        webhooks(&database, &["replay", "rouen", first]).succeeded();
        wait_for_standing(&database, "one has left the list", |standing| standing["dead"] == 2);
        assert_eq!(receiver.accepted().last().unwrap().id(), first);
        webhooks(&database, &["replay", "rouen", "--all"]).succeeded();
        wait_for_standing(&database, "the list is empty", |standing| standing["dead"] == 0);
        assert_eq!(wait_for_all(&receiver, &partner, &api).len(), 12);
        assert!(api.get("/metrics").text().contains("parcours_webhook_attempts_total{partner=\"rouen\",result=\"failed\"} 10"));
    }

    fn letters_are_tried_again_by_the_next_service_too_and_what_may_not_be_told_any_more_is_not(database: Database) {
        let (receiver, fussy) = fussy();
        declare_webhook(&database, "rouen", &receiver.url());
        let service = Service::start_with(&database, SHORT);
        let api = service.api();
        let (mut withdrawn, mut events) = agreed();
        events.extend(withdrawn.certified("2024-06-10"));
        record(&api, &events);
        record(&api, &journey());
        wait_for_standing(&database, "two are dead", |standing| standing["dead"] == 2);
        record(&api, &[withdrawn.withdraws("2024-07-01")]);
        receiver.wait_for_accepted(5);
        assert!(service.stop().success());
        fussy.store(false, Ordering::SeqCst);
        let whole = webhooks_json(&database, &["show", "rouen"]);
        if database.url().is_none() {
            assert_eq!(shown_of_a_read_only_copy(database.data()), whole);
        }
        let shown = whole["dead"].clone();
        assert_eq!((&shown[0]["type"], &shown[1]["type"]), (&json!(null), &json!("outcome.certification.v1")));
        webhooks(&database, &["replay", "rouen", "--all"]).succeeded();
        assert_eq!(webhooks_json(&database, &["show", "rouen"])["dead"][1]["replay"], true);

        let _service = Service::start_with(&database, SHORT);
        wait_for_standing(&database, "the list is empty", |standing| standing["dead"] == 0);
        let accepted = receiver.accepted();
        assert_eq!(accepted.len(), 6);
        assert_eq!(shown[1]["id"], accepted[5].id());
    }
}

/// What a copy of the data shows, where nothing can be written.
fn shown_of_a_read_only_copy(data: &Path) -> Value {
    let copy = tempfile::tempdir().unwrap();
    let mode = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let names = [
        "log.sqlite",
        "views.sqlite",
        "webhooks.sqlite",
        "partners.toml",
        "pseudonyms.key",
        "rouen.whsec",
    ];
    for name in names {
        fs::copy(data.join(name), copy.path().join(name)).unwrap();
        mode(&copy.path().join(name), 0o400);
    }
    mode(copy.path(), 0o500);
    let mut command = program::bound_by_permissions();
    command
        .args(["webhooks", "show", "rouen", "--json", "--data"])
        .arg(copy.path());
    let ended = command.output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(fs::read_dir(copy.path()).unwrap().count(), names.len());
    serde_json::from_slice(&ended.stdout).unwrap()
}

#[test]
fn what_is_asked_of_no_webhook_is_said() {
    let database = Database::sqlite();
    let said = webhooks(&database, &["show", "rouen"]).failed_with(1);
    assert!(said.contains("no partner has a webhook"), "{said}");
    assert_eq!(webhooks_json(&database, &["list"]), json!([]));
    fs::write(database.data().join("partners.toml"), "").unwrap();
    assert_eq!(webhooks_json(&database, &["list"]), json!([]));
    assert_eq!(
        webhooks(&database, &["list"]).succeeded(),
        "no partner has a webhook\n"
    );
    declare_webhook(&database, "rouen", "https://partner.example/outcomes");
    let said = webhooks(&database, &["show", "caen"]).failed_with(1);
    assert!(said.contains("\"caen\"") && said.contains("rouen"), "{said}");
    let said = webhooks(&database, &["replay", "rouen", "what"]).failed_with(1);
    assert!(said.contains("\"what\" is no id"), "{said}");
    let said = webhooks(&database, &["enable", "rouen"]).failed_with(1);
    assert!(said.contains("nothing was delivered"), "{said}");
    let listed = webhooks_json(&database, &["list"]);
    assert_eq!(listed[0]["state"], "new");
    assert_eq!(listed[0]["url"], "https://partner.example/outcomes");
    webhooks(&database, &["replay", "rouen"]).failed_with(2);
}
