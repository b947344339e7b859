//! What partners receive, and by which ways, as an AsyncAPI 3 document made from the contract itself.
//!
//! The document takes the place of the service that publishes: its operations are `send`.

use std::sync::LazyLock;

use parcours_projections::outcomes::OutcomeKind;
use serde_json::{Map, Value, json};

use crate::contract::{MessageType, TYPES};

/// The version of the specification that is followed.
const ASYNCAPI: &str = "3.1.0";
/// The media type of a CloudEvent in JSON.
const CLOUDEVENT: &str = "application/cloudevents+json";

/// The document as it is sent: made once.
pub(crate) fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| document().to_string());
    &TEXT
}

fn document() -> Value {
    let messages: Map<String, Value> = TYPES
        .iter()
        .map(|known| (known.name.to_owned(), message(known)))
        .collect();
    json!({
        "asyncapi": ASYNCAPI,
        "info": {
            "title": "Parcours: outcomes",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What becomes of people who agreed to partners hearing of it, and where places open. CloudEvents 1.0, \
                about people under pseudonyms that are each partner's own. The same messages with the same ids whichever \
                way they come: keep them by `id`, drop the one that `replaces` names, obey `outcome.forget.v1`.",
            "license": { "name": "Apache-2.0" },
        },
        "defaultContentType": CLOUDEVENT,
        "channels": {
            "page": channel(
                "/v1/outcomes",
                "A page of messages in JSON: `outcomes`, and the `next` to give as `cursor`.",
            ),
            "events": channel(
                "/v1/outcomes",
                "Server-sent events (`Accept: text/event-stream`): a message is the `data` of an event, its id the event's. \
                 `Last-Event-ID` resumes.",
            ),
            "jetstream": with_parameters(channel(
                "outcomes.{audience}.{kind}.{departement}.{operator}",
                "The JetStream stream `OUTCOMES`, which a partner reads through the durable consumer of its name.",
            )),
            // The address is the partner's own.
            "webhook": channel(
                Value::Null,
                "The partner's own address: a POST for each message, signed as Standard Webhooks says.",
            ),
        },
        "operations": {
            "answerPage": over_http("page", "GET"),
            "sendEvents": over_http("events", "GET"),
            "publish": operation("jetstream"),
            "call": over_http("webhook", "POST"),
        },
        "components": {
            "messages": messages,
            "securitySchemes": {
                "secret": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The partner's secret. Without it only what is public is read: the places of sessions.",
                },
            },
        },
    })
}

/// A way by which every message may come.
fn channel(address: impl Into<Value>, description: &str) -> Value {
    let of_component = |known: &MessageType| {
        let reference = json!({ "$ref": format!("#/components/messages/{}", known.name) });
        (known.name.to_owned(), reference)
    };
    json!({
        "address": address.into(),
        "description": description,
        "messages": TYPES.iter().map(of_component).collect::<Map<_, _>>(),
    })
}

/// The channel with what the words of its address stand for.
fn with_parameters(mut channel: Value) -> Value {
    let kinds = OutcomeKind::ALL.map(OutcomeKind::as_str);
    channel["parameters"] = json!({
        "audience": { "description": "The partner's name, or `public` for what everybody may hear." },
        "kind": { "description": "What the message is about; a retraction is of the kind of what it takes back.", "enum": kinds },
        "departement": { "description": "The département's code, such as `76`; `-` where there is none." },
        "operator": { "description": "The training operator's SIRET; `-` where there is none." },
    });
    channel
}

/// The service sends over this channel.
fn operation(channel: &str) -> Value {
    json!({ "action": "send", "channel": { "$ref": format!("#/channels/{channel}") } })
}

fn over_http(channel: &str, method: &str) -> Value {
    let mut operation = operation(channel);
    operation["bindings"] = json!({ "http": { "method": method, "bindingVersion": "0.3.0" } });
    if method == "GET" {
        operation["security"] = json!([{ "$ref": "#/components/securitySchemes/secret" }]);
    }
    operation
}

fn message(known: &MessageType) -> Value {
    json!({
        "name": known.name,
        "title": known.name,
        "summary": known.summary,
        "contentType": CLOUDEVENT,
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-07",
            "schema": known.schema_in_one_piece(),
        },
    })
}
