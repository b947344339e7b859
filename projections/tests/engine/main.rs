//! What the engine does with views, whichever database keeps them: every behaviour runs on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod diverging;
mod far_behind;
mod house;
mod live;
mod outcomes;
mod random;
mod rebuilding;
mod same;
mod stopping;
mod together;
mod told;
mod toy;
mod versions;
