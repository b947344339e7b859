//! The log: the only truth of the service, one gapless sequence of entries with a hash tree over it.
//!
//! - **Append**: [`Log::append`] hands events to the [`sequencer`], which decides on them with the rules of the
//!   model, and commits all that callers brought meanwhile with one sync to disk.
//! - **Read**: a stream, a page from a position, all streams one after another ([`StreamScan`]), from a pool of
//!   connections that never waits for the writer.
//! - **Follow**: a [`Follower`] is woken by every commit, of this process and of others, and delivers every
//!   entry once and in order.
//! - **Prove**: the [`tree`] is kept with the head, in the same transaction as the entries.
//!
//! What always holds:
//! 1. Positions are 0, 1, 2… in commit order; the revisions of a stream are 1, 2, 3… Nothing committed changes.
//! 2. Every entry was admitted by the rules on the state just before it, whichever process wrote it.
//! 3. An append is in the log whole or not at all, and its caller hears of it only when it is on disk.
//! 4. An event's (source, id) is in the log at most once.
//! 5. The stored frontier is that of the RFC 6962 tree over exactly the entries stored.
//! 6. Recorded times never go backwards from one position to the next.
//! 7. What a process knows of a log is of that log: every page follows from the entry before it, every commit from the
//!    head it was decided on. A log that is another by now is neither appended to nor followed ([`LogError::Replaced`]).

mod anchor;
mod append;
mod as_of;
mod clock;
pub mod database;
mod entry;
mod error;
mod follow;
mod log;
pub mod postgres;
mod reader;
mod scan;
mod sequencer;
mod store;
pub mod supervision;
mod tail;
pub mod tree;
pub mod trouble;
mod writing;

pub use anchor::Anchor;
pub use append::{Append, Receipt, Rejection};
pub use as_of::{AsOf, Known, Unknowable};
pub use clock::Clock;
pub use entry::{Entry, Head};
pub use error::LogError;
pub use follow::Follower;
pub use log::{Location, Log, Options};
pub use reader::LogReader;
pub use scan::StreamScan;
pub use store::{StreamCursor, Streams};
pub use writing::Writing;
