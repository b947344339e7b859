//! Bodies in other wrappings: compressed, after a byte order mark, under another name.

use crate::journey::{orientation, up_to_start};
use crate::service::Service;
use async_compression::tokio::write::GzipEncoder;
use parcours_api::Limits;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

const ONE: Uuid = Uuid::from_u128(1);
const EVENT: (&str, &str) = ("content-type", "application/json");
const LIST: (&str, &str) = ("content-type", "application/cloudevents-batch+json");
const LINES: (&str, &str) = ("content-type", "application/jsonl");
const GZIP: (&str, &str) = ("content-encoding", "gzip");

#[tokio::main(flavor = "current_thread")]
async fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzipEncoder::new(Vec::new());
    encoder.write_all(bytes).await.unwrap();
    encoder.shutdown().await.unwrap();
    encoder.into_inner()
}

fn lines(events: &[Value]) -> String {
    events.iter().map(|event| format!("{event}\n")).collect()
}

const OPERATOR: &str = "19290076900014";

#[test]
fn a_compressed_body_is_read_as_a_plain_one() {
    let service = Service::start();
    let events = up_to_start(ONE, "e");
    let one = packed(events[0].to_string().as_bytes());
    service.api.post("/v1/events", &[EVENT, GZIP], &one).must_be(201);
    service
        .api
        .post("/v1/events", &[EVENT], events[0].to_string().as_bytes())
        .must_be(200);
    let list = packed(Value::from(events.clone()).to_string().as_bytes());
    let results = service
        .api
        .post("/v1/events", &[LIST, GZIP], &list)
        .must_be(200)
        .json();
    assert_eq!(results.as_array().unwrap().len(), events.len());
    // Several members one after another are one text (RFC 1952, 2.2).
    let members = [
        packed(lines(&events[..2]).as_bytes()),
        packed(lines(&events[2..]).as_bytes()),
    ]
    .concat();
    let results = service
        .api
        .post("/v1/events", &[LINES, GZIP], &members)
        .must_be(200)
        .json_lines();
    assert!(
        results.iter().all(|result| result["status"] == "duplicate"),
        "{results:?}"
    );
    // With the start the log writes that the trainee's training has begun.
    assert_eq!(
        (results.len(), service.entries().len()),
        (events.len(), events.len() + 1)
    );
}

#[test]
fn a_byte_order_mark_is_not_part_of_what_is_said() {
    let service = Service::start();
    let events = up_to_start(ONE, "e");
    let marked = |text: String| format!("\u{feff}{text}").into_bytes();
    service
        .api
        .post("/v1/events", &[EVENT], &marked(events[0].to_string()))
        .must_be(201);
    let stream = service
        .api
        .post("/v1/events", &[LINES], &marked(lines(&events)))
        .must_be(200);
    assert_eq!(stream.json_lines()[0]["status"], "duplicate");
    let list = packed(&marked(Value::from(events.clone()).to_string()));
    let list = service
        .api
        .post("/v1/events", &[LIST, GZIP], &list)
        .must_be(200)
        .json();
    assert!(
        list.as_array()
            .unwrap()
            .iter()
            .all(|result| result["status"] == "duplicate"),
        "{list}"
    );
}

#[test]
fn a_body_that_cannot_be_unpacked_is_refused_and_nothing_of_it_is_recorded() {
    let service = Service::start();
    let whole = packed(orientation(ONE, "a").to_string().as_bytes());
    let damaged: Vec<u8> = whole
        .iter()
        .enumerate()
        .map(|(at, byte)| if at == 40 { !byte } else { *byte })
        .collect();
    for body in [&whole[..whole.len() - 9], &damaged, b"{}", b""] {
        let problem = service
            .api
            .post("/v1/events", &[EVENT, GZIP], body)
            .must_be(400)
            .json();
        assert_eq!(
            (&problem["code"], &problem["field"]),
            (&"malformed-body".into(), &"content-encoding".into())
        );
    }
    assert_eq!(service.entries().len(), 0);
}

#[test]
fn a_bomb_is_refused_before_it_takes_memory() {
    let service = Service::start();
    let bomb = packed(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 128 << 10);
    for form in [EVENT, LIST] {
        let problem = service
            .api
            .post("/v1/events", &[form, GZIP], &bomb)
            .must_be(413)
            .json();
        assert_eq!(problem["code"], "body-too-large", "{problem}");
    }
    let results = service
        .api
        .post("/v1/events", &[LINES, GZIP], &bomb)
        .must_be(200)
        .json_lines();
    assert_eq!(results.len(), 1);
    assert_eq!(results[0]["problem"]["code"], "body-too-large", "{results:?}");
}

#[test]
fn what_a_compressed_body_unpacks_to_has_the_limit_of_a_plain_one() {
    let limits = Limits {
        body: 4_000,
        ..Limits::default()
    };
    let service = Service::with(limits);
    let spaced = format!("{}{}", orientation(ONE, "a"), " ".repeat(5_000));
    let body = packed(spaced.as_bytes());
    assert!(body.len() < 1_000);
    let problem = service
        .api
        .post("/v1/events", &[EVENT, GZIP], &body)
        .must_be(413)
        .json();
    assert_eq!(
        (&problem["code"], &problem["limit"]),
        (&"body-too-large".into(), &4_000.into())
    );
}

#[test]
fn head_is_answered_wherever_get_is() {
    let service = Service::start();
    service.api.post_event(&orientation(ONE, "a")).must_be(201);
    let voted = json!({
        "specversion": "1.0", "id": "vote", "source": "urn:region:28", "type": "envelope.voted.v1",
        "subject": "envelope/2026", "time": "2026-01-01T00:00:00Z", "data": {"year": 2026, "cents": 1},
    });
    service.api.post_event(&voted).must_be(201);
    let registered = json!({
        "specversion": "1.0", "id": "operator", "source": "urn:region:28", "type": "operator.registered.v1",
        "subject": format!("operator/{ONE}"), "time": "2026-01-01T00:00:00Z",
        "data": {"siret": OPERATOR, "name": "GRETA", "commune": "76540"},
    });
    let position = service.api.post_event(&registered).must_be(201).json()["position"].clone();
    for path in [
        "register/envelope/2026".to_owned(),
        format!("operators/{OPERATOR}/work"),
    ] {
        service
            .api
            .get(&format!("/v1/{path}?min_position={position}"))
            .must_be(200);
    }
    let document = service.api.get("/openapi.json").must_be(200).json();
    for (path, item) in document["paths"].as_object().unwrap() {
        if item.get("get").is_none() {
            continue;
        }
        let path = path
            .replace("register/{kind}/{id}", "register/envelope/2026")
            .replace("{kind}/{id}", &format!("parcours/{ONE}"))
            .replace("{kind}", "envelope")
            .replace("{id}", &ONE.to_string())
            .replace("{level}", "region")
            .replace("{siret}", OPERATOR)
            .replace("{type}", "parcours.started.v1")
            .replace("rule/{code}", "rule/start-once")
            .replace("problems/{code}", "problems/conflict")
            .replace("{code}", "28");
        let get = service.api.get(&path);
        let head = service.api.send("HEAD", &path, &[], &b""[..]).unwrap();
        assert_eq!(
            (head.status, head.header("content-type")),
            (get.status, get.header("content-type")),
            "{path}"
        );
        assert!(
            head.status < 300 && head.body.is_empty(),
            "{path}: {}",
            head.status
        );
    }
}
