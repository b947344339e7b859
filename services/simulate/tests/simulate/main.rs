//! What `parcours simulate` writes, put to the rules and counted as PROGRAMME.md counts.

mod calendar;
mod choices;
mod figures;
mod outcomes;
mod people;
mod rules;
mod service;
mod training;
mod variety;
