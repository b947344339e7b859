//! Which servers will do.

use async_nats::Client;

use crate::OutcomesError;

/// The oldest release that outcomes are published to, and are tested with. Those of 2.12 before it refuse ids of messages
/// in a batch; what is older stores no batches.
const LEAST: (i64, i64, i64) = (2, 12, 1);

/// Refuses a server that is too old. The one that is connected may be another one each time.
pub(super) fn must_do(client: &Client) -> Result<(), OutcomesError> {
    let (major, minor, patch) = LEAST;
    if client.is_server_compatible(major, minor, patch) {
        return Ok(());
    }
    Err(OutcomesError::NatsTooOld {
        version: client.server_info().version,
        least: format!("{major}.{minor}.{patch}"),
    })
}
