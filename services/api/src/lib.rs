//! HTTP for operators and readers: events come in, answers go out.
//!
//! - [`serve`] serves an [`ApiState`] on a listener; [`router`] is the interface alone.
//! - `events`: `POST /v1/events`, in all its forms. `routes`: what is read, one route a file.
//! - `problem`: everything that can be wrong, and how it is told.
//! - [`Limits`]: what one request, and all together, may take.
//!
//! Nothing is decided here: rules decide on events, the log records them, the views answer.

mod accept;
mod actor;
mod as_of;
mod events;
mod freshness;
mod limits;
mod observe;
mod openapi;
mod parameters;
mod patience;
mod problem;
mod router;
mod routes;
mod serve;
mod state;

pub use limits::Limits;
pub use observe::metrics;
pub use router::router;
pub use serve::{Stopped, serve};
pub use state::ApiState;
