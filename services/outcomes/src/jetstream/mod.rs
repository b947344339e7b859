//! Outcomes in a stream of NATS JetStream.
//!
//! One stream, [`STREAM`], with a message for each outcome and each audience, on the subject
//! `outcomes.<partner or public>.<kind>.<departement>.<operator>`. A partner reads its own through a durable consumer of
//! its name, and reads there what it would read over HTTP, under the same ids.
//!
//! **Each message once, in order.** What follows the last message of the stream follows from that message alone: its
//! id leads back to its [`Key`](parcours_projections::outcomes::Key) in the list of outcomes. All messages of a key are
//! stored as one atomic batch or not at all, and a batch is taken only if the stream still ends where its publisher saw
//! it end. So nothing depends on a publisher's memory, on the window in which JetStream recognises duplicates, or on there
//! being one publisher: of two that send at once, one is refused, looks where the stream ends, and goes on from there.
//!
//! One batch is under way at a time. More would be quicker over a slow network, and not safe: a batch that expects the
//! end of the one before could follow another publisher's of the same length.
//!
//! - `batch`: the atomic batch. `tail`: where the stream ends. `contents`: messages from rows.
//! - `stream`, `consumers`: made when missing, checked when there.
//! - `history`: what a partner that is new to the stream, or declared otherwise than before, is told first.
//! - `listener`: under which declaration an audience is told.
//! - `forgetting`, `forgotten`: what is to be forgotten is removed from the stream.
//! - `release`, `denial`: which servers will do, and what one forbids.
//! - `publisher`: the task that does all this for as long as the service runs. `refill`: the same, to the end, once.
//! - `permissions`: the part of the NATS server's configuration that keeps partners apart.

mod api;
mod batch;
mod connection;
mod consumers;
mod contents;
mod denial;
mod forgetting;
mod forgotten;
mod history;
mod listener;
mod permissions;
mod publisher;
mod refill;
mod release;
mod session;
mod status;
mod stream;
mod subject;
mod tail;

pub use connection::{NatsLogin, NatsOptions};
pub use permissions::permissions;
pub use publisher::Publisher;
pub use refill::{Progress, Start, refill};
pub use status::{Notices, Status, describe};
pub use stream::{STREAM, SUBJECTS};
