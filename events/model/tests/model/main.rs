//! The model through its public face: rules, effective history, envelope.

#![allow(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

mod admission_of_places;
mod bounds;
mod clauses;
mod effective_history;
mod envelope;
mod erasure;
mod instants;
mod journey;
mod occupancy;
mod rules;
mod schemas;
mod states;
mod together;
mod words;
mod world;
mod yesterday;
