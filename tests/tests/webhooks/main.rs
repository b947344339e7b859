//! What partners are called with: who, in which order, signed how, and what becomes of it when they do not accept.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ahead;
mod crash;
mod delivering;
mod failing;
mod giving_up;
mod guide;
mod refusing;
mod restoring;
mod signing;
mod widening;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

use parcours_tests::receiver::Call;
use parcours_tests::story::Person;
use parcours_tests::{Api, Database, Partner, Receiver, Story, command_line, declare, wait_for};
use serde_json::Value;

/// Calls to this machine are allowed, and what fails is tried again at once, for long enough.
const QUICK: &[&str] = &[
    "--webhooks-allow",
    "127.0.0.0/8,::1",
    "--webhooks-schedule",
    "10ms,20ms,40ms,80ms,160ms,300ms,300ms,300ms,300ms,300ms,300ms,300ms,300ms,300ms,300ms,300ms,300ms,300ms,300ms,300ms",
];

/// Declares a partner in all of the region that receives calls at `url`.
fn declare_webhook(database: &Database, name: &str, url: &str) -> Partner {
    declare(database, name, &["--territory", "region/28", "--webhook", url])
}

/// Records events that must all be accepted, and waits until every view has them.
#[track_caller]
fn record(api: &Api, events: &[Value]) {
    api.record(events);
    api.wait_for_views();
}

/// Somebody who started on 5 February 2024 and agreed to be told of, and the events: one message.
fn agreed() -> (Story, Vec<Value>) {
    let mut story = Story::parcours();
    let mut events = story.enters("2024-02-05", &Person::default());
    events.push(story.consents("2024-02-06"));
    (story, events)
}

/// Somebody of whom there are four messages, as events.
fn journey() -> Vec<Value> {
    let (mut story, mut events) = agreed();
    events.push(story.bilan("2024-02-20"));
    events.extend(story.certified("2024-06-10"));
    events.push(story.exited("2024-06-28", "completed"));
    events.push(story.employed("2024-07-08"));
    events
}

/// Whom each message is about: its subject.
fn subject(message: &Value) -> String {
    message["subject"].as_str().unwrap().to_owned()
}

/// What was accepted, by whom it is about, each message where it came first.
fn by_subject<'a>(messages: impl IntoIterator<Item = &'a Value>) -> BTreeMap<String, Vec<Value>> {
    let mut all: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for message in messages {
        let of_subject = all.entry(subject(message)).or_default();
        if !of_subject.contains(message) {
            of_subject.push(message.clone());
        }
    }
    all
}

fn messages(calls: &[Call]) -> Vec<Value> {
    calls.iter().map(Call::message).collect()
}

/// Waits until the receiver has accepted everything that the partner reads, and gives the calls that were accepted.
#[track_caller]
fn wait_for_all(receiver: &Receiver, partner: &Partner, api: &Api) -> Vec<Call> {
    let listed = partner.outcomes(api, "");
    wait_for("everything is accepted", Duration::from_secs(60), || {
        let accepted = receiver.accepted();
        let ids: Vec<_> = accepted.iter().map(|call| call.id().to_owned()).collect();
        let all = listed
            .iter()
            .all(|message| ids.iter().any(|id| message["id"] == id.as_str()));
        all.then_some(accepted)
    })
}

/// How the calls to a partner go, as the service's health tells.
fn health(api: &Api, partner: &str) -> Value {
    let health = api.get("/health/ready").must_be(200).json();
    let deliveries = health["deliveries"].as_array().cloned().unwrap_or_default();
    let of_partner = |delivery: &Value| delivery["name"] == "webhook" && delivery["partner"] == partner;
    deliveries.into_iter().find(of_partner).unwrap_or(Value::Null)
}

/// `parcours webhooks …` on this database.
fn webhooks(database: &Database, arguments: &[&str]) -> command_line::Ended {
    let mut all: Vec<OsString> = vec!["webhooks".into()];
    all.extend(arguments.iter().map(Into::into));
    all.extend(database.options());
    command_line::run(all)
}

/// The same, as JSON.
#[track_caller]
fn webhooks_json(database: &Database, arguments: &[&str]) -> Value {
    let arguments = [arguments, &["--json"]].concat();
    serde_json::from_str(&webhooks(database, &arguments).succeeded()).unwrap()
}

/// Waits until the one webhook stands so, and gives how it stands.
#[track_caller]
fn wait_for_standing(database: &Database, what: &str, mut fits: impl FnMut(&Value) -> bool) -> Value {
    wait_for(what, Duration::from_secs(60), || {
        let standing = webhooks_json(database, &["list"])[0].clone();
        fits(&standing).then_some(standing)
    })
}
