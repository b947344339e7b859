//! The part of a NATS server's configuration that keeps partners apart: an account, and in it a user for the publisher and
//! one for each partner, known by the public part of its key.
//!
//! What a partner may do is what its own durable consumer needs, and no more: ask it for messages, acknowledge them, ask
//! how it stands. It hears answers in an inbox of its own name, since whoever hears a common `_INBOX.>` hears what
//! others are sent.

use std::fmt::Write;

use super::connection::INBOX;
use super::forgetting::CONSUMER;
use super::stream::{STREAM, SUBJECTS};
use crate::{NatsKey, Partners};

/// The file, with its explanation.
pub fn permissions(partners: &Partners, publisher: &NatsKey) -> String {
    let mut users = user(
        "the publisher: `parcours serve`",
        publisher,
        &published(),
        &heard(),
    );
    for partner in partners.all() {
        let Some(key) = &partner.declaration.nats else {
            continue;
        };
        let name = partner.name();
        users += &user(
            name,
            key,
            &[
                format!("$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{name}"),
                format!("$JS.API.CONSUMER.INFO.{STREAM}.{name}"),
                format!("$JS.ACK.{STREAM}.{name}.>"),
            ],
            &[format!("_INBOX_{name}.>")],
        );
    }
    HEAD.to_owned()
        + "accounts {\n  PARCOURS {\n    jetstream: enabled\n    users: [\n"
        + &users
        + "    ]\n  }\n}\n"
}

/// What the publisher publishes on: messages, and requests.
fn published() -> Vec<String> {
    vec![
        SUBJECTS.to_owned(),
        format!("$JS.API.STREAM.INFO.{STREAM}"),
        format!("$JS.API.STREAM.CREATE.{STREAM}"),
        format!("$JS.API.STREAM.DELETE.{STREAM}"),
        // Of a partner whose declaration has changed.
        format!("$JS.API.STREAM.PURGE.{STREAM}"),
        format!("$JS.API.STREAM.MSG.*.{STREAM}"),
        // Consumers with a name, and the unnamed ones that read what is to be forgotten.
        format!("$JS.API.CONSUMER.*.{STREAM}.>"),
        format!("$JS.API.CONSUMER.CREATE.{STREAM}"),
        format!("$JS.API.CONSUMER.MSG.NEXT.{STREAM}.*"),
        format!("$JS.ACK.{STREAM}.{CONSUMER}.>"),
    ]
}

/// Where the publisher hears answers.
fn heard() -> Vec<String> {
    vec![format!("{INBOX}.>")]
}

/// The permission of the publisher that a subject falls under, as it stands in the configuration; the subject itself if
/// it falls under none.
pub(super) fn permission(subject: &str) -> String {
    let all = published().into_iter().chain(heard());
    let mut under = all.filter(|permission| matches(permission, subject));
    under.next().unwrap_or_else(|| subject.to_owned())
}

/// Whether a subject is one of those that a pattern stands for: `*` for a token, `>` for all that follow.
fn matches(pattern: &str, subject: &str) -> bool {
    let (mut tokens, mut patterns) = (subject.split('.'), pattern.split('.'));
    loop {
        match (patterns.next(), tokens.next()) {
            (Some(">"), Some(_)) | (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(pattern), Some(token)) if pattern == token => {}
            _ => return false,
        }
    }
}

fn user(comment: &str, key: &NatsKey, publish: &[String], subscribe: &[String]) -> String {
    let list = |subjects: &[String]| {
        let quoted: Vec<_> = subjects.iter().map(|subject| format!("{subject:?}")).collect();
        quoted.join(", ")
    };
    let mut text = String::new();
    write!(
        text,
        "      # {comment}\n      {{\n        nkey: {}\n        permissions: {{\n          publish: {{ allow: [{}] }}\n          \
         subscribe: {{ allow: [{}] }}\n        }}\n      }}\n",
        key.as_str(),
        list(publish),
        list(subscribe)
    )
    .expect("writing to a string succeeds");
    text
}

const HEAD: &str = r#"# Written by `parcours outcomes nats-config` from the file of partners. Write it again when that file changes, and let the
# server read it (`nats-server --signal reload`). It goes into the server's configuration:
#
#     include "outcomes.conf"
#     listen: "0.0.0.0:4222"
#     jetstream { store_dir: "/var/lib/nats", sync_interval: always }
#     tls { cert_file: "/etc/nats/server.crt", key_file: "/etc/nats/server.key" }
#
# `sync_interval: always` makes an acknowledgement mean "on disk"; without it, the last two minutes of a server that loses
# its power may be lost, and are then published again. Nothing here is secret: keys are public parts.
#
# Three servers, of which one may fail, share this file and have each, with a name of its own,
#
#     server_name: nats-1
#     cluster { name: parcours, listen: "0.0.0.0:6222", routes: ["nats://nats-1:6222", "nats://nats-2:6222", "nats://nats-3:6222"] }
#
# and `parcours serve --nats tls://nats-1:4222,tls://nats-2:4222,tls://nats-3:4222 --nats-replicas 3` keeps three copies.

"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_forbidden_falls_under_the_permission_that_is_missing() {
        for (subject, expected) in [
            ("outcomes.calvados.entry.14.-", "outcomes.>"),
            (
                "$JS.API.CONSUMER.CREATE.OUTCOMES",
                "$JS.API.CONSUMER.CREATE.OUTCOMES",
            ),
            (
                "$JS.API.CONSUMER.CREATE.OUTCOMES.calvados.outcomes.calvados.>",
                "$JS.API.CONSUMER.*.OUTCOMES.>",
            ),
            ("$JS.API.STREAM.MSG.GET.OUTCOMES", "$JS.API.STREAM.MSG.*.OUTCOMES"),
            ("$JS.ACK.OUTCOMES.FORGET.1.2.3.4.0", "$JS.ACK.OUTCOMES.FORGET.>"),
            ("_INBOX_PUBLISHER.fDM.*", "_INBOX_PUBLISHER.>"),
            ("$JS.API.STREAM.UPDATE.OUTCOMES", "$JS.API.STREAM.UPDATE.OUTCOMES"),
        ] {
            assert_eq!(permission(subject), expected);
        }
    }
}
