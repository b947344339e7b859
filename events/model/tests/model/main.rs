//! The model through its public face: rules, effective history, envelope.

#![allow(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

mod admission_of_places;
mod bounds;
mod clauses;
mod effective_history;
mod envelope;
mod erasure;
mod gathered;
mod instants;
mod journey;
mod occupancy;
mod person;
mod programme;
mod rules;
mod schemas;
mod states;
mod together;
mod versions;
mod words;
mod world;
mod yesterday;
