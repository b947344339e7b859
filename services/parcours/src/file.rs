//! `parcours.toml`: whatever can be given in the environment, for good.

use crate::arguments::LogFormat;
use crate::commands::serve::{Figures, OFFER_DAYS, Role, network, patience};
use crate::diagnostics::Filter;
use crate::environment::meant;
use crate::listen::Listen;
use anyhow::{Context, anyhow};
use ipnet::IpNet;
use parcours_outcomes::webhook::Schedule;
use serde::de::{Deserialize, Deserializer, Error};
use std::fmt::Display;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// The file that is read when none is named.
const USUAL_FILE: &str = "parcours.toml";

/// What the file says. Each key is called as the option is; every value is judged as the option's is.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    #[serde(default, deserialize_with = "folder")]
    pub(crate) data: Option<PathBuf>,
    #[serde(default, deserialize_with = "port_or_address")]
    pub(crate) listen: Option<Listen>,
    pub(crate) database: Option<String>,
    pub(crate) views: Option<String>,
    pub(crate) partners: Option<PathBuf>,
    pub(crate) pseudonym_key: Option<PathBuf>,
    pub(crate) nats: Option<String>,
    pub(crate) nats_nkey: Option<PathBuf>,
    pub(crate) nats_credentials: Option<PathBuf>,
    pub(crate) nats_ca: Option<PathBuf>,
    #[serde(default, deserialize_with = "copies")]
    pub(crate) nats_replicas: Option<usize>,
    #[serde(default, deserialize_with = "parsed")]
    pub(crate) log: Option<Filter>,
    pub(crate) log_format: Option<LogFormat>,
    pub(crate) access_log: Option<bool>,
    pub(crate) only: Option<Vec<Role>>,
    pub(crate) figures: Option<Figures>,
    #[serde(default, deserialize_with = "offer_days")]
    pub(crate) offer_days: Option<u64>,
    #[serde(default, deserialize_with = "networks")]
    pub(crate) webhooks_allow: Option<Vec<IpNet>>,
    #[serde(default, deserialize_with = "parsed")]
    pub(crate) webhooks_schedule: Option<Schedule>,
    #[serde(default, deserialize_with = "time")]
    pub(crate) webhooks_timeout: Option<Duration>,
}

impl File {
    /// Reads this file; the usual one, if there is one, when none is named.
    pub fn read(file: Option<&Path>) -> anyhow::Result<File> {
        let usual = Path::new(USUAL_FILE);
        let file = match file {
            Some(file) => file,
            None if usual.exists() => usual,
            None => return Ok(File::default()),
        };
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("the configuration {} cannot be read", file.display()))?;
        File::of(&text).with_context(|| format!("the configuration {} is wrong", file.display()))
    }

    /// Reads what a file holds.
    pub(crate) fn of(text: &str) -> anyhow::Result<File> {
        let told = |wrong: &toml::de::Error, words: String| anyhow!("{}{words}", place(text, wrong.span()));
        // What is no TOML at all is told apart from what is no value of a key.
        let unread = |wrong: toml::de::Error| told(&wrong, no_toml(wrong.message()));
        let table: Result<toml::Table, _> = toml::from_str(text);
        table.map_err(unread)?;
        let file: File = toml::from_str(text).map_err(|wrong| told(&wrong, in_words(wrong.message())))?;
        if file.nats_nkey.is_some() && file.nats_credentials.is_some() {
            anyhow::bail!("nats_nkey and nats_credentials: the publisher has one of them");
        }
        Ok(file)
    }
}

/// What is said where the file is not written as TOML is.
fn no_toml(message: &str) -> String {
    if message.contains("duplicate key") {
        return "this key is given twice: expected once".to_owned();
    }
    "this is no TOML: expected a key and its value, texts between quotes, such as listen = \"127.0.0.1:8080\""
        .to_owned()
}

/// Where something stands. The line itself is not shown: it may have a password.
fn place(text: &str, span: Option<Range<usize>>) -> String {
    let Some(before) = span.and_then(|span| text.get(..span.start)) else {
        return String::new();
    };
    let (line, begun) = (before.matches('\n').count() + 1, before.rsplit('\n').next());
    let column = begun.unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}: ")
}

/// The reader's message, without the reader's words.
fn in_words(message: &str) -> String {
    if let Some(rest) = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))
    {
        return match rest.rsplit_once(", expected ") {
            Some((found, expected)) => format!("found {}: expected {}", plain(found), plain(expected)),
            None => format!("found {}", plain(rest)),
        };
    }
    let quoted =
        |rest: &str| -> Vec<String> { rest.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        let words = quoted(rest);
        let (unknown, known) = words
            .split_first()
            .map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
        return format!(
            "\"{unknown}\" is not taken here: expected one of {}",
            known.join(", ")
        );
    }
    let Some(rest) = message.strip_prefix("unknown field ") else {
        return message.to_owned();
    };
    let names = quoted(rest);
    let (unknown, known) = names
        .split_first()
        .map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    match meant(
        &unknown.to_lowercase().replace('-', "_"),
        known.iter().map(String::as_str),
    ) {
        Some(meant) => format!("there is no key `{unknown}`: is `{meant}` meant?"),
        None => format!(
            "there is no key `{unknown}`: expected one of {}",
            known.join(", ")
        ),
    }
}

/// A kind of value, as people call it.
fn plain(kind: &str) -> String {
    let value = |prefix: &str| {
        kind.strip_prefix(prefix)
            .map(|value| value.trim_matches(['`', '"']).to_owned())
    };
    if let Some(number) = value("integer ").or_else(|| value("floating point ")) {
        return format!("the number {number}");
    }
    if let Some(text) = value("string ") {
        return format!("the text \"{text}\"");
    }
    if let Some(whether) = value("boolean ") {
        return whether;
    }
    match kind {
        "a string" | "path string" | "string" => "a text between quotes".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list, such as [\"…\"]".to_owned(),
        "sequence" => "a list".to_owned(),
        "map" => "a table".to_owned(),
        "usize" => "a whole number, such as 3".to_owned(),
        other => other.to_owned(),
    }
}

/// A text that is read as the option is.
fn parsed<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(D::Error::custom)
}

/// An empty text would be the current folder.
fn folder<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    let path = PathBuf::deserialize(deserializer)?;
    match path.as_os_str().is_empty() {
        true => Err(D::Error::custom("an empty text: expected the path of a folder")),
        false => Ok(Some(path)),
    }
}

fn port_or_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Listen>, D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(untagged, expecting = "expected a port, or a text such as \"127.0.0.1:8080\"")]
    enum Given {
        Port(u16),
        Text(String),
    }
    match Given::deserialize(deserializer)? {
        Given::Port(port) => Ok(Some(Listen::on_this_machine(port))),
        Given::Text(text) => text.parse().map(Some).map_err(D::Error::custom),
    }
}

fn copies<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    let copies = usize::deserialize(deserializer)?;
    match crate::configuration::COPIES.contains(&copies) {
        true => Ok(Some(copies)),
        false => Err(D::Error::custom(format!("{copies} copies: expected 1 to 5"))),
    }
}

fn offer_days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let days = u64::deserialize(deserializer)?;
    match OFFER_DAYS.contains(&days) {
        true => Ok(Some(days)),
        false => Err(D::Error::custom(format!("{days} days: expected 1 to 90"))),
    }
}

fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<IpNet>>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let networks = texts.iter().map(|text| network(text)).collect::<Result<_, _>>();
    networks.map(Some).map_err(D::Error::custom)
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    patience(&text).map(Some).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;
    use clap::CommandFactory;

    fn wrong(text: &str) -> String {
        format!("{:#}", File::of(text).unwrap_err())
    }

    /// A file that says everything.
    const ALL: &str = r#"
        data = "/srv/parcours"
        listen = "localhost:0"
        database = "postgres://db/log"
        views = "postgres://db/views"
        partners = "partners.toml"
        pseudonym_key = "pseudonyms.key"
        nats = "nats://localhost:4222"
        nats_nkey = "nats.nk"
        nats_ca = "ca.pem"
        nats_replicas = 3
        log = "info,parcours_log=debug"
        log_format = "json"
        access_log = true
        only = ["api", "views"]
        figures = "protected"
        offer_days = 10
        webhooks_allow = ["10.1.2.0/24", "fd00::1"]
        webhooks_schedule = "5s,1m"
        webhooks_timeout = "3s"
    "#;

    #[test]
    fn whatever_can_be_given_in_the_environment_can_stand_in_the_file() {
        let file = File::of(ALL).unwrap();
        assert_eq!(file.only, Some(vec![Role::Api, Role::Views]));
        assert_eq!(file.webhooks_timeout, Some(Duration::from_secs(3)));
        let names = crate::environment::known(&Arguments::command());
        for name in names.iter().filter(|name| *name != "PARCOURS_CONFIG") {
            let key = name["PARCOURS_".len()..].to_lowercase();
            let unknown = wrong(&format!("{key} = {{}}")).contains("there is no key");
            assert!(!unknown, "{key}");
        }
    }

    #[test]
    fn a_wrong_value_is_told_with_its_line_and_never_shown() {
        for (text, told) in [
            (
                "colour = 1",
                "line 1, column 1: there is no key `colour`: expected one of data, listen",
            ),
            ("listen = \"here\"", "localhost:8080"),
            ("listen = 70000", "a port"),
            ("\n\nlog = \"loud\"", "line 3, column 7: \"loud\""),
            (
                "data = \"a\"\nnats-nkey = \"x\"",
                "line 2, column 1: there is no key `nats-nkey`: is `nats_nkey` meant?",
            ),
            (
                "log = \"info\"\n\nlog = \"warn\"",
                "line 3, column 1: this key is given twice",
            ),
            ("datas = \"x\"", "is `data` meant?"),
            (
                "nats = 5",
                "line 1, column 8: found the number 5: expected a text between quotes",
            ),
            (
                "access_log = \"yes\"",
                "found the text \"yes\": expected true or false",
            ),
            ("only = \"api\"", "found the text \"api\": expected a list"),
            ("data = [1]", "found a list: expected a text between quotes"),
            ("nats_replicas = -1", "found the number -1: expected"),
            ("nats_replicas = \"x\"", "expected a whole number, such as 3"),
            ("[data]\nx = 1", "line 1, column 1: found a table"),
            ("listen = 127.0.0.1", "this is no TOML"),
            ("listen", "this is no TOML"),
            ("listen =", "this is no TOML"),
            ("listen = \"a", "this is no TOML"),
            ("data = \"\"", "expected the path of a folder"),
            ("log_format = \"xml\"", "json"),
            ("only = [\"everything\"]", "outcomes"),
            ("webhooks_allow = [\"the office\"]", "10.1.2.0/24"),
            ("webhooks_timeout = \"1h\"", "10ms to 30s"),
            ("nats_replicas = 0", "1 to 5"),
            ("nats_nkey = \"a\"\nnats_credentials = \"b\"", "one of them"),
        ] {
            let wrong = wrong(text);
            assert!(wrong.contains(told), "{text}: {wrong}");
            for word in [
                "invalid type",
                "variant",
                "duplicate key",
                "sequence",
                "literal",
                "usize",
                "deserialize",
            ] {
                assert!(!wrong.contains(word), "{text}: {wrong}");
            }
        }
        let secret = wrong("database = \"postgres://me:secret@db/log");
        assert!(!secret.contains("secret"), "{secret}");
    }

    #[test]
    fn a_port_alone_may_be_a_number() {
        let file = File::of("listen = 8081").unwrap();
        assert_eq!(file.listen, Some(Listen::on_this_machine(8081)));
    }
}
