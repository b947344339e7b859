//! The model through its public face: rules, effective history, envelope.

mod admission_of_places;
mod effective_history;
mod envelope;
mod journey;
mod rules;
mod world;
