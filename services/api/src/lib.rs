//! HTTP for operators and readers: events come in, answers go out.
//!
//! - [`part`]: the routes, for [`parcours_http::serve`].
//! - `events`: `POST /v1/events`, in all its forms. `routes`: what is read, one route a file.
//! - [`Limits`]: what events, one request or all together, may take.
//!
//! Nothing is decided here: rules decide on events, the log records them, the views answer.

mod actor;
mod as_of;
mod events;
mod freshness;
mod limits;
mod openapi;
mod router;
mod routes;
mod state;

pub use limits::{Limits, Pace};
pub use router::part;
pub use state::ApiState;
