//! Streams one after another, as a scan answers them.

use parcours_model::StreamId;

use crate::Entry;

/// A place between two streams of the scan's order, which never changes: streams are numbered as they begin.
/// To be kept as a number by who must resume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamCursor(pub u64);

/// Streams with their entries, each with the cursor after it.
pub type Streams = Vec<(StreamCursor, StreamId, Vec<Entry>)>;

/// Which streams, and how much of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScanRange {
    /// Streams after this one.
    pub after: Option<StreamCursor>,
    /// Up to and with this one.
    pub until: Option<StreamCursor>,
    /// Entries at positions below.
    pub below: u64,
}
