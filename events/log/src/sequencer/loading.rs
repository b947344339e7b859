//! Loading what a draft has to know, in as few questions as the distance of the database asks for.

use parcours_model::{StreamId, Submission, Verdict, admit};

use super::draft::{Draft, Stop};
use crate::store::Loader;
use crate::{Append, LogError, Rejection};

/// Times a group looks ahead for streams to load together, where the database is far.
pub(super) const LOOKS_AHEAD: usize = 2;

impl<L: Loader> Draft<'_, L> {
    /// Loads a stream unless it is known.
    pub(super) async fn make_known(&mut self, stream: StreamId) -> Result<(), Stop> {
        if self.known.contains(stream) {
            return Ok(());
        }
        if !self.unreadable.contains_key(&stream) {
            self.load(&[stream]).await.map_err(Stop::Failed)?;
        }
        match self.unreadable.get(&stream) {
            Some(error) => Err(Rejection::Unavailable(error.clone()).into()),
            None => Ok(()),
        }
    }

    async fn load(&mut self, streams: &[StreamId]) -> Result<(), LogError> {
        for stored in self.loader.streams(streams, self.base).await? {
            let stream = stored.id;
            if let Err(error) = self.known.load(stored) {
                tracing::error!(%stream, %error, "a stream of the log cannot be read");
                self.unreadable.insert(stream, error);
            }
        }
        Ok(())
    }

    /// Loads what the group names in one question, and where the database is far the entries to compare with.
    pub(super) async fn load_ahead(&mut self, appends: &[&Append]) -> Result<(), LogError> {
        let submissions = || appends.iter().flat_map(|append| &append.submissions);
        let named = submissions().map(|submission| submission.event.stream);
        let expected = appends
            .iter()
            .flat_map(|append| &append.expected)
            .map(|(stream, _)| *stream);
        let mut missing: Vec<_> = named
            .chain(expected)
            .filter(|stream| !self.known.contains(*stream))
            .collect();
        missing.sort_unstable();
        missing.dedup();
        if !missing.is_empty() {
            self.load(&missing).await?;
        }
        if L::FAR {
            let known = |submission: &Submission| {
                Some(
                    self.known
                        .find(submission.event.stream, &submission.event.key)?
                        .position,
                )
            };
            let positions: Vec<_> = submissions().filter_map(known).collect();
            if !positions.is_empty() {
                self.stored.extend(self.loader.entries(&positions).await?);
            }
        }
        Ok(())
    }

    /// Asks the rules what the rest of the group will need, and loads that together with `stream`.
    pub(super) async fn look_ahead(&mut self, stream: StreamId, rest: &[&Append]) -> Result<(), Stop> {
        if self.looks_left == 0 {
            return Ok(());
        }
        self.looks_left -= 1;
        let mut missing = vec![stream];
        for submission in rest.iter().flat_map(|append| &append.submissions) {
            if let Ok(Verdict::Needs(stream)) = admit(&submission.event, &*self.known, self.recorded) {
                missing.push(stream);
            }
        }
        missing.sort_unstable();
        missing.dedup();
        self.load(&missing).await.map_err(Stop::Failed)
    }
}
