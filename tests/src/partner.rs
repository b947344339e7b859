//! A partner: declared as an operator of the service declares one, and asking as the partner does.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};

use serde_json::Value;

use crate::{Answer, Api, Database, OutcomeStream, command_line};

/// A partner that may ask.
#[derive(Clone, Debug)]
pub struct Partner {
    authorization: String,
    nats_seed: Option<String>,
}

/// Makes the log of `database` if there is none: a partner is declared beside one.
pub fn begin_log(database: &Database) {
    let mut arguments: Vec<OsString> = ["import", "-"].map(Into::into).into();
    arguments.extend(database.options());
    command_line::run(arguments).succeeded();
}

/// Declares a partner in the data directory of `database`, by the command made for it.
pub fn declare(database: &Database, name: &str, options: &[&str]) -> Partner {
    begin_log(database);
    let mut arguments: Vec<OsString> = ["partner", "new", name].map(Into::into).into();
    arguments.extend(options.iter().map(Into::into));
    arguments.extend(database.options());
    let ended = command_line::run(arguments);
    assert!(ended.status.success(), "{}", ended.messages);
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(database.data().join("partners.toml"))
        .expect("the data directory is writable");
    file.write_all(ended.output.as_bytes())
        .expect("the data directory is writable");
    let told = |words: &str| {
        let (_, rest) = ended.messages.split_once(words)?;
        rest.split_whitespace().next().map(str::to_owned)
    };
    let secret = told("shown this once: ").expect("the secret is told");
    Partner {
        nats_seed: told("Its seed for NATS, shown this once: "),
        ..Partner::with_secret(&secret)
    }
}

/// Declares a partner of `database` for these territories instead of those of before.
pub fn declare_otherwise(database: &Database, name: &str, territories: &[&str]) {
    let file = database.data().join("partners.toml");
    let text = fs::read_to_string(&file).expect("there are partners");
    let mut partner = "";
    let mut changed = String::new();
    for line in text.lines() {
        if let Some(named) = line.strip_prefix("name = ") {
            partner = named.trim_matches('"');
        }
        if partner == name && line.starts_with("territories = ") {
            writeln!(changed, "territories = {territories:?}").expect("writing to a string succeeds");
        } else {
            writeln!(changed, "{line}").expect("writing to a string succeeds");
        }
    }
    assert_ne!(changed, text, "{name} is declared otherwise");
    fs::write(file, changed).expect("the data directory is writable");
}

impl Partner {
    /// The partner with this secret.
    pub fn with_secret(secret: &str) -> Partner {
        Partner {
            authorization: format!("Bearer {secret}"),
            nats_seed: None,
        }
    }

    /// Its secret.
    pub fn secret(&self) -> &str {
        self.authorization.trim_start_matches("Bearer ")
    }

    /// The seed of its key for NATS, if it was declared with `--nats-key`.
    pub fn nats_seed(&self) -> Option<&str> {
        self.nats_seed.as_deref()
    }

    /// `GET path` with its secret.
    pub fn get(&self, api: &Api, path: &str) -> Answer {
        api.get_with(path, &[("authorization", &self.authorization)])
    }

    /// All messages that `question` (`kind=exit&…`) finds, page by page.
    #[track_caller]
    pub fn outcomes(&self, api: &Api, question: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/v1/outcomes?limit=3&{question}{cursor}");
            let page = self.get(api, path.trim_end_matches('&')).must_be(200).json();
            all.extend(page["outcomes"].as_array().expect("a page has outcomes").clone());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }

    /// All messages there are for it, by the thousand.
    #[track_caller]
    pub fn all_outcomes(&self, api: &Api) -> Vec<Value> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/v1/outcomes?limit=1000{cursor}");
            let page = self.get(api, &path).must_be(200).json();
            all.extend(page["outcomes"].as_array().expect("a page has outcomes").clone());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }

    /// A stream of its messages, after that of the id `last` if one is given.
    pub fn follow(&self, address: &str, question: &str, last: Option<&str>) -> io::Result<OutcomeStream> {
        let mut headers = vec![("authorization", self.authorization.as_str())];
        headers.extend(last.map(|last| ("last-event-id", last)));
        OutcomeStream::open(address, &format!("/v1/outcomes?{question}"), &headers)
    }
}
