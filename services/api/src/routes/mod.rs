//! What is read, one route a file.

#![allow(
    unused_qualifications,
    reason = "the macros that describe parameters write full paths"
)]

pub(crate) mod catalogue;
pub(crate) mod history;
pub(crate) mod territories;
pub(crate) mod timeline;
