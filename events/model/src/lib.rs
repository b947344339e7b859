//! The vocabulary, the codes and the rules of Parcours: pure, without I/O, clock or async.
//!
//! - [`codes`], [`geography`]: values that cannot be wrong once they exist.
//! - [`streams`]: the vocabulary, one file a stream; [`Fact`] is what an event states.
//! - [`Submission`] and [`Record`]: an event on its way in, and as the log keeps it.
//! - [`History`]: the events of one stream, and their effective order once corrected.
//! - [`rules`]: what a stream obeys; [`admit`] decides on one event.

pub mod calendar;
pub mod codes;
mod envelope;
mod event;
pub mod geography;
mod history;
mod in_memory;
pub mod rules;
pub mod schema;
mod sealed;
mod stream;
pub mod streams;
mod territory;

pub use envelope::{LOG_ATTRIBUTES, MAX_ENTRY, MAX_KEY, Malformed, Record, Submission, Unreadable};
pub use event::{Event, EventKey};
pub use history::{Effective, History};
pub use in_memory::InMemory;
pub use rules::{Knowledge, Occupancy, Refusal, Refused, Rule, Verdict, admit};
pub use stream::StreamId;
pub use streams::{Fact, StreamKind};
pub use territory::TerritoryCode;
