//! The contracts, as programs of others read them: what is answered keeps to them, tools find no fault in them, and what
//! is generated from them calls the service.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod clients;
mod readers;
mod tables;
mod tools;
mod types;

use parcours_tests::story::{Person, training};
use parcours_tests::{Api, Story};
use serde_json::{Value, json};
use uuid::Uuid;

/// What a filled service was told.
struct Told {
    /// Somebody who came, left, and was corrected, with an annulled fact, too.
    parcours: Uuid,
    /// One who suspended training and may not be told of.
    other: Uuid,
    session: Uuid,
    events: Vec<Value>,
}

/// Fills a service with a bit of everything.
fn fill(api: &Api) -> Told {
    let training = training(12);
    let person = Person {
        session: Some(training.session),
        ..Person::default()
    };
    let mut events = training.events.clone();
    let mut story = Story::parcours();
    events.extend(story.enters("2024-02-05", &person));
    events.push(story.consents("2024-02-06"));
    events.push(story.bilan("2024-02-20"));
    let module = story.module("2024-03-04");
    let wrong = story.module("2024-03-05");
    events.extend([module.clone(), wrong.clone()]);
    events.extend(story.certified("2024-06-10"));
    events.push(story.exited("2024-06-28", "completed"));
    events.push(story.employed("2024-07-08"));
    events.push(story.moved("2024-07-10", &module, "2024-03-06"));
    events.push(story.annulled("2024-07-11", &wrong));
    let mut other = Story::parcours();
    events.extend(other.enters("2024-02-05", &Person::default()));
    events.push(other.bilan("2024-02-20"));
    events.push(other.tell("2024-03-01", "suspended", json!({"reason": "health"})));
    api.record(&events);
    api.wait_for_views();
    Told {
        parcours: story.uuid(),
        other: other.uuid(),
        session: training.session,
        events,
    }
}
