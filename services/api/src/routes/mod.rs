//! What is read, one route a file.

#![allow(
    unused_qualifications,
    reason = "the macros that describe parameters write full paths"
)]

pub(crate) mod catalogue;
pub(crate) mod cohorts;
pub(crate) mod history;
mod months;
pub(crate) mod operators;
mod paging;
pub(crate) mod people;
pub(crate) mod profiles;
pub(crate) mod register;
pub(crate) mod territories;
pub(crate) mod timeline;
