//! How this house speaks HTTP, whichever of its services answers.
//!
//! - [`serve`]: connections, accepted, bounded, and brought to their end when the process stops. [`Client`], [`Places`]: who
//!   has them, and who gives way.
//! - [`Site`], [`Part`]: what all services of a process share, and what each brings: routes, and types of messages.
//! - [`problem`]: everything that can be wrong, and how it is told. [`parameters`], [`accept`]: how requests are read.
//! - [`Components`], [`Described`]: answers described by their own types. [`Origin`]: where the service is, as clients see it.
//! - Contracts (`/openapi.json`, `/schemas`, `/problems`) and operations (`/health`, `/metrics`) of the whole process.
//!
//! Services do not know each other: the binary puts their parts together.

pub mod accept;
mod client;
mod components;
mod connection;
mod delivery;
mod interface;
mod language;
mod limits;
mod observe;
mod openapi;
mod origin;
pub mod parameters;
mod patience;
mod places;
pub mod problem;
mod routes;
mod serve;
mod site;

pub use client::Client;
pub use components::{Components, Described};
pub use delivery::{Deliveries, Delivery, Forgetting};
pub use interface::{Part, in_time};
pub use limits::Limits;
pub use observe::{ACCESS_LOG, cut_off, metrics};
pub use openapi::ProblemResponse;
pub use origin::Origin;
pub use places::{Place, Places};
pub use routes::schemas::MessageType;
pub use serve::{Stopped, serve};
pub use site::Site;
