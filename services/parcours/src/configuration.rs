//! Where things are: by flag, then by environment, then by file, then by default.

use crate::file::File;
use crate::listen::Listen;
use anyhow::{Context, bail};
use clap::Args;
use parcours_log::Location;
use parcours_outcomes::jetstream::{NatsLogin, NatsOptions};
use std::path::{Path, PathBuf};

/// The heading of what every command takes, behind a command's own options.
pub const COMMON: &str = "Common options";
/// Copies of a stream that NATS servers keep.
pub(crate) const COPIES: std::ops::RangeInclusive<usize> = 1..=5;
const USUAL_NATS_SEED: &str = "nats.nk";

/// The options that every command shares, each of them left out or given.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = COMMON)]
pub struct Places {
    /// Data directory: the log and the views as SQLite files [default: ./parcours-data; demo: ./parcours-demo]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "PARCOURS_DATA",
        hide_env_values = true
    )]
    pub data: Option<PathBuf>,

    /// Address to listen on, or a port of this machine alone; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(
        long,
        global = true,
        value_name = "ADDR",
        env = "PARCOURS_LISTEN",
        hide_env_values = true
    )]
    pub listen: Option<Listen>,

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
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "PARCOURS_PARTNERS",
        hide_env_values = true
    )]
    pub partners: Option<PathBuf>,

    /// The key of the partners' pseudonyms [default: pseudonyms.key in the data directory, made when first needed]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "PARCOURS_PSEUDONYM_KEY",
        hide_env_values = true
    )]
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
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "PARCOURS_NATS_NKEY",
        hide_env_values = true
    )]
    pub nats_nkey: Option<PathBuf>,

    /// Or its credentials, a JWT and a seed as `nsc` writes them
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "PARCOURS_NATS_CREDENTIALS",
        hide_env_values = true,
        conflicts_with = "nats_nkey"
    )]
    pub nats_credentials: Option<PathBuf>,

    /// Certificates of authorities that vouch for the NATS server [default: those of the system]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "PARCOURS_NATS_CA",
        hide_env_values = true
    )]
    pub nats_ca: Option<PathBuf>,

    /// Copies of the stream that the NATS servers keep: 1, or 3 or 5 in a cluster [default: 1]
    #[arg(
        long,
        global = true,
        value_name = "N",
        env = "PARCOURS_NATS_REPLICAS",
        hide_env_values = true,
        value_parser = copies
    )]
    pub nats_replicas: Option<usize>,
}

/// Everything settled.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The data directory; made when something is kept there.
    pub data: PathBuf,
    /// The address to listen on.
    pub listen: Listen,
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
    /// Makes the data directory, if anything is kept in it.
    pub fn make_data(&self) -> anyhow::Result<()> {
        if [&self.log, &self.views]
            .iter()
            .any(|location| matches!(location, Location::Sqlite(_)))
        {
            std::fs::create_dir_all(&self.data)
                .with_context(|| format!("the data directory {} cannot be made", self.data.display()))?;
        }
        Ok(())
    }

    /// Where a log is that may be meant, if there is none in the data directory, or not what is looked for.
    pub fn hint(&self) -> &'static str {
        let demo = Path::new(crate::DEMO_DATA);
        let elsewhere = matches!(self.log, Location::Sqlite(_)) && self.data != demo;
        match elsewhere && demo.join("log.sqlite").exists() {
            true => " (the demonstration's is in ./parcours-demo: give --data parcours-demo)",
            false => "",
        }
    }

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
    fn or(self, file: &File) -> Self {
        // Who names one login means no other.
        let login = self.nats_nkey.is_some() || self.nats_credentials.is_some();
        let filed = |path: &Option<PathBuf>| path.clone().filter(|_| !login);
        Self {
            data: self.data.or_else(|| file.data.clone()),
            listen: self.listen.or_else(|| file.listen.clone()),
            database: self.database.or_else(|| file.database.clone()),
            views: self.views.or_else(|| file.views.clone()),
            partners: self.partners.or_else(|| file.partners.clone()),
            pseudonym_key: self.pseudonym_key.or_else(|| file.pseudonym_key.clone()),
            nats: self.nats.or_else(|| file.nats.clone()),
            nats_nkey: self.nats_nkey.or_else(|| filed(&file.nats_nkey)),
            nats_credentials: self.nats_credentials.or_else(|| filed(&file.nats_credentials)),
            nats_ca: self.nats_ca.or_else(|| file.nats_ca.clone()),
            nats_replicas: self.nats_replicas.or(file.nats_replicas),
        }
    }

    /// Settles every option. Nothing is made: what a command keeps, it makes room for itself.
    pub fn settle(self, file: &File, usual_data: &str) -> anyhow::Result<Configuration> {
        let places = self.or(file);
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
        let nats = places.nats.map(|url| NatsOptions {
            url,
            login,
            authorities: places.nats_ca,
            replicas: places.nats_replicas.unwrap_or(1),
        });
        if let Some(nats) = &nats {
            nats.check()?;
        }
        Ok(Configuration {
            partners: places
                .partners
                .or_else(|| usual_partners.exists().then_some(usual_partners)),
            nats_nkey: places.nats_nkey,
            nats,
            pseudonym_key: places
                .pseudonym_key
                .unwrap_or_else(|| data.join("pseudonyms.key")),
            log: location(places.database.as_deref(), "log.sqlite")?,
            views: location(
                places.views.as_deref().or(places.database.as_deref()),
                "views.sqlite",
            )?,
            listen: places.listen.unwrap_or_default(),
            data,
        })
    }
}

fn copies(text: &str) -> Result<usize, String> {
    let copies = text.parse().ok().filter(|copies| COPIES.contains(copies));
    copies.ok_or_else(|| "expected a whole number from 1 to 5, such as 3".to_owned())
}

fn postgres(url: &str) -> anyhow::Result<Location> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Location::Postgres(url.to_owned()));
    }
    bail!(
        "a database is given as postgres://user:password@host/database; leave it out for SQLite files in the data directory"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(places: Places, file: &str) -> anyhow::Result<Configuration> {
        places.settle(&File::of(file)?, "usual")
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let flag = Places {
            listen: Some(Listen::on_this_machine(1)),
            ..Places::default()
        };
        let file = "listen = \"127.0.0.1:2\"\ndatabase = \"postgres://a/b\"";
        let configuration = settle(flag, file).unwrap();
        assert_eq!(configuration.listen.port, 1);
        assert_eq!(configuration.log, Location::Postgres("postgres://a/b".into()));
        assert_eq!(
            configuration.views, configuration.log,
            "the views are beside the log"
        );
        assert_eq!(settle(Places::default(), file).unwrap().listen.port, 2);
        assert_eq!(settle(Places::default(), "").unwrap().listen.port, 8080);
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
        assert!(!data.exists(), "nothing is made by looking");
        there().make_data().unwrap();
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
        let url = settle(Places::default(), "database = \"mysql://x\"")
            .unwrap_err()
            .to_string();
        assert!(url.contains("postgres://"), "{url}");
        assert!(File::read(Some(Path::new("/nowhere.toml"))).is_err());
    }

    #[test]
    fn a_login_that_is_given_is_not_joined_by_another_of_the_file() {
        let places = Places {
            nats: Some("nats://a".to_owned()),
            nats_nkey: Some("mine.nk".into()),
            ..Places::default()
        };
        let nats = settle(places, "nats_credentials = \"filed.creds\"")
            .unwrap()
            .nats
            .unwrap();
        assert!(matches!(nats.login, Some(NatsLogin::Seed(file)) if file == Path::new("mine.nk")));
    }
}
