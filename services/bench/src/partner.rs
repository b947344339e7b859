//! The partner that listens: it hears of everything in the région.

use parcours_outcomes::{Declaration, NatsKey, SecretHash};

/// Its name.
pub const PARTNER: &str = "bench";

/// What declares it, with what it listens by.
pub fn declaration(secret: Option<&str>, nats: Option<NatsKey>) -> anyhow::Result<Declaration> {
    Ok(Declaration {
        name: PARTNER.to_owned(),
        territories: vec!["region/28".parse().map_err(anyhow::Error::msg)?],
        kinds: None,
        secrets: secret.map(SecretHash::of).into_iter().collect(),
        pseudonyms: None,
        nats,
        webhook: None,
    })
}
