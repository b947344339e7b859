//! Contracts and operations, one route a file.

#![allow(
    unused_qualifications,
    reason = "the macros that describe parameters write full paths"
)]

pub(crate) mod health;
pub(crate) mod metrics;
pub(crate) mod openapi;
pub(crate) mod problems;
pub(crate) mod schemas;
pub(crate) mod welcome;
