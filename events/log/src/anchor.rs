//! A place in a log, with what tells this log from every other.

use crate::tree::Hash;

/// How many entries stand before a place, and the leaf hash of the last of them; before the first entry, the hash of
/// nothing.
///
/// A position alone says nothing of whose it is: a log that was restored to an earlier state, and appended to, has other
/// entries at the same positions. Every entry bears the microsecond in which it was recorded and an id that is in the log
/// once, so the last one tells whether two logs came here by the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Anchor {
    /// The number of entries before it.
    pub size: u64,
    /// The leaf hash of the last of them.
    pub leaf: Hash,
}

impl Anchor {
    /// Before the first entry: every log has it.
    pub fn start() -> Anchor {
        Anchor {
            size: 0,
            leaf: Hash::of_nothing(),
        }
    }

    /// The position of the entry that it names, if it names one.
    pub(crate) fn last(&self) -> Option<u64> {
        self.size.checked_sub(1)
    }

    /// Whether a log has it whose entry at [`last`](Anchor::last) has this leaf hash, if there is one.
    pub(crate) fn is_held(&self, there: Option<Hash>) -> bool {
        self.size == 0 || there == Some(self.leaf)
    }
}
