//! How the calls to a partner go, for `/health/ready`.

/// How they go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Whether they go well.
    pub healthy: bool,
    /// The position of the log up to which everything was accepted, waits, or is dead; none before the first.
    pub position: Option<u64>,
    /// Why they do not go well, or not from here.
    pub detail: Option<String>,
}

impl Status {
    /// Nothing is known yet that would be wrong.
    pub(super) fn new() -> Self {
        Self {
            healthy: true,
            position: None,
            detail: None,
        }
    }

    /// Another process has the ledger.
    pub(super) fn elsewhere() -> Self {
        Self {
            detail: Some("another process calls".to_owned()),
            ..Self::new()
        }
    }

    /// Nothing can be called for want of the database.
    pub(super) fn interrupted(cause: String) -> Self {
        Self {
            healthy: false,
            position: None,
            detail: Some(cause),
        }
    }
}
