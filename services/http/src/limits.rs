//! What connections, and requests as such, may take.

use std::time::Duration;

/// The limits that hold for every request.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The wait for a client to take the next bytes of an answer.
    pub stall: Duration,
    /// The wait for the head of a request, from its first byte.
    pub head_time: Duration,
    /// The wait for a request on a connection on which none is under way.
    pub idle_time: Duration,
    /// The work on one request; streams have none.
    pub answer: Duration,
    /// The wait of `min_position` for a view.
    pub view: Duration,
    /// The wait for requests under way when the service stops.
    pub stop: Duration,
    /// Open connections; one client has at most half of them, which a reverse proxy fills with those of all it speaks
    /// for. One more takes the place of the one that has been idle longest. Each idle one takes about 10 KB.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            stall: Duration::from_secs(30),
            head_time: Duration::from_secs(10),
            idle_time: Duration::from_secs(30),
            answer: Duration::from_secs(30),
            view: Duration::from_secs(5),
            stop: Duration::from_secs(8),
            connections: 4_096,
        }
    }
}
