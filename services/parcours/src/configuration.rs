//! Where things are: by flag, then by environment, then by file, then by default.

use anyhow::{Context, bail};
use clap::Args;
use parcours_log::Location;
use parcours_outcomes::jetstream::{NatsLogin, NatsOptions};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The file that is read when none is named.
const USUAL_FILE: &str = "parcours.toml";
const USUAL_NATS_SEED: &str = "nats.nk";

/// The options that every command shares, each of them left out or given.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Places {
    /// Data directory: the log and the views as SQLite files [default: ./parcours-data; demo: ./parcours-demo]
    #[arg(long, global = true, value_name = "DIR", env = "PARCOURS_DATA")]
    pub data: Option<PathBuf>,

    /// Address to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, global = true, value_name = "ADDR", env = "PARCOURS_LISTEN")]
    pub listen: Option<SocketAddr>,

    /// Keep the log in PostgreSQL instead: postgres://user:password@host/database
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "PARCOURS_DATABASE",
        hide_env_values = true
    )]
    pub database: Option<String>,

    /// Keep the views in another PostgreSQL database than the log [default: beside the log]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "PARCOURS_VIEWS",
        hide_env_values = true
    )]
    pub views: Option<String>,

    /// The partners that may hear of outcomes [default: partners.toml in the data directory, if there is one]
    #[arg(long, global = true, value_name = "FILE", env = "PARCOURS_PARTNERS")]
    pub partners: Option<PathBuf>,

    /// The key of the partners' pseudonyms [default: pseudonyms.key in the data directory, made when first needed]
    #[arg(long, global = true, value_name = "FILE", env = "PARCOURS_PSEUDONYM_KEY")]
    pub pseudonym_key: Option<PathBuf>,

    /// Publish outcomes to NATS JetStream: nats://host:4222 or tls://host:4222, several with commas between
    #[arg(
        long,
        global = true,
        value_name = "URL,…",
        env = "PARCOURS_NATS",
        hide_env_values = true
    )]
    pub nats: Option<String>,

    /// The seed that the publisher proves itself to NATS with [default: nats.nk in the data directory, if there is one]
    #[arg(long, global = true, value_name = "FILE", env = "PARCOURS_NATS_NKEY")]
    pub nats_nkey: Option<PathBuf>,

    /// Or its credentials, a JWT and a seed as `nsc` writes them
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "PARCOURS_NATS_CREDENTIALS",
        conflicts_with = "nats_nkey"
    )]
    pub nats_credentials: Option<PathBuf>,

    /// Certificates of authorities that vouch for the NATS server [default: those of the system]
    #[arg(long, global = true, value_name = "FILE", env = "PARCOURS_NATS_CA")]
    pub nats_ca: Option<PathBuf>,

    /// Copies of the stream that the NATS servers keep: 1, or 3 or 5 in a cluster [default: 1]
    #[arg(long, global = true, value_name = "N", env = "PARCOURS_NATS_REPLICAS")]
    pub nats_replicas: Option<usize>,
}

/// Everything settled.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The data directory; made when something is kept there.
    pub data: PathBuf,
    /// The address to listen on.
    pub listen: SocketAddr,
    /// Where the log is.
    pub log: Location,
    /// Where the views are.
    pub views: Location,
    /// The file of partners, if there is one.
    pub partners: Option<PathBuf>,
    /// Where the key of their pseudonyms is, or will be.
    pub pseudonym_key: PathBuf,
    /// The seed of the publisher, if one is named.
    pub nats_nkey: Option<PathBuf>,
    /// Where outcomes are published, if anywhere.
    pub nats: Option<NatsOptions>,
}

impl Configuration {
    /// The file of partners that is read when none is named.
    pub fn usual_partners(&self) -> PathBuf {
        self.data.join("partners.toml")
    }

    /// The seed of the publisher that is used when none is named.
    pub fn usual_nats_seed(&self) -> PathBuf {
        self.data.join(USUAL_NATS_SEED)
    }
}

impl Places {
    /// What was not given, from `file`.
    fn or(self, file: Places) -> Self {
        Self {
            data: self.data.or(file.data),
            listen: self.listen.or(file.listen),
            database: self.database.or(file.database),
            views: self.views.or(file.views),
            partners: self.partners.or(file.partners),
            pseudonym_key: self.pseudonym_key.or(file.pseudonym_key),
            nats: self.nats.or(file.nats),
            nats_nkey: self.nats_nkey.or(file.nats_nkey),
            nats_credentials: self.nats_credentials.or(file.nats_credentials),
            nats_ca: self.nats_ca.or(file.nats_ca),
            nats_replicas: self.nats_replicas.or(file.nats_replicas),
        }
    }

    /// Reads the file, settles every option, and makes the data directory if anything is kept in it.
    pub fn settle(self, file: Option<&Path>, usual_data: &str) -> anyhow::Result<Configuration> {
        let places = self.or(read(file)?);
        let data = places.data.unwrap_or_else(|| usual_data.into());
        let location = |url: Option<&str>, file: &str| match url {
            Some(url) => postgres(url),
            None => Ok(Location::Sqlite(data.join(file))),
        };
        let usual_partners = data.join("partners.toml");
        let usual_seed = data.join(USUAL_NATS_SEED);
        let login = match (places.nats_credentials, places.nats_nkey.clone()) {
            (Some(file), _) => Some(NatsLogin::Credentials(file)),
            (None, Some(file)) => Some(NatsLogin::Seed(file)),
            (None, None) if usual_seed.exists() => Some(NatsLogin::Seed(usual_seed)),
            (None, None) => None,
        };
        let configuration = Configuration {
            partners: places
                .partners
                .or_else(|| usual_partners.exists().then_some(usual_partners)),
            nats_nkey: places.nats_nkey,
            nats: places.nats.map(|url| NatsOptions {
                url,
                login,
                authorities: places.nats_ca,
                replicas: places.nats_replicas.unwrap_or(1),
            }),
            pseudonym_key: places
                .pseudonym_key
                .unwrap_or_else(|| data.join("pseudonyms.key")),
            log: location(places.database.as_deref(), "log.sqlite")?,
            views: location(
                places.views.as_deref().or(places.database.as_deref()),
                "views.sqlite",
            )?,
            listen: places
                .listen
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            data,
        };
        if [&configuration.log, &configuration.views]
            .iter()
            .any(|location| matches!(location, Location::Sqlite(_)))
        {
            std::fs::create_dir_all(&configuration.data).with_context(|| {
                format!(
                    "the data directory {} cannot be made",
                    configuration.data.display()
                )
            })?;
        }
        Ok(configuration)
    }
}

fn postgres(url: &str) -> anyhow::Result<Location> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Location::Postgres(url.to_owned()));
    }
    bail!(
        "a database is given as postgres://user:password@host/database; leave it out for SQLite files in the data directory"
    )
}

fn read(file: Option<&Path>) -> anyhow::Result<Places> {
    let usual = Path::new(USUAL_FILE);
    let file = match file {
        Some(file) => file,
        None if usual.exists() => usual,
        None => return Ok(Places::default()),
    };
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("the configuration {} cannot be read", file.display()))?;
    toml::from_str(&text).with_context(|| format!("the configuration {} is wrong", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(places: Places, file: &str) -> anyhow::Result<Configuration> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.toml");
        std::fs::write(&path, file).unwrap();
        let data = folder.path().join("usual");
        places.settle(Some(&path), data.to_str().unwrap())
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let flag = Places {
            listen: Some("127.0.0.1:1".parse().unwrap()),
            ..Places::default()
        };
        let file = "listen = \"127.0.0.1:2\"\ndatabase = \"postgres://a/b\"";
        let configuration = settle(flag, file).unwrap();
        assert_eq!(configuration.listen.port(), 1);
        assert_eq!(configuration.log, Location::Postgres("postgres://a/b".into()));
        assert_eq!(
            configuration.views, configuration.log,
            "the views are beside the log"
        );
        assert_eq!(settle(Places::default(), file).unwrap().listen.port(), 2);
        assert_eq!(settle(Places::default(), "").unwrap().listen.port(), 8080);
    }

    #[test]
    fn the_views_may_be_elsewhere_than_the_log() {
        let configuration = settle(Places::default(), "views = \"postgresql://a/views\"").unwrap();
        assert!(matches!(configuration.log, Location::Sqlite(_)));
        assert_eq!(
            configuration.views,
            Location::Postgres("postgresql://a/views".into())
        );
    }

    #[test]
    fn partners_are_those_named_or_those_in_the_data_directory() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let there = || {
            let places = Places {
                data: Some(data.clone()),
                ..Places::default()
            };
            settle(places, "").unwrap()
        };
        assert_eq!(there().partners, None);
        assert_eq!(there().pseudonym_key, data.join("pseudonyms.key"));
        std::fs::write(data.join("partners.toml"), "").unwrap();
        assert_eq!(there().partners, Some(data.join("partners.toml")));
        let named = settle(
            Places::default(),
            "partners = \"p.toml\"\npseudonym_key = \"p.key\"",
        )
        .unwrap();
        assert_eq!(named.partners.as_deref(), Some(Path::new("p.toml")));
        assert_eq!(named.pseudonym_key, Path::new("p.key"));
    }

    #[test]
    fn nats_is_reached_with_the_login_named_or_with_the_seed_in_the_data_directory() {
        assert!(
            settle(Places::default(), "nats_replicas = 3")
                .unwrap()
                .nats
                .is_none()
        );
        let nats = |file: &str| settle(Places::default(), file).unwrap().nats.unwrap();
        let plain = nats("nats = \"nats://a\"");
        assert!(plain.login.is_none() && plain.replicas == 1);
        let named = nats("nats = \"nats://a\"\nnats_nkey = \"a.nk\"\nnats_replicas = 3");
        assert!(matches!(named.login, Some(NatsLogin::Seed(file)) if file == Path::new("a.nk")));
        assert_eq!(named.replicas, 3);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("nats.nk"), "").unwrap();
        let places = Places {
            data: Some(folder.path().to_owned()),
            nats: Some("nats://a".to_owned()),
            ..Places::default()
        };
        let usual = settle(places, "").unwrap();
        let usual_seed = usual.usual_nats_seed();
        assert!(matches!(usual.nats.unwrap().login, Some(NatsLogin::Seed(file)) if file == usual_seed));
    }

    #[test]
    fn what_is_wrong_in_a_configuration_is_said() {
        let unknown = format!("{:#}", settle(Places::default(), "colour = 1").unwrap_err());
        assert!(unknown.contains("colour"), "{unknown}");
        let url = settle(Places::default(), "database = \"mysql://x\"")
            .unwrap_err()
            .to_string();
        assert!(url.contains("postgres://"), "{url}");
        assert!(
            Places::default()
                .settle(Some(Path::new("/nowhere.toml")), "x")
                .is_err()
        );
    }
}
