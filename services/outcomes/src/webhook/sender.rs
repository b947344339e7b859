//! One attempt at one message, and what came of it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{HeaderMap, Request, Response, StatusCode, header};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use parcours_log::database::with_causes;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;

use super::connector::Connector;
use super::endpoint::EndpointUrl;
use super::signature::{SigningSecret, sign};
use super::{Network, Options};
use crate::OutcomesError;
use crate::contract::CloudEvent;

const MEDIA: &str = "application/cloudevents+json";
const AGENT: &str = concat!("parcours/", env!("CARGO_PKG_VERSION"));
/// Bytes of the head of an answer.
const HEAD: usize = 64 << 10;
/// What an answer says beyond its status is of no interest: it is read so far, and so long, for the connection to be
/// used again, which is then closed instead.
const BODY: usize = 64 << 10;
const BODY_TIME: Duration = Duration::from_secs(1);
/// A connection that nothing is sent on is closed.
const IDLE: Duration = Duration::from_secs(30);

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It has the message.
    Accepted,
    /// It has not.
    Failed {
        why: String,
        /// It asks to be left alone for so long.
        wait: Option<Duration>,
        /// Whether nobody answered: whatever the message, it would have failed.
        unreachable: bool,
    },
    /// It wants no more messages: `410 Gone`.
    Gone,
}

/// Makes calls. Clones share connections.
#[derive(Clone)]
pub(super) struct Sender {
    client: Client<HttpsConnector<Connector>, Full<Bytes>>,
    timeout: Duration,
}

/// Whom to call.
#[derive(Clone, Debug)]
pub(super) struct Receiver {
    pub url: EndpointUrl,
    pub secrets: Arc<[SigningSecret]>,
}

impl Sender {
    /// `encrypted`: whether any endpoint is `https`, which needs the certificates of the system: whom it trusts is its
    /// administrators' to say, for an endpoint inside of a Région's network no less than for a public one.
    pub fn new(options: &Options, encrypted: bool) -> Result<Self, OutcomesError> {
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has the protocols");
        let tls = match encrypted {
            true => tls
                .with_native_roots()
                .map_err(|error| OutcomesError::NoCertificates(error.to_string()))?,
            false => tls.with_root_certificates(RootCertStore::empty()),
        };
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls.with_no_client_auth())
            .https_or_http()
            .enable_http1()
            .wrap_connector(Connector::new(Network {
                allowed: options.allowed.clone(),
            }));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(options.at_once)
            .http1_max_buf_size(HEAD)
            .build(connector);
        Ok(Self {
            client,
            timeout: options.timeout,
        })
    }

    /// Sends a message once.
    pub async fn attempt(&self, receiver: &Receiver, message: &CloudEvent) -> Verdict {
        let failed = |why: String| Verdict::Failed {
            why,
            wait: None,
            unreachable: true,
        };
        let body = message.to_json();
        let now = Utc::now().timestamp();
        let request = Request::post(receiver.url.uri().clone())
            .header(header::CONTENT_TYPE, MEDIA)
            .header(header::USER_AGENT, AGENT)
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", now)
            .header(
                "webhook-signature",
                sign(&receiver.secrets, &message.id, now, &body),
            )
            .body(Full::from(body));
        let request = match request {
            Ok(request) => request,
            Err(wrong) => return failed(format!("the call cannot be made: {wrong}")),
        };
        match timeout(self.timeout, self.client.request(request)).await {
            Ok(Ok(response)) => {
                let verdict = judge(response.status(), response.headers(), Utc::now());
                finish(response).await;
                verdict
            }
            Ok(Err(error)) => failed(with_causes(&error)),
            Err(_) => failed(format!(
                "no answer within {}",
                humantime::format_duration(self.timeout)
            )),
        }
    }
}

/// What an answer means (Standard Webhooks, "Delivery success and failure"). Redirects are not followed.
fn judge(status: StatusCode, headers: &HeaderMap, now: DateTime<Utc>) -> Verdict {
    match status {
        StatusCode::GONE => Verdict::Gone,
        status if status.is_success() => Verdict::Accepted,
        status => Verdict::Failed {
            why: match status.is_redirection() {
                true => format!("answered {status}: redirects are not followed, correct the URL"),
                false => format!("answered {status}"),
            },
            wait: headers
                .get(header::RETRY_AFTER)
                .and_then(|value| retry_after(value.to_str().ok()?, now)),
            unreachable: matches!(
                status,
                StatusCode::TOO_MANY_REQUESTS
                    | StatusCode::BAD_GATEWAY
                    | StatusCode::SERVICE_UNAVAILABLE
                    | StatusCode::GATEWAY_TIMEOUT
            ),
        },
    }
}

/// `Retry-After` (RFC 9110): seconds, or a date.
fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(value).ok()?;
    (date.to_utc() - now).to_std().ok()
}

async fn finish(response: Response<Incoming>) {
    let rest = Limited::new(response.into_body(), BODY).collect();
    // Whether it was too long, too slow or broken: the answer was in its status.
    let _ = timeout(BODY_TIME, rest).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, retry_after: Option<&str>) -> Verdict {
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert(header::RETRY_AFTER, value.parse().unwrap());
        }
        let now = "2026-11-25T12:00:00Z".parse().unwrap();
        judge(StatusCode::from_u16(status).unwrap(), &headers, now)
    }

    fn wait(status: u16, retry_after: &str) -> Option<u64> {
        match judged(status, Some(retry_after)) {
            Verdict::Failed { wait, .. } => wait.map(|wait| wait.as_secs()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_two_hundreds_accept_and_only_gone_ends_it() {
        for accepted in [200, 201, 202, 204, 299] {
            assert_eq!(judged(accepted, None), Verdict::Accepted);
        }
        assert_eq!(judged(410, None), Verdict::Gone);
        for failed in [100, 301, 302, 304, 307, 400, 401, 404, 409, 429, 500, 503, 599] {
            assert!(matches!(judged(failed, None), Verdict::Failed { .. }), "{failed}");
        }
    }

    #[test]
    fn a_receiver_says_when_to_come_again_in_seconds_or_by_a_date() {
        assert_eq!(wait(429, "120"), Some(120));
        assert_eq!(wait(503, "Wed, 25 Nov 2026 12:01:30 GMT"), Some(90));
        for meaningless in ["-1", "soon", "Wed, 25 Nov 2026 11:00:00 GMT", ""] {
            assert_eq!(wait(503, meaningless), None, "{meaningless}");
        }
    }
}
