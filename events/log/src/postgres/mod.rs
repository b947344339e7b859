//! The one door to PostgreSQL, for everybody who keeps something in it: the log, the views, the webhooks.
//!
//! What holds of whatever goes through it:
//! - No wait is without a limit: of connecting and the server's greeting ([`OPEN_LIMIT`], unless the URL says otherwise),
//!   of the answer to a question, of the next row of a long one. What may take as long as it takes (a migration, an index
//!   to be built) waits as long as the server answers others ([`Session::patiently`]).
//! - A connection whose question was given up is never used again: an answer may still come, and would be taken for
//!   that of the next question. What became of a question that writes is not known then.
//! - A connection whose other end is gone is found out within [`SILENCE`], by both ends, also while nobody asks.
//! - Whoever stops waits for a server that does not answer no longer than [`STOP_LIMIT`], however much was still to be asked.
//! - A server older than [`LEAST_VERSION`] is refused.
//! - What happens again and again is told once ([`Trouble`](crate::trouble::Trouble)).

mod door;
mod fault;
mod pool;
mod session;
mod wait;

use std::time::Duration;

pub use door::{Door, UnreadableUrl};
pub use fault::Fault;
pub use pool::{Lent, Pool};
pub use session::Session;

/// How long to wait for a server to accept a connection and to greet, unless the URL says otherwise.
pub const OPEN_LIMIT: Duration = Duration::from_secs(5);
/// How long a small question may take, and the next row of a long one.
pub const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// Without a sign of life for about so long, a connection is dead, to both sides: a lost machine's locks become free.
pub const SILENCE: Duration = Duration::from_secs(10);
/// How long a question may still take once its owner stops. Then nothing more is asked.
pub const STOP_LIMIT: Duration = Duration::from_millis(1_500);
/// The oldest version of PostgreSQL that the tests have been run on.
pub const LEAST_VERSION: u32 = 14;
