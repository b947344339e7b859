//! Where connections come from.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Connect;
use futures_util::future::BoxFuture;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Notification, Socket};
use tokio_util::sync::CancellationToken;

use super::session::Session;
use super::wait::Stop;
use super::{ANSWER_LIMIT, Fault, LEAST_VERSION, OPEN_LIMIT, SILENCE};
use crate::trouble::Trouble;

/// The way to one database, of one owner. Clones are the same door.
#[derive(Clone)]
pub struct Door {
    config: Config,
    of: &'static str,
    pub(super) stop: Stop,
    pub(super) trouble: Arc<Trouble>,
}

/// The URL is none. It is not shown: it may have a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadableUrl;

impl fmt::Display for UnreadableUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the PostgreSQL URL cannot be read: expected postgres://USER@HOST/DATABASE")
    }
}

impl Door {
    /// The door to the database of this URL. `of` says in words whose it is, `application` to the server; what the URL says
    /// itself holds. Once `stop` is cancelled, answers are waited for a moment longer and then no more.
    pub fn to(
        url: &str,
        of: &'static str,
        application: &str,
        stop: &CancellationToken,
    ) -> Result<Door, UnreadableUrl> {
        let mut config: Config = url.parse().map_err(|_| UnreadableUrl)?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(OPEN_LIMIT);
        }
        if config.get_application_name().is_none() {
            config.application_name(application);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE);
        }
        // What the URL leaves open looks like the system's default.
        if !url.contains("keepalives_idle") {
            config.keepalives_idle(SILENCE / 2);
        }
        if config.get_keepalives_interval().is_none() {
            config.keepalives_interval(SILENCE / 4);
        }
        if config.get_keepalives_retries().is_none() {
            config.keepalives_retries(2);
        }
        // The server's end of the same.
        let (idle, interval, user) = (SILENCE.as_secs() / 2, SILENCE.as_secs() / 4, SILENCE.as_millis());
        let alive = format!(
            "-c tcp_keepalives_idle={idle} -c tcp_keepalives_interval={interval} -c tcp_keepalives_count=2 \
             -c tcp_user_timeout={user}"
        );
        let door = Door {
            config,
            of,
            stop: Stop::when(stop),
            trouble: Arc::new(Trouble::new(of, "PostgreSQL does not answer")),
        };
        Ok(door.with(&alive))
    }

    /// With these settings of its sessions, as `-c NAME=VALUE`. Those of the URL stand behind them, and win.
    pub fn with(mut self, settings: &str) -> Door {
        let settings = match self.config.get_options() {
            Some(others) => format!("{settings} {others}"),
            None => settings.to_owned(),
        };
        self.config.options(settings);
        self
    }

    /// The same for an owner who may stop before the others do.
    pub fn stopped_by(&self, stop: &CancellationToken) -> Door {
        Door {
            stop: Stop::when(stop),
            ..self.clone()
        }
    }

    /// Opens a connection, driven by a task of the current runtime which ends with the session.
    pub async fn open(&self) -> Result<Session, Fault> {
        self.open_to_hear(|_| ()).await
    }

    /// The same, for somebody who listens: `heard` is given what the server notifies of, until the session ends.
    pub async fn open_to_hear(
        &self,
        heard: impl Fn(Notification) + Send + 'static,
    ) -> Result<Session, Fault> {
        let limit = self.open_limit();
        let opened = self
            .stop
            .within(limit, Box::pin(self.config.connect(NoTls)))
            .await;
        let opened = opened.and_then(|opened| {
            let (client, connection) = opened?;
            match connection.parameter("server_version") {
                Some(version) if is_old(version) => Err(Fault::Old(version.to_owned())),
                _ => Ok((client, connection)),
            }
        });
        let (client, connection) = opened.inspect_err(|fault| self.trouble.met(fault))?;
        let driver = tokio::spawn(drive(connection, self.of, heard));
        Ok(Session::new(client, driver.abort_handle(), self.clone()))
    }

    /// How long to wait for a connection.
    pub(super) fn open_limit(&self) -> Duration {
        self.config.get_connect_timeout().copied().unwrap_or(OPEN_LIMIT)
    }

    /// Ends when the server no longer answers others.
    pub(super) async fn silence(&self) -> Fault {
        loop {
            sleep(ANSWER_LIMIT).await;
            match self.open().await {
                Err(fault) if !fault.is_answer() => return fault,
                _ => {}
            }
        }
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }
}

/// For a pool, which has limits of its own.
impl Connect for Door {
    fn connect(
        &self,
        config: &Config,
    ) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), tokio_postgres::Error>> {
        let (config, of) = (config.clone(), self.of);
        Box::pin(async move {
            let (client, connection) = config.connect(NoTls).await?;
            Ok((client, tokio::spawn(drive(connection, of, |_| ()))))
        })
    }
}

/// Moves a connection until it ends.
async fn drive(
    mut connection: Connection<Socket, NoTlsStream>,
    of: &'static str,
    heard: impl Fn(Notification),
) {
    while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
        match message {
            Ok(AsyncMessage::Notification(notification)) => heard(notification),
            Ok(_) => {}
            Err(error) => return tracing::debug!(%error, "a connection of the {of} ended"),
        }
    }
}

/// Whether a server of this version, such as `14.23` or `15.18 (Debian 15.18-0+deb12u1)`, is too old.
fn is_old(version: &str) -> bool {
    let major = version.split(|letter: char| !letter.is_ascii_digit()).next();
    major
        .and_then(|major| major.parse::<u32>().ok())
        .is_some_and(|major| major < LEAST_VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(url: &str) -> Door {
        Door::to(url, "test", "parcours-test", &CancellationToken::new()).unwrap()
    }

    #[test]
    fn what_the_url_says_itself_holds() {
        let own = door("postgres://u@h/d?connect_timeout=60&tcp_user_timeout=1&keepalives_idle=7200&application_name=mine&options=-c%20jit%3Don")
            .with("-c jit=off");
        let config = own.config();
        assert_eq!(own.open_limit(), Duration::from_secs(60));
        assert_eq!(config.get_tcp_user_timeout(), Some(&Duration::from_secs(1)));
        assert_eq!(config.get_keepalives_idle(), Duration::from_secs(7200));
        assert_eq!(config.get_application_name(), Some("mine"));
        let options = config.get_options().unwrap();
        assert!(
            options.starts_with("-c jit=off") && options.ends_with("-c jit=on"),
            "{options}"
        );
        let left_open = door("postgres://u@h/d");
        assert_eq!(left_open.open_limit(), OPEN_LIMIT);
        assert_eq!(left_open.config().get_keepalives_idle(), SILENCE / 2);
    }

    #[test]
    fn a_version_older_than_the_least_that_was_tested_is_old() {
        for (version, old) in [
            ("13.16", true),
            ("9.6.24", true),
            ("14.23", false),
            ("15.18 (Debian 15.18-0)", false),
            ("18beta1", false),
            ("19devel", false),
        ] {
            assert_eq!(is_old(version), old, "{version}");
        }
    }
}
