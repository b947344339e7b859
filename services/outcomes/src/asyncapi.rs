//! What partners receive, and by which ways, as an AsyncAPI 3 document made from the contract itself.
//!
//! The document takes the place of the service that publishes: its operations are `send`.

use std::sync::LazyLock;

use parcours_http::Origin;
use parcours_projections::outcomes::OutcomeKind;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::contract::{self, MessageType, TYPES};

/// The version of the specification that is followed: later ones are not read by all generators of types.
const ASYNCAPI: &str = "3.0.0";
/// The media type of a CloudEvent in JSON.
const CLOUDEVENT: &str = "application/cloudevents+json";
/// Where the document has its schemas.
const SCHEMAS: &str = "/components/schemas";

/// The document as it is sent to who calls the service at `origin`.
pub(crate) fn text(origin: &Origin) -> String {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(document);
    let mut document = DOCUMENT.clone();
    document["servers"]["http"]["host"] = origin.host.as_deref().unwrap_or("localhost").into();
    document["servers"]["http"]["protocol"] = origin.scheme.into();
    document.to_string()
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
            "license": { "name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0" },
            "tags": [{ "name": "outcomes", "description": "What partners receive." }],
        },
        "defaultContentType": CLOUDEVENT,
        "servers": {
            "http": {
                "host": Value::Null,
                "protocol": Value::Null,
                "description": "This service, at the address at which this document was asked for.",
            },
            "nats": {
                "host": "{address}",
                "protocol": "nats",
                "description": "NATS with JetStream, where whoever runs the service publishes to it.",
                "variables": { "address": { "description": "Its host and port, which partners are told with their key." } },
                "security": [{ "$ref": "#/components/securitySchemes/nkey" }],
            },
            "partner": {
                "host": "{address}",
                "protocol": "https",
                "description": "The partner that is called.",
                "variables": { "address": { "description": "The partner's own host, as it is declared." } },
            },
        },
        "channels": {
            "page": channel(
                "http",
                Some("/v1/outcomes"),
                "A page of messages in JSON: `outcomes`, and the `next` to give as `cursor`.",
            ),
            "events": channel(
                "http",
                Some("/v1/outcomes"),
                "Server-sent events (`Accept: text/event-stream`): a message is the `data` of an event, its id the event's. \
                 `Last-Event-ID` resumes.",
            ),
            "jetstream": with_parameters(channel(
                "nats",
                Some("outcomes.{audience}.{kind}.{departement}.{operator}"),
                "The JetStream stream `OUTCOMES`, which a partner reads through the durable consumer of its name.",
            )),
            // The address is the partner's own.
            "webhook": channel(
                "partner",
                None,
                "The partner's own address: a POST for each message, signed as Standard Webhooks says.",
            ),
        },
        "operations": {
            "answerPage": over_http("page", "GET", "secret", "Answers with a page of messages (`GET /v1/outcomes`)."),
            "sendEvents": over_http("events", "GET", "secret", "Sends messages as server-sent events for as long as the client listens."),
            "publish": operation("jetstream", "nkey", "Publishes each message once, in order."),
            "call": over_http("webhook", "POST", "signature", "Calls a partner with each message until it is accepted."),
        },
        "components": {
            "messages": messages,
            "schemas": schemas(),
            "securitySchemes": {
                "secret": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The partner's secret. Without it only what is public is read: the places of sessions.",
                },
                "nkey": {
                    "type": "asymmetricEncryption",
                    "description": "The partner's nkey: the server knows its public part only.",
                },
                "signature": {
                    "type": "symmetricEncryption",
                    "description": "Calls are signed with the secret of the partner's webhook (Standard Webhooks).",
                },
            },
        },
    })
}

/// What messages are made of. A reference stands alone: in draft 7, which the specification builds on, nothing beside it
/// counts.
fn schemas() -> Map<String, Value> {
    let mut settings = SchemaSettings::draft07();
    settings.definitions_path = SCHEMAS.into();
    let mut schemas = contract::all_schemas(settings);
    for (name, schema) in &mut schemas {
        references_alone(schema);
        // What generators of types name them by.
        schema["title"] = name.as_str().into();
    }
    schemas
}

fn references_alone(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let wrapped = members.get("allOf").and_then(|all| all.get(0)?.get("$ref"));
            if let Some(reference) = wrapped.or(members.get("$ref")).cloned() {
                members.clear();
                members.insert("$ref".to_owned(), reference);
            }
            members.values_mut().for_each(references_alone);
        }
        Value::Array(items) => items.iter_mut().for_each(references_alone),
        _ => {}
    }
}

/// A way by which every message may come.
fn channel(server: &str, address: Option<&str>, description: &str) -> Value {
    let of_component = |known: &MessageType| {
        let reference = json!({ "$ref": format!("#/components/messages/{}", known.name) });
        (known.name.to_owned(), reference)
    };
    let mut channel = json!({
        "servers": [{ "$ref": format!("#/servers/{server}") }],
        "description": description,
        "messages": TYPES.iter().map(of_component).collect::<Map<_, _>>(),
    });
    if let Some(address) = address {
        channel["address"] = address.into();
    }
    channel
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
fn operation(channel: &str, security: &str, description: &str) -> Value {
    json!({
        "action": "send",
        "channel": { "$ref": format!("#/channels/{channel}") },
        "description": description,
        "security": [{ "$ref": format!("#/components/securitySchemes/{security}") }],
    })
}

fn over_http(channel: &str, method: &str, security: &str, description: &str) -> Value {
    let mut operation = operation(channel, security, description);
    operation["bindings"] = json!({ "http": { "method": method, "bindingVersion": "0.3.0" } });
    operation
}

fn message(known: &MessageType) -> Value {
    json!({
        "name": known.name,
        "title": known.name,
        "summary": known.summary,
        "contentType": CLOUDEVENT,
        "payload": { "$ref": format!("#{SCHEMAS}/{}", known.component()) },
    })
}
