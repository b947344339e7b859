//! Where a partner receives calls, as it is declared.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use hyper::Uri;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::signature::SigningSecret;

/// Secrets of one endpoint at most: one, and those it takes the place of.
const MOST_SECRETS: usize = 4;

/// `[partner.webhook]`: where calls go and what signs them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// The address that is called.
    pub url: EndpointUrl,
    /// Where the secrets are that sign its calls. Two while one takes the other's place: each call bears a signature of
    /// each.
    pub secrets: Vec<SecretPlace>,
    /// What it is told first. Of no more consequence once it was called.
    #[serde(default, skip_serializing_if = "Begin::is_usual")]
    pub begin: Begin,
}

/// Where the messages begin that an endpoint is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Begin {
    /// With everything there is.
    #[default]
    Beginning,
    /// With what is new when it is first called.
    Now,
}

impl Begin {
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl Endpoint {
    /// What is wrong with it by itself, if anything is.
    pub fn fault(&self) -> Option<String> {
        match self.secrets.len() {
            0 => Some(
                "its webhook has no secret: give `secrets`, such as [\"file:name.whsec\"]; \
                 `parcours partner new … --webhook URL` makes one"
                    .to_owned(),
            ),
            1..=MOST_SECRETS => None,
            more => Some(format!(
                "its webhook has {more} secrets, where {MOST_SECRETS} are the most: take away those no longer in use"
            )),
        }
    }
}

/// The address of an endpoint: `https`, or `http` where the network is allowed; a host, no user, no fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointUrl(Uri);

impl EndpointUrl {
    /// As requests take it.
    pub fn uri(&self) -> &Uri {
        &self.0
    }

    /// Whether calls are encrypted on their way.
    pub fn is_https(&self) -> bool {
        self.0.scheme_str() == Some("https")
    }
}

impl FromStr for EndpointUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = "expected one such as https://partner.example/outcomes";
        let (_, place) = text.split_once("://").unwrap_or(("", text));
        if place
            .split(['/', '?', '#'])
            .next()
            .is_some_and(|place| place.contains('@'))
        {
            // It may be a password: not repeated.
            return Err(
                "the URL of a webhook names a user: calls are recognised by their signature, leave it out"
                    .to_owned(),
            );
        }
        if text.contains('#') {
            return Err(format!(
                "the URL {text:?} has a fragment, which is never sent: leave it out"
            ));
        }
        let uri: Uri = text
            .parse()
            .map_err(|wrong| format!("{text:?} is no URL ({wrong}): {expected}"))?;
        let Some(authority) = uri.authority().filter(|authority| !authority.host().is_empty()) else {
            return Err(format!("{text:?} is no whole URL: {expected}"));
        };
        let port = authority
            .as_str()
            .strip_prefix(authority.host())
            .unwrap_or_default();
        if !port.is_empty() && authority.port_u16().is_none_or(|port| port == 0) {
            return Err(format!("{text:?} has no port from 1 to 65535: {expected}"));
        }
        match uri.scheme_str() {
            Some("https" | "http") => Ok(Self(uri)),
            _ => Err(format!("{text:?} is neither https nor http: {expected}")),
        }
    }
}

impl fmt::Display for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a secret is, which has to be at hand in the clear to sign: never in the declaration itself, which is shown, kept
/// under version control and sent around. `file:PATH`, as systemd and Kubernetes hand secrets over, from the folder of
/// the partners' file; or `env:NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretPlace {
    /// The whole of a file, blanks around it aside.
    File(PathBuf),
    /// A variable of the environment.
    Environment(String),
}

impl SecretPlace {
    /// Reads the secret; `folder` is that of the partners' file.
    pub fn read(&self, folder: &Path) -> Result<SigningSecret, String> {
        let text = match self {
            Self::File(file) => {
                std::fs::read_to_string(folder.join(file)).map_err(|error| error.to_string())?
            }
            Self::Environment(name) => {
                std::env::var(name).map_err(|_| "the variable is not set".to_owned())?
            }
        };
        text.trim().parse()
    }
}

impl FromStr for SecretPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("file", file)) if !file.is_empty() => Ok(Self::File(file.into())),
            Some(("env", name)) if !name.is_empty() => Ok(Self::Environment(name.to_owned())),
            // The text is not repeated: it may be the secret itself.
            _ => Err(
                "a secret of a webhook is named by its place, file:PATH or env:NAME, and never written here: \
                 it is needed in the clear to sign"
                    .to_owned(),
            ),
        }
    }
}

impl fmt::Display for SecretPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(f, "file:{}", file.display()),
            Self::Environment(name) => write!(f, "env:{name}"),
        }
    }
}

macro_rules! written_as_text {
    ($($name:ident),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<str>::deserialize(deserializer)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }
    )*};
}

written_as_text!(EndpointUrl, SecretPlace);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_whole_one_and_names_nobody() {
        for good in [
            "https://partner.example/outcomes?of=28",
            "http://127.0.0.1:8081",
            "https://[2001:db8::1]/",
        ] {
            assert!(good.parse::<EndpointUrl>().is_ok(), "{good}");
        }
        for (wrong, word) in [
            ("", "no URL"),
            ("partner.example/outcomes", "no URL"),
            ("/outcomes", "no whole URL"),
            ("ftp://partner.example/", "neither https nor http"),
            ("https://user:pass@partner.example/", "names a user"),
            ("https://partner.example/#top", "fragment"),
        ] {
            let told = wrong.parse::<EndpointUrl>().unwrap_err();
            assert!(told.contains(word), "{wrong}: {told}");
            assert!(!told.contains("pass@"), "{told}");
        }
    }

    #[test]
    fn a_secret_is_read_from_its_place_and_never_from_the_declaration() {
        let folder = tempfile::tempdir().unwrap();
        let secret = crate::webhook::new_signing_secret().unwrap();
        std::fs::write(folder.path().join("a.whsec"), format!("{secret}\n")).unwrap();
        let read = |place: &str| place.parse::<SecretPlace>().unwrap().read(folder.path());
        assert!(read("file:a.whsec").is_ok());
        assert!(read("file:b.whsec").unwrap_err().contains("No such file"));
        assert!(
            read("env:PARCOURS_NOT_SET_BY_ANYBODY")
                .unwrap_err()
                .contains("not set")
        );
        for wrong in [&secret, "file:", "env:", "a.whsec"] {
            let told = wrong.parse::<SecretPlace>().unwrap_err();
            assert!(told.contains("file:PATH") && !told.contains(&secret), "{told}");
        }
    }
}
