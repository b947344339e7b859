//! What is left after a process is killed: everything that was acknowledged, once, in order; and views that equal a
//! rebuild. What is stopped politely loses nothing either.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod chance;
mod clients;
mod crash_of_an_import;
mod crash_of_the_database;
mod crash_under_load;
mod ledger;
mod script;
mod stop_under_load;
