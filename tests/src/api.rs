//! The service's HTTP interface, as its users see it.

use std::io::Read;
use std::time::Duration;

use serde_json::Value;
use ureq::http::Request;
use ureq::{Agent, AsSendBody, SendBody};

const ANSWERED_WITHIN: Duration = Duration::from_secs(60);

/// A client of one service. Cheap to clone; clones share connections.
#[derive(Clone, Debug)]
pub struct Api {
    address: String,
    agent: Agent,
}

impl Api {
    /// A client of the service at `address` (`http://127.0.0.1:PORT`).
    pub fn at(address: &str) -> Api {
        let configuration = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(ANSWERED_WITHIN))
            .proxy(None)
            .build();
        Api {
            address: address.to_owned(),
            agent: configuration.into(),
        }
    }

    /// `GET path`.
    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    /// `GET path` with headers.
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, SendBody::none())
            .unwrap_or_else(|error| panic!("GET {path}: {error}"))
    }

    /// Sends one event.
    pub fn post_event(&self, event: &Value) -> Answer {
        self.post_event_with(event, &[])
    }

    /// Sends one event with more headers, such as an expected revision.
    pub fn post_event_with(&self, event: &Value, headers: &[(&str, &str)]) -> Answer {
        let mut all = vec![("content-type", "application/cloudevents+json")];
        all.extend(headers);
        self.post("/v1/events", &all, event.to_string().as_bytes())
    }

    /// Sends a list of events.
    pub fn post_batch(&self, events: &[Value]) -> Answer {
        let body = Value::from(events.to_vec()).to_string();
        self.post(
            "/v1/events",
            &[("content-type", "application/cloudevents-batch+json")],
            body.as_bytes(),
        )
    }

    /// Sends a list of events that must all be recorded; gives the result of each.
    #[track_caller]
    pub fn record(&self, events: &[Value]) -> Vec<Value> {
        let results = self.post_batch(events).must_be(200).json();
        let Value::Array(results) = results else {
            panic!("a list is answered by a list: {results}");
        };
        let refused: Vec<_> = results
            .iter()
            .filter(|result| result["status"] != "recorded")
            .collect();
        assert!(refused.is_empty(), "{refused:?}");
        results
    }

    /// Sends a stream of events, one a line, as they are read.
    pub fn post_stream(&self, mut lines: impl Read) -> Answer {
        let headers = [("content-type", "application/x-ndjson")];
        self.send("POST", "/v1/events", &headers, SendBody::from_reader(&mut lines))
            .unwrap_or_else(|error| panic!("POST /v1/events: {error}"))
    }

    /// `POST path` with headers and a body.
    pub fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.send("POST", path, headers, body)
            .unwrap_or_else(|error| panic!("POST {path}: {error}"))
    }

    /// Any request, with the transport's error when there is no answer: what a test sees that kills the service.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl AsSendBody,
    ) -> Result<Answer, ureq::Error> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = self.agent.run(request.body(body)?)?;
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        Ok(Answer {
            request: format!("{method} {path}"),
            status: response.status().as_u16(),
            headers,
            body: response.body_mut().with_config().limit(u64::MAX).read_to_vec()?,
        })
    }
}

/// What the service answered.
#[derive(Debug)]
pub struct Answer {
    request: String,
    /// The status code.
    pub status: u16,
    headers: Vec<(String, String)>,
    /// The bytes of the body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Fails the test unless the answer has this status.
    #[track_caller]
    pub fn must_be(self, status: u16) -> Answer {
        assert_eq!(
            self.status,
            status,
            "{} was answered: {}",
            self.request,
            self.text()
        );
        self
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{} was answered no JSON ({error}): {}", self.request, self.text())
        })
    }

    /// The body as JSON, a value a line.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        self.body
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).expect("every line is JSON"))
            .collect()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}
