//! What a log does, whichever database keeps it: every behaviour runs on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod appending;
mod concurrent;
mod decided_together;
mod events;
mod failing;
mod first_form;
mod following;
mod frozen;
mod idempotent;
mod looking;
mod opening;
mod oracle;
mod place;
mod proxy;
mod reaching;
mod reading;
mod refused;
mod replaced;
mod runs;
mod together;
mod tree;
