//! Where the service is, as its client sees it: what contracts name as their server.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::uri::Authority;

/// The scheme and the host of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// `http`, or `https` where a proxy says so (`X-Forwarded-Proto`): this service speaks http itself.
    pub scheme: &'static str,
    /// The host with its port, if the client named one.
    pub host: Option<String>,
}

impl Origin {
    /// The address that paths are relative to; that of the document itself, if the client did not name any.
    pub fn url(&self) -> String {
        match &self.host {
            Some(host) => format!("{}://{host}", self.scheme),
            None => "/".to_owned(),
        }
    }

    fn of(parts: &Parts) -> Self {
        let header = |name| parts.headers.get(name)?.to_str().ok();
        let host = header(HOST.as_str()).or_else(|| parts.uri.authority().map(Authority::as_str));
        // Whatever else may stand in that header is not passed on.
        let host: Option<Authority> = host.and_then(|host| host.parse().ok());
        let https = header("x-forwarded-proto").is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
        Origin {
            scheme: if https { "https" } else { "http" },
            host: host
                .filter(|host| !host.as_str().contains('@'))
                .map(|host| host.to_string()),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Origin::of(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn url(headers: &[(&str, &str)]) -> String {
        let mut request = Request::builder().uri("/openapi.json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Origin::of(&request.body(()).unwrap().into_parts().0).url()
    }

    #[test]
    fn the_address_is_the_one_that_the_client_called() {
        assert_eq!(
            url(&[("host", "parcours.example:8080")]),
            "http://parcours.example:8080"
        );
        assert_eq!(
            url(&[("host", "[::1]:8080"), ("x-forwarded-proto", "https")]),
            "https://[::1]:8080"
        );
        assert_eq!(
            url(&[("host", "parcours.example"), ("x-forwarded-proto", "gopher")]),
            "http://parcours.example"
        );
    }

    #[test]
    fn what_is_no_host_is_not_passed_on() {
        for wrong in ["a b", "user@host", "a/b", ""] {
            assert_eq!(url(&[("host", wrong)]), "/", "{wrong:?}");
        }
        assert_eq!(url(&[]), "/");
    }
}
