//! What can be wrong with partners and their keys.

use std::path::PathBuf;

use parcours_log::LogError;
use parcours_log::database::Exchanged;
use parcours_projections::ViewError;

use crate::jetstream::{STREAM, SUBJECTS};

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
    /// A seed of NATS cannot be read or made.
    #[error("the NATS seed in {} cannot be used: {cause}", file.display())]
    NatsSeedUnusable {
        /// The file.
        file: PathBuf,
        /// Why.
        cause: String,
    },
    /// The NATS server cannot be connected to as the options say.
    #[error("the options for NATS are wrong: {0}")]
    NatsOptions(String),
    /// No NATS server answers. It may later.
    #[error("NATS does not answer: {0}")]
    NatsUnreachable(String),
    /// The NATS server answers, and does not do what it is asked.
    #[error("NATS refuses to {what}: {cause}")]
    NatsRefused {
        /// What it was asked.
        what: String,
        /// What it says.
        cause: String,
    },
    /// The NATS server does not permit the publisher what it must do.
    #[error(
        "NATS does not permit the publisher to {verb} on {permission:?}, which it must to {what}: write the server's part again with \
         `parcours outcomes nats-config`, and let the server read it (`nats-server --signal reload`); or add the subject to what \
         the publisher may {verb} on"
    )]
    NatsForbidden {
        /// What it was to do.
        what: String,
        /// `publish` or `subscribe`.
        verb: &'static str,
        /// The permission that is missing: a subject, or a pattern of subjects.
        permission: String,
    },
    /// The NATS server does not store what several messages are to be stored as one for outcomes.
    #[error(
        "the NATS server is of version {version}, and outcomes need {least} or later, the oldest that they are tested with: \
         upgrade the server, and publishing goes on by itself"
    )]
    NatsTooOld {
        /// Its version.
        version: String,
        /// The oldest that will do.
        least: String,
    },
    /// The NATS server gave up what was sent to it as one.
    #[error("NATS has given up what was sent to be stored as one: {0}; tried again")]
    NatsGaveUp(&'static str),
    /// There is a stream of the name, and it is not as it must be.
    #[error("the stream {STREAM} is not as it must be: {}", differences.join("; "))]
    StreamDiffers {
        /// What differs, and what to do.
        differences: Vec<String>,
    },
    /// There is a consumer of a partner's name, and it is not as it must be.
    #[error(
        "the consumer {partner:?} of the stream {STREAM} is not as it must be: {}. Remove it with `nats consumer rm {STREAM} {partner}`: \
         it is made again, and the partner begins at the start of what it may hear",
        differences.join("; ")
    )]
    ConsumerDiffers {
        /// The partner.
        partner: String,
        /// What differs.
        differences: Vec<String>,
    },
    /// The last message of the stream does not lead back to the log.
    #[error(
        "the last message of the stream {STREAM}, {sequence} on {subject:?}, is none of this log's: {cause}. \
         Let nobody else publish on {SUBJECTS}, and run `parcours outcomes refill --replace`"
    )]
    StreamForeign {
        /// Its sequence number in the stream.
        sequence: u64,
        /// Its subject.
        subject: String,
        /// Why it leads nowhere.
        cause: String,
    },
    /// The stream was removed, or another publisher has added to it: what is known of it is no longer so.
    #[error("the stream {STREAM} has changed: {0}")]
    StreamChanged(&'static str),
    /// A refill was to begin, and there is something in the stream.
    #[error(
        "the stream {STREAM} holds {messages} messages: --resume goes on after the last one, \
         --replace removes them, and the positions of all consumers, and begins again"
    )]
    StreamNotEmpty {
        /// How many.
        messages: u64,
    },
    /// More partners than one message of the log can be told to at once.
    #[error(
        "{partners} partners are on NATS, which can take {most}: one entry of the log is told to all at once"
    )]
    TooManyPartners {
        /// How many there are.
        partners: usize,
        /// How many there may be.
        most: usize,
    },
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
        "the system has no certificates of authorities to recognise webhooks by ({0}): install them (Debian: apt-get install ca-certificates), or name a file of them in SSL_CERT_FILE"
    )]
    NoCertificates(String),
    /// A webhook was told of a history that the log does not have.
    #[error(
        "the webhook of the partner {partner:?} was told of another history than the log's: the log was restored to an \
         earlier state, or is another one. Nothing is sent to it. Check which log is meant; if it is this one, have the \
         partner forget what it was told and the ids that it keeps, and run `parcours webhooks reset {partner}`: it is told \
         everything from the beginning"
    )]
    WebhookDiverged {
        /// The partner.
        partner: String,
    },
    /// The file of what is remembered of webhooks is no longer where it was opened.
    #[error(
        "{0} under this service: nothing is delivered, since nobody would know of it. Put it back and start the service \
         again; without it, partners are told everything from the beginning"
    )]
    WebhooksExchanged(Exchanged),
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
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl OutcomesError {
    /// Whether it remains so until somebody does something about it.
    pub(crate) fn lasts(&self) -> bool {
        matches!(
            self,
            OutcomesError::WebhookDiverged { .. }
                | OutcomesError::WebhooksExchanged(_)
                | OutcomesError::Log(LogError::Replaced(_))
        )
    }
}
