//! Who is told what, under which names.

mod declaration;
mod hears;
mod master_key;
mod nats_key;
mod pseudonym;
mod secret;

use std::path::Path;
use std::sync::{Arc, LazyLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parcours_projections::outcomes::{Filter, Key, OutcomeRow};
use sha2::{Digest, Sha256};

pub use declaration::{Declaration, PUBLIC};
pub use hears::Hears;
pub use master_key::MasterKey;
pub use nats_key::{NatsKey, NatsSeed};
pub use pseudonym::{Named, Pseudonyms};
pub use secret::{SecretHash, new_secret};

use crate::OutcomesError;
use crate::contract::{CloudEvent, message};
use declaration::Declarations;

/// Who publishes, when the partners' file does not say: the Région Normandie.
const USUAL_SOURCE: &str = "urn:region:28:outcomes";

/// The partners there are.
#[derive(Clone, Debug)]
pub struct Partners {
    partners: Vec<Arc<Partner>>,
    source: Arc<str>,
    /// Known as soon as there is a partner.
    master: Option<MasterKey>,
}

/// A partner that can be told something.
#[derive(Debug)]
pub struct Partner {
    /// What was declared.
    pub declaration: Declaration,
    filter: Filter,
    pseudonyms: Pseudonyms,
    source: Arc<str>,
}

/// To whom a message goes.
#[derive(Clone, Debug)]
pub enum Audience {
    /// Everybody: the places of sessions only.
    Public {
        /// Who publishes.
        source: Arc<str>,
    },
    /// A partner.
    Partner(Arc<Partner>),
}

impl Default for Partners {
    fn default() -> Self {
        Self {
            partners: Vec::new(),
            source: USUAL_SOURCE.into(),
            master: None,
        }
    }
}

impl Partners {
    /// Reads the partners declared in `file`. Their pseudonyms are made with the key in `key`, which is made if there is
    /// none and no partner was declared with one.
    pub fn read(file: &Path, key: &Path) -> Result<Self, OutcomesError> {
        Self::with(file, |known| match known {
            true => MasterKey::read(key),
            false => MasterKey::read_or_make(key),
        })
    }

    /// The same, by the key that there is: none is made.
    pub fn read_with_their_key(file: &Path, key: &Path) -> Result<Self, OutcomesError> {
        Self::with(file, |_| MasterKey::read(key))
    }

    /// With the master key that `key` gives, if there is a partner; it is told whether one was declared with a key.
    fn with(
        file: &Path,
        key: impl FnOnce(bool) -> Result<MasterKey, OutcomesError>,
    ) -> Result<Self, OutcomesError> {
        let declarations = Declarations::read(file)?;
        let source: Arc<str> = declarations
            .source
            .map_or_else(|| USUAL_SOURCE.into(), Into::into);
        if declarations.partner.is_empty() {
            return Ok(Self {
                partners: Vec::new(),
                source,
                master: None,
            });
        }
        let known = declarations
            .partner
            .iter()
            .any(|partner| partner.pseudonyms.is_some());
        let master = key(known)?;
        let partners = declarations.partner.into_iter().map(|declaration| {
            let pseudonyms = Pseudonyms::of(&master, &declaration.name);
            match &declaration.pseudonyms {
                Some(declared) if declared != pseudonyms.fingerprint() => Err(OutcomesError::AnotherKey {
                    partner: declaration.name.clone(),
                    declared: declared.clone(),
                    given: pseudonyms.fingerprint().to_owned(),
                    file: master.file().into(),
                }),
                _ => Ok(Arc::new(Partner {
                    filter: declaration.filter(),
                    declaration,
                    pseudonyms,
                    source: source.clone(),
                })),
            }
        });
        Ok(Self {
            partners: partners.collect::<Result<_, _>>()?,
            source,
            master: Some(master),
        })
    }

    /// All of them.
    pub fn all(&self) -> &[Arc<Partner>] {
        &self.partners
    }

    /// Everybody.
    pub fn public(&self) -> Audience {
        Audience::Public {
            source: self.source.clone(),
        }
    }

    /// The message that an audience of this name knows by `id`, whether or not it is declared any more; `None` if there
    /// is no such message, or nothing to tell it by.
    pub fn key_named(&self, audience: &str, id: &str) -> Option<Key> {
        if audience == PUBLIC {
            return self.public().key(id);
        }
        Pseudonyms::of(self.master.as_ref()?, audience).key(id)
    }

    /// The partner who knows this secret. Every hash is compared, whichever fits: the time says nothing.
    pub fn with_secret(&self, secret: &str) -> Option<Audience> {
        let presented = SecretHash::of(secret);
        let knows = |partner: &Partner| {
            let stored = &partner.declaration.secrets;
            stored
                .iter()
                .fold(false, |known, hash| known | hash.is_of(&presented))
        };
        let found = self
            .partners
            .iter()
            .fold(None, |found, partner| match knows(partner) {
                true => Some(partner),
                false => found,
            });
        found.cloned().map(Audience::Partner)
    }
}

impl Partner {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.declaration.name
    }

    /// What it is told instead of names.
    pub fn pseudonyms(&self) -> &Pseudonyms {
        &self.pseudonyms
    }
}

impl Audience {
    /// The partner's name, or [`PUBLIC`].
    pub fn name(&self) -> &str {
        match self {
            Audience::Public { .. } => PUBLIC,
            Audience::Partner(partner) => partner.name(),
        }
    }

    /// What it may hear.
    pub fn filter(&self) -> &Filter {
        static PUBLIC: LazyLock<Filter> = LazyLock::new(Filter::public);
        match self {
            Audience::Public { .. } => &PUBLIC,
            Audience::Partner(partner) => &partner.filter,
        }
    }

    /// What names the declaration of what a partner may hear: another one if it may hear anything else.
    pub fn declared(&self) -> Option<String> {
        match self {
            Audience::Public { .. } => None,
            Audience::Partner(partner) => {
                let hash = Sha256::digest(partner.declaration.hears().to_string());
                Some(URL_SAFE_NO_PAD.encode(&hash[..12]))
            }
        }
    }

    /// The name that this audience knows a message by.
    pub fn id(&self, key: Key) -> String {
        match self {
            Audience::Public { .. } => key.to_string(),
            Audience::Partner(partner) => partner.pseudonyms.name(key),
        }
    }

    /// The message that this audience knows by this name; `None` for a name that it was not given.
    pub fn key(&self, id: &str) -> Option<Key> {
        match self {
            Audience::Public { .. } => id.parse().ok(),
            Audience::Partner(partner) => partner.pseudonyms.key(id),
        }
    }

    /// The message as this audience may have it; `None` if it may not.
    pub fn message(&self, row: &OutcomeRow) -> Option<CloudEvent> {
        if !self.filter().admits(row) {
            return None;
        }
        let source = match self {
            Audience::Public { source } => source,
            Audience::Partner(partner) => &partner.source,
        };
        let pseudonym = |named, uuid| match self {
            Audience::Public { .. } => None,
            Audience::Partner(partner) => Some(partner.pseudonyms.of_uuid(named, uuid)),
        };
        message(row, source, &|key| self.id(key), &pseudonym)
    }
}

#[cfg(test)]
mod tests;
