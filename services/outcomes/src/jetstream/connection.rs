//! The connection to the NATS server.

use std::path::PathBuf;
use std::time::Duration;

use async_nats::{ConnectErrorKind, ConnectOptions, Event, ServerAddr};
use percent_encoding::percent_decode_str;

use super::api::Api;
use super::denial::Denials;
use super::release;
use crate::{NatsSeed, OutcomesError};

/// A batch is stored in milliseconds, and in seconds on a slow disk that is synced for every message. What is stored later
/// is found when the end of the stream is looked at.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);
/// A server that does not answer by then is out of reach; others are tried.
const CONNECTED_WITHIN: Duration = Duration::from_secs(2);
/// How soon a connection that is gone without a word is noticed: two of these.
const PING: Duration = Duration::from_secs(5);
/// Between two attempts to connect: doubles from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// Where the publisher hears answers. Capitals: no partner can bear the name, and so none hears them.
pub(super) const INBOX: &str = "_INBOX_PUBLISHER";

/// How to reach the NATS server, and how the stream is kept there.
#[derive(Clone, Debug)]
pub struct NatsOptions {
    /// `nats://host:4222` or `tls://host:4222`, with user and password, or a token, in it if need be; several with commas
    /// between, of which the first that names somebody does so for all.
    pub url: String,
    /// Who the publisher is, if the address does not say it.
    pub login: Option<NatsLogin>,
    /// Certificates of authorities to trust beside those of the system.
    pub authorities: Option<PathBuf>,
    /// Copies of the stream: 1, or 3 or 5 in a cluster.
    pub replicas: usize,
}

/// What the publisher proves itself with.
#[derive(Clone, Debug)]
pub enum NatsLogin {
    /// A file of credentials, a JWT and a seed, as `nsc` writes it.
    Credentials(PathBuf),
    /// A file with the seed of a user.
    Seed(PathBuf),
}

impl NatsOptions {
    /// The addresses as they may be shown: without passwords.
    pub fn shown(&self) -> String {
        let hide = |url: &str| match (url.find("://"), url.rfind('@')) {
            (Some(scheme), Some(at)) if scheme + 3 < at => format!("{}…{}", &url[..scheme + 3], &url[at..]),
            _ => url.to_owned(),
        };
        self.url.split(',').map(hide).collect::<Vec<_>>().join(",")
    }

    /// Whether its addresses can be any.
    pub fn check(&self) -> Result<(), OutcomesError> {
        self.servers().map(|_| ())
    }

    fn servers(&self) -> Result<Vec<ServerAddr>, OutcomesError> {
        let servers = self.url.split(',').map(|url| url.trim().parse::<ServerAddr>());
        servers.collect::<Result<_, _>>().map_err(|error| {
            OutcomesError::NatsOptions(format!(
                "{} is no address such as nats://host:4222: {error}",
                self.shown()
            ))
        })
    }

    /// Connects, or says why not. The client connects again by itself when the connection is lost later.
    pub(super) async fn connect(&self) -> Result<Api, OutcomesError> {
        let servers = self.servers()?;
        let denials = Denials::new();
        let told = denials.clone();
        let mut options = ConnectOptions::new()
            .name("parcours outcomes")
            .custom_inbox_prefix(INBOX)
            .connection_timeout(CONNECTED_WITHIN)
            .ping_interval(PING)
            .request_timeout(Some(ANSWERED_WITHIN))
            .reconnect_delay_callback(pause)
            .event_callback(move |event| {
                tracing::debug!(%event, "the connection to NATS");
                if let Event::ServerError(error) = &event {
                    told.told(error);
                }
                async {}
            });
        options = match &self.login {
            None => match servers.iter().find_map(named) {
                None => options,
                Some((token, None)) => options.token(token),
                Some((user, Some(password))) => options.user_and_password(user, password),
            },
            Some(NatsLogin::Credentials(file)) => options.credentials_file(file).await.map_err(|error| {
                OutcomesError::NatsOptions(format!(
                    "the credentials in {} cannot be used: {error}",
                    file.display()
                ))
            })?,
            Some(NatsLogin::Seed(file)) => options.nkey(NatsSeed::read(file)?.as_str().to_owned()),
        };
        if let Some(authorities) = &self.authorities {
            options = options.add_root_certificates(authorities.clone());
        }
        let client = options.connect(servers).await.map_err(|error| match error.kind() {
            ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
                OutcomesError::NatsRefused {
                    what: "let the publisher in".to_owned(),
                    cause: format!(
                        "{error}; give its seed with --nats-nkey, or other credentials, as the server's configuration says"
                    ),
                }
            }
            ConnectErrorKind::ServerParse | ConnectErrorKind::Tls => OutcomesError::NatsOptions(error.to_string()),
            _ => OutcomesError::NatsUnreachable(format!("{}: {error}", self.shown())),
        })?;
        release::must_do(&client)?;
        Ok(Api::new(client, denials))
    }
}

/// The user and the password that an address names, or a token alone. The client itself makes nothing of them.
fn named(server: &ServerAddr) -> Option<(String, Option<String>)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Some((decode(server.username()?), server.password().map(decode)))
}

fn pause(attempts: usize) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1))
        .unwrap_or(u32::MAX)
        .min(10);
    (FIRST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        let options = NatsOptions {
            url: "nats://region:secret@a:4222,tls://b".to_owned(),
            login: None,
            authorities: None,
            replicas: 1,
        };
        assert_eq!(options.shown(), "nats://…@a:4222,tls://b");
    }

    #[test]
    fn pauses_grow_up_to_a_limit() {
        assert_eq!(pause(1), FIRST_PAUSE);
        assert_eq!(pause(2), 2 * FIRST_PAUSE);
        assert_eq!(pause(usize::MAX), LONGEST_PAUSE);
    }
}
