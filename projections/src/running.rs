//! Folding a stream that everybody writes, one record after another.
//!
//! A session with entry all year has a hundred thousand places: to fold its whole history twice for each batch would
//! cost more with every admission. A view keeps of such a stream what the next record may change, and no more. The same
//! fold runs live and in a rebuild; tests hold it equal to a fold of the whole history.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parcours_model::{Record, StreamId, StreamKind};

use crate::change::words_of;
use crate::view::{Indigestible, Output, View};

/// What a view keeps of one stream of a hot kind. Records are taken in the order of their revisions, each once; late
/// facts among them.
pub trait Running: Send + Sync {
    /// Takes the stream's next record. What it adds to the view for ever goes into `added`: rows that no later record
    /// changes or removes, and amounts.
    fn take(&mut self, record: &Record, added: &mut Output) -> Result<(), Indigestible>;

    /// What the stream contributes as it stands, beside what was added: a few rows, whatever the stream's length.
    fn standing(&self, output: &mut Output);

    /// The same, to go another way from here.
    fn copy(&self) -> Box<dyn Running>;

    /// About how many bytes it holds in memory.
    fn weight(&self) -> usize;
}

/// The fold of a stream to which nothing has happened.
pub type Begin = fn(StreamId) -> Box<dyn Running>;

/// What some records of one stream change: it contributes `after` instead of `before`.
pub(crate) struct Ran {
    pub before: Output,
    pub after: Output,
    pub state: Box<dyn Running>,
}

impl View {
    /// How streams of this kind are folded record by record, if they are.
    pub(crate) fn runs(&self, kind: StreamKind) -> Option<Begin> {
        self.running
            .iter()
            .find(|(hot, _)| *hot == kind)
            .map(|(_, begin)| *begin)
    }

    /// Whether streams of this kind are folded whole.
    pub(crate) fn folds(&self, kind: StreamKind) -> bool {
        self.listens(kind) && self.runs(kind).is_none()
    }

    /// Takes records that follow on `state`.
    pub(crate) fn run(&self, state: &dyn Running, records: &[Arc<Record>]) -> Result<Ran, Indigestible> {
        let Some(last) = records.last() else {
            return Ok(Ran {
                before: Output::new(),
                after: Output::new(),
                state: state.copy(),
            });
        };
        let (mut before, mut after) = (Output::new(), Output::new());
        state.standing(&mut before);
        let state = self.take(state.copy(), records, &mut after)?;
        state.standing(&mut after);
        let checked = |output| {
            self.checked(output)
                .map_err(|detail| Indigestible::new(last, detail))
        };
        Ok(Ran {
            before: checked(before)?,
            after: checked(after)?,
            state,
        })
    }

    /// Takes records one after another.
    pub(crate) fn take(
        &self,
        mut state: Box<dyn Running>,
        records: &[Arc<Record>],
        added: &mut Output,
    ) -> Result<Box<dyn Running>, Indigestible> {
        let mut position = 0;
        let taken = catch_unwind(AssertUnwindSafe(|| {
            for record in records {
                position = record.position;
                state.take(record, added)?;
            }
            Ok(state)
        }));
        taken.unwrap_or_else(|panic| {
            Err(Indigestible {
                position,
                detail: words_of(&*panic),
            })
        })
    }
}
