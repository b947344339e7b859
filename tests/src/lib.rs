//! The harness of the end-to-end tests: fresh databases, the program as a process, a client that reads like sentences.
//!
//! Its helpers panic, with what was expected and what was seen, instead of returning errors: only tests call them.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "the harness fails a test by panicking"
)]

pub mod answers;
pub mod api;
pub mod authority;
pub mod command_line;
pub mod console;
pub mod database;
pub mod event_stream;
pub mod javascript;
pub mod nats_servers;
pub mod nats_stream;
pub mod outcome_stream;
pub mod partner;
pub mod private_postgres;
pub mod program;
pub mod python;
pub mod receiver;
pub mod servers;
pub mod service;
pub mod story;
pub mod wait;

pub use api::{Answer, Api};
pub use authority::Authority;
pub use database::{Database, FreshPostgres, fresh_postgres};
pub use event_stream::EventStream;
pub use nats_servers::NatsServers;
pub use nats_stream::{NatsStream, Stored};
pub use outcome_stream::{Message, OutcomeStream};
pub use partner::{Partner, begin_log, declare, declare_otherwise};
pub use private_postgres::PrivatePostgres;
pub use receiver::Receiver;
pub use servers::NatsRelease;
pub use service::Service;
pub use story::Story;
pub use wait::{wait_for, wait_until};

/// Makes of each behaviour two tests, `sqlite::NAME` and `postgres::NAME`. Once in a module.
///
/// ```ignore
/// on_both_databases! {
///     fn an_acknowledged_event_outlives_a_kill(database: Database) {
///         let service = Service::start(&database);
///         // ...
///     }
/// }
/// ```
#[macro_export]
macro_rules! on_both_databases {
    ($( $(#[$attribute:meta])* fn $name:ident($database:ident: Database) $body:block )+) => {
        mod behaviour {
            #[allow(unused_imports, reason = "a body may need nothing of its file")]
            use super::*;
            $( pub fn $name($database: $crate::Database) $body )+
        }
        mod sqlite {
            $( #[test] $(#[$attribute])* fn $name() { super::behaviour::$name($crate::Database::sqlite()); } )+
        }
        mod postgres {
            $( #[test] $(#[$attribute])* fn $name() { super::behaviour::$name($crate::Database::postgres()); } )+
        }
    };
}
