//! What partners hear, over HTTP: who hears what, under which names, and that nothing is missed or comes twice.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ahead;
mod contract;
mod crash;
mod declaring;
mod following;
mod forgetting;
mod telling;
mod widening;

use parcours_tests::story::Person;
use parcours_tests::{Api, Story};
use serde_json::Value;

/// What a message states: `entry`, `retraction`…
fn kind(message: &Value) -> &str {
    let name = message["type"].as_str().unwrap();
    name.strip_prefix("outcome.")
        .unwrap()
        .strip_suffix(".v1")
        .unwrap()
}

fn kinds(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(kind).collect()
}

fn text<'a>(message: &'a Value, pointer: &str) -> &'a str {
    message
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no {pointer} in {message}"))
}

/// Records events that must all be accepted, and waits until every view has them.
#[track_caller]
fn record(api: &Api, events: &[Value]) {
    api.record(events);
    api.wait_for_views();
}

/// Somebody who started on 5 February 2024 and agreed to be told of, and the events.
fn agreed(person: &Person) -> (Story, Vec<Value>) {
    let mut story = Story::parcours();
    let mut events = story.enters("2024-02-05", person);
    events.push(story.consents("2024-02-06"));
    (story, events)
}
