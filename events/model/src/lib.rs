//! The vocabulary, the codes and the rules of Parcours: pure, without I/O, clock or async.
//!
//! - [`codes`], [`geography`]: the values that facts are spelt with, and the tables they are judged by.
//! - [`Judged`]: reading takes what any log may hold; only what comes in is judged by today's tables and bounds.
//! - [`streams`]: the vocabulary, one file a stream; [`Fact`] is what an event states.
//! - [`Submission`] and [`Record`]: an event on its way in, and as the log keeps it.
//! - [`History`]: the events of one stream, and their effective order once corrected.
//! - [`rules`]: what a stream obeys; [`admit`] decides on one event.

mod bounds;
pub mod calendar;
mod canonical;
pub mod codes;
mod envelope;
mod event;
pub mod faults;
pub mod geography;
mod history;
mod in_memory;
mod judged;
pub mod rules;
pub mod schema;
mod sealed;
mod spelling;
mod stream;
pub mod streams;
mod territory;
mod texts;
mod words;

pub use envelope::{LOG_ATTRIBUTES, MAX_ENTRY, MAX_KEY, Malformed, Record, Submission, Unreadable};
pub use event::{Event, EventId, EventKey};
pub use history::{AtRest, Effective, History};
pub use in_memory::InMemory;
pub use judged::{Judged, Misfit, Remark, strictly};
pub use rules::{Gathered, Knowledge, Refusal, Refused, Rule, Verdict, admit, in_order};
pub use spelling::{day, instant, no_uuid};
pub use stream::StreamId;
pub use streams::{Fact, StreamKind};
pub use territory::TerritoryCode;
pub use texts::actor;
pub use words::Words;
