//! The CloudEvents 1.0 envelope: how an event comes in, and how it is stored.
//!
//! An **entry** of the log is the event as its sender gave it, plus the log's own attributes
//! (`actor`, `recordedtime`, `revision`), as canonical JSON (RFC 8785). Its position is not in it:
//! the position is its index in the tree.

mod attributes;
mod each;
mod entry;
mod every_fault;
mod expected;
mod extension;
mod malformed;
mod source;
mod submission;

use attributes::Attributes;
use expected::{JSON_FORMAT, expected};

pub use entry::{Record, Unreadable};
pub(crate) use extension::{JSON_MEDIA, URI};
pub use malformed::Malformed;
pub use submission::Submission;

/// The attributes that only the log writes.
pub const LOG_ATTRIBUTES: [&str; 3] = ["actor", "recordedtime", "revision"];

/// The most bytes an entry may have: the limit of an entry of a C2SP `tlog-tiles` bundle.
pub const MAX_ENTRY: usize = 65_535;

/// The most characters of an `id` or a `source`; both are keys that every duplicate is looked up by.
pub const MAX_KEY: usize = 256;

/// The most characters of an extension: `tracestate`, the longest in use, has 512.
pub(crate) const MAX_EXTENSION: usize = 1_024;
