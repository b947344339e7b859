//! The interface through real HTTP, on a log and views in SQLite.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod contract;
mod events;
mod figures;
mod journey;
mod limits;
mod lists;
mod operations;
mod packed;
mod raw;
mod reads;
mod service;
mod slow_bodies;
mod slow_connections;
mod slow_streams;
mod stopping;
mod streams;
mod together;
mod words;
