//! What partners receive: outcomes of people who agreed, and places that open (R16, R18, R20, R22).
//!
//! - [`contract`]: the messages, as they are published. CloudEvents of types of their own.
//! - [`Partners`], [`Audience`]: who may hear what, under which pseudonyms.
//! - [`part`]: `GET /v1/outcomes`, for [`parcours_http::serve`].
//! - [`jetstream`]: the same messages in a stream of NATS.
//! - [`OutcomeReader`]: one reading of the list of messages for all who follow it.
//! - [`webhook`]: messages sent to partners that can only receive calls.
//!
//! Everything here is a cursor over the view `outcomes`: of messages nothing is remembered that could not be read
//! again.

mod asyncapi;
pub mod contract;
mod error;
mod http;
pub mod jetstream;
mod partner;
mod reader;
pub mod webhook;

pub use error::OutcomesError;
pub use http::{Limits, OutcomesState, part};
pub use partner::{
    Audience, Declaration, Hears, MasterKey, Named, NatsKey, NatsSeed, PUBLIC, Partner, Partners, Pseudonyms,
    SecretHash, new_secret,
};
pub use reader::{Batch, OutcomeReader};
