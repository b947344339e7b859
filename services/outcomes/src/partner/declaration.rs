//! Partners as they are declared: one small type, read from a file today, from conventions recorded as events later.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use parcours_model::{Judged, TerritoryCode};
use parcours_projections::outcomes::{Filter, OutcomeKind};
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use super::{Hears, NatsKey, SecretHash};
use crate::OutcomesError;
use crate::webhook::{Begin, Endpoint};

/// The name that no partner bears: it stands for everybody.
pub const PUBLIC: &str = "public";

/// The longest name of a partner.
const LONGEST_NAME: usize = 40;

/// A partner: who may hear what, and how it is recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// Its name: small letters, digits and hyphens. Its pseudonyms follow from it: never to be changed.
    pub name: String,
    /// It hears of people who live, and of sessions that are held, in one of these.
    #[serde(deserialize_with = "current")]
    pub territories: Vec<TerritoryCode>,
    /// It hears of these; of everything when left out. Notices to forget always come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kinds: Option<BTreeSet<OutcomeKind>>,
    /// The hashes of its secrets. Two while one takes the other's place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretHash>,
    /// Names the key its pseudonyms were made with, so that a lost or exchanged one is noticed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pseudonyms: Option<String>,
    /// Who it is to the NATS server: the public part of a key whose seed the partner alone has. Without one, nothing is
    /// published for it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nats: Option<NatsKey>,
    /// Where its messages are sent; nowhere when left out, and it reads them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Endpoint>,
}

/// The file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Declarations {
    /// The `source` of every message: who publishes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The partners.
    #[serde(default)]
    pub partner: Vec<Declaration>,
}

/// Territories of today: a partner that is to hear of another hears of nothing.
fn current<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<TerritoryCode>, D::Error> {
    let territories = Vec::<TerritoryCode>::deserialize(deserializer)?;
    match territories.iter().find_map(|territory| territory.judge().err()) {
        Some(misfit) => Err(D::Error::custom(misfit.detail)),
        None => Ok(territories),
    }
}

impl Declaration {
    /// What it may hear.
    pub fn filter(&self) -> Filter {
        Filter {
            people: true,
            kinds: self.kinds.clone(),
            territories: vec![self.territories.clone()],
            operator: None,
        }
    }

    /// The same, in a form that is kept and compared.
    pub fn hears(&self) -> Hears {
        Hears::new(&self.territories, self.kinds.as_ref())
    }

    /// As it stands in the file.
    pub fn to_toml(&self) -> String {
        let quoted = |words: Vec<String>| {
            let quoted: Vec<_> = words.iter().map(|word| format!("{word:?}")).collect();
            format!("[{}]", quoted.join(", "))
        };
        let mut toml = format!("[[partner]]\nname = {:?}\n", self.name);
        let territories = self.territories.iter().map(ToString::to_string).collect();
        let mut line = |key: &str, value: String| {
            writeln!(toml, "{key} = {value}").expect("writing to a string succeeds");
        };
        line("territories", quoted(territories));
        if let Some(kinds) = &self.kinds {
            line(
                "kinds",
                quoted(kinds.iter().map(|kind| kind.as_str().to_owned()).collect()),
            );
        }
        line(
            "secrets",
            quoted(self.secrets.iter().map(ToString::to_string).collect()),
        );
        if let Some(pseudonyms) = &self.pseudonyms {
            line("pseudonyms", format!("{pseudonyms:?}"));
        }
        if let Some(nats) = &self.nats {
            line("nats", format!("{:?}", nats.as_str()));
        }
        if let Some(webhook) = &self.webhook {
            let secrets = webhook.secrets.iter().map(ToString::to_string).collect();
            toml.push_str("[partner.webhook]\n");
            let mut line = |key: &str, value: String| {
                writeln!(toml, "{key} = {value}").expect("writing to a string succeeds");
            };
            line("url", format!("{:?}", webhook.url.to_string()));
            line("secrets", quoted(secrets));
            if webhook.begin == Begin::Now {
                line("begin", "\"now\"".to_owned());
            }
        }
        toml
    }

    /// What is wrong with it by itself, if anything is.
    pub fn fault(&self) -> Option<String> {
        let Self { name, .. } = self;
        let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(plain) {
            return Some(format!(
                "{name:?} is no name of a partner: expected 1 to {LONGEST_NAME} small letters, digits and hyphens, such as \"mission-locale-rouen\""
            ));
        }
        if name == PUBLIC {
            return Some(format!(
                "no partner can be called {PUBLIC:?}: it stands for everybody"
            ));
        }
        if self.territories.is_empty() {
            return Some(format!(
                "the partner {name:?} has no territory: give `territories`, such as [\"departement/76\"]"
            ));
        }
        if self
            .kinds
            .as_ref()
            .is_some_and(|kinds| kinds.contains(&OutcomeKind::Forget))
        {
            return Some(format!(
                "the partner {name:?} lists the kind \"forget\": notices to forget always come, leave it out"
            ));
        }
        let fault = self.webhook.as_ref()?.fault()?;
        Some(format!("the partner {name:?}: {fault}"))
    }
}

impl Declarations {
    /// Reads the file, and refuses what cannot be.
    pub fn read(file: &Path) -> Result<Self, OutcomesError> {
        let text = std::fs::read_to_string(file).map_err(|error| OutcomesError::PartnersUnreadable {
            file: file.into(),
            cause: error.to_string(),
        })?;
        Self::parse(&text).map_err(|detail| OutcomesError::PartnersWrong {
            file: file.into(),
            detail,
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let declarations: Self = toml::from_str(text).map_err(|wrong| {
            // Not the line itself: a secret may stand there instead of its hash.
            let before = wrong
                .span()
                .and_then(|span| text.get(..span.start))
                .unwrap_or_default();
            format!("line {}: {}", before.matches('\n').count() + 1, wrong.message())
        })?;
        let mut names = BTreeSet::new();
        for partner in &declarations.partner {
            if let Some(fault) = partner.fault() {
                return Err(fault);
            }
            if !names.insert(&partner.name) {
                return Err(format!("two partners are called {:?}", partner.name));
            }
        }
        let is_uri = |source: &String| source.contains(':') && !source.contains(char::is_whitespace);
        match &declarations.source {
            Some(source) if !is_uri(source) => Err(format!(
                "the source {source:?} is no URI: expected one such as \"urn:region:28:outcomes\""
            )),
            _ => Ok(declarations),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUEN: &str = "[[partner]]\nname = \"rouen\"\nterritories = [\"epci/200023414\"]\n";

    fn wrong(text: &str) -> String {
        Declarations::parse(text).unwrap_err()
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let secret = SecretHash::of("x");
        let text = format!(
            "source = \"urn:region:28:outcomes\"\n{ROUEN}kinds = [\"certification\", \"employment\"]\nsecrets = [\"{secret}\"]\npseudonyms = \"abc\"\n\
             [partner.webhook]\nurl = \"https://partner.example/outcomes\"\nsecrets = [\"file:rouen.whsec\", \"env:SECRET\"]\n"
        );
        let read = Declarations::parse(&text).unwrap();
        assert_eq!(read.partner[0].to_toml(), text.split_once('\n').unwrap().1);
    }

    #[test]
    fn a_partner_hears_of_everything_in_its_territories_unless_kinds_are_listed() {
        let read = Declarations::parse(ROUEN).unwrap();
        assert!(read.partner[0].filter().kinds().len() == OutcomeKind::ALL.len());
    }

    #[test]
    fn what_is_wrong_is_named_with_what_is_expected() {
        for (text, words) in [
            (
                "[[partner]]\nname = \"Rouen\"\nterritories = [\"region/28\"]",
                &["\"Rouen\"", "small letters"][..],
            ),
            (
                "[[partner]]\nname = \"public\"\nterritories = [\"region/28\"]",
                &["everybody"],
            ),
            (
                "[[partner]]\nname = \"a\"\nterritories = []",
                &["no territory", "departement/76"],
            ),
            ("[[partner]]\nname = \"a\"", &["territories"]),
            (
                "[[partner]]\nname = \"a\"\nterritories = [\"departement/99\"]",
                &["99", "line 3"],
            ),
            (
                "[[partner]]\nname = \"a\"\nterritories = [\"76\"]",
                &["departement/76"],
            ),
            (
                "[[partner]]\nname = \"a\"\nterritories = [\"region/28\"]\nkinds = [\"jobs\"]",
                &["jobs", "employment"],
            ),
            (
                "[[partner]]\nname = \"a\"\nterritories = [\"region/28\"]\nkinds = [\"forget\"]",
                &["always come"],
            ),
            (
                "[[partner]]\nname = \"a\"\nterritories = [\"region/28\"]\nsecrets = [\"x\"]",
                &["sha256", "line 4"],
            ),
            (
                "[[partner]]\nname = \"a\"\nterritories = [\"region/28\"]\ncolour = 1",
                &["colour"],
            ),
            (
                &format!("{ROUEN}[partner.webhook]\nurl = \"ftp://a.example\"\nsecrets = [\"env:A\"]"),
                &["neither https nor http", "line 5"],
            ),
            (
                &format!("{ROUEN}[partner.webhook]\nurl = \"https://a.example\"\nsecrets = [\"whsec_A\"]"),
                &["file:PATH", "line 6"],
            ),
            (
                &format!("{ROUEN}[partner.webhook]\nurl = \"https://a.example\"\nsecrets = []"),
                &["\"rouen\"", "no secret"],
            ),
            (
                &format!("{ROUEN}[partner.webhook]\nurl = \"https://a.example\""),
                &["secrets"],
            ),
            (
                &format!(
                    "{ROUEN}[partner.webhook]\nurl = \"https://a.example:99999/b\"\nsecrets = [\"env:A\"]"
                ),
                &["65535", "line 5"],
            ),
            ("[partners]", &["partners"]),
            ("source = \"here\"", &["URI"]),
            (&format!("{ROUEN}{ROUEN}"), &["two partners", "rouen"]),
        ] {
            let told = wrong(text);
            assert!(words.iter().all(|word| told.contains(word)), "{text}: {told}");
        }
        assert!(!wrong(&format!("{ROUEN}secrets = [\"hunter2\"]")).contains("hunter2"));
        let webhook = "[partner.webhook]\nurl = \"https://a.example\"\nsecrets = [\"whsec_hunter2\"]";
        assert!(!wrong(&format!("{ROUEN}{webhook}")).contains("hunter2"));
        for url in [
            "https://me:hunter2@a.example/b",
            "https://me:hunter2@a.example/b#c",
            "https://me:hunter2@ /",
            "me:hunter2@a.example",
        ] {
            let webhook = format!("[partner.webhook]\nurl = \"{url}\"\nsecrets = [\"env:A\"]");
            let told = wrong(&format!("{ROUEN}{webhook}"));
            assert!(
                !told.contains("hunter2") && told.contains("names a user"),
                "{told}"
            );
        }
    }
}
