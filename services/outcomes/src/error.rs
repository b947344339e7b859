//! What can be wrong with partners and their keys.

use std::path::PathBuf;

use parcours_projections::ViewError;

/// Partners cannot be served as they are declared.
#[derive(Debug, thiserror::Error)]
pub enum OutcomesError {
    /// The file of partners cannot be read.
    #[error("the partners in {} cannot be read: {cause}", file.display())]
    PartnersUnreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        cause: String,
    },
    /// The file of partners says something that cannot be.
    #[error("the partners in {} are wrong: {detail}", file.display())]
    PartnersWrong {
        /// The file.
        file: PathBuf,
        /// Which partner, what is wrong and what is expected.
        detail: String,
    },
    /// Partners are declared with pseudonyms of a key that is not there.
    #[error(
        "the key of the partners' pseudonyms, {}, is missing: restore it, or give its place with --pseudonym-key. \
         A new key would give everybody a new pseudonym; to have one all the same, remove the lines `pseudonyms` of the partners",
        file.display()
    )]
    KeyMissing {
        /// Where it should be.
        file: PathBuf,
    },
    /// The key cannot be read or made, or is none.
    #[error("the key of the partners' pseudonyms, {}, cannot be used: {cause}", file.display())]
    KeyUnusable {
        /// Where it is.
        file: PathBuf,
        /// Why.
        cause: String,
    },
    /// A partner is declared with pseudonyms of another key.
    #[error(
        "the partner {partner:?} was declared with pseudonyms {declared:?}, and the key in {} gives {given:?}: \
         it is not the key of that time. Restore that one, or give its place with --pseudonym-key; processes that serve \
         the same partners share one key",
        file.display()
    )]
    AnotherKey {
        /// The partner.
        partner: String,
        /// The fingerprint in its declaration.
        declared: String,
        /// The fingerprint that the key gives.
        given: String,
        /// Where the key is.
        file: PathBuf,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    NoRandomness(String),
    /// A partner's webhook cannot be called as it is declared.
    #[error("the webhook of the partner {partner:?} is wrong: {detail}")]
    WebhookWrong {
        /// The partner.
        partner: String,
        /// What is wrong and what is expected.
        detail: String,
    },
    /// No endpoint can be recognised: the system has no certificates of authorities.
    #[error(
        "the system has no certificates of authorities to recognise webhooks by ({0}): install them (Debian:          apt-get install ca-certificates), or name a file of them in SSL_CERT_FILE"
    )]
    NoCertificates(String),
    /// What is remembered of webhooks cannot be read or written. To be tried again later.
    #[error("the webhooks' database is unavailable: {0}")]
    WebhooksUnavailable(String),
    /// The webhooks' database has migrations that this program does not know.
    #[error(
        "the webhooks' database was written by a newer version of this program \
         (it is at migration {found}, this version knows {known}): use the newer version"
    )]
    WebhooksNewer {
        /// The last migration in the database.
        found: i64,
        /// The last one this program knows.
        known: i64,
    },
    /// The view of outcomes cannot be read.
    #[error(transparent)]
    View(#[from] ViewError),
}
