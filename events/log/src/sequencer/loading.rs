//! Loading what a draft has to know, in as few questions as the distance of the database asks for.

use parcours_model::{StreamId, Submission, Verdict, admit};

use super::draft::{Draft, Stop};
use super::known;
use crate::store::{Loader, StoredStream};
use crate::{Append, LogError, Rejection};

/// Times a group looks ahead for streams to load together, where the database is far.
pub(super) const LOOKS_AHEAD: usize = 2;
/// Entries of a page of a gathered stream.
const PAGE: usize = 4_096;

impl<L: Loader> Draft<'_, L> {
    /// Loads a stream unless it is known.
    pub(super) async fn make_known(&mut self, stream: StreamId) -> Result<(), Stop> {
        if self.known.wake(stream) {
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
        let (gathered, whole): (Vec<StreamId>, Vec<StreamId>) =
            streams.iter().partition(|stream| stream.kind.is_gathered());
        for stored in self.loader.streams(&whole, self.base).await? {
            let StoredStream { id, number, entries } = stored;
            let loaded = entries.and_then(|entries| self.known.load(id, number, &entries));
            if let Err(error) = loaded {
                self.cannot_read(id, error);
            }
        }
        for stream in gathered {
            self.gather(stream).await?;
        }
        Ok(())
    }

    /// Loads a stream of any length page by page, and keeps what decisions need.
    async fn gather(&mut self, stream: StreamId) -> Result<(), LogError> {
        let mut gathered = self.known.take_gathered(stream);
        loop {
            let asked = self
                .loader
                .stream_page(stream, gathered.revision(), self.base, PAGE);
            let page = match asked.await {
                Err(error @ LogError::Damaged(_)) => {
                    self.cannot_read(stream, error);
                    return Ok(());
                }
                page => page?,
            };
            for entry in &page.entries {
                match known::next(stream, gathered.revision(), entry) {
                    Ok(record) => gathered.push(&record),
                    Err(error) => {
                        self.cannot_read(stream, error);
                        return Ok(());
                    }
                }
            }
            if page.entries.is_empty() {
                self.known.put_gathered(stream, page.number, gathered);
                return Ok(());
            }
        }
    }

    fn cannot_read(&mut self, stream: StreamId, error: LogError) {
        tracing::error!(%stream, %error, "a stream of the log cannot be read");
        self.unreadable.insert(stream, error);
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
            .filter(|stream| !self.known.wake(*stream))
            .collect();
        missing.sort_unstable();
        missing.dedup();
        if !missing.is_empty() {
            self.load(&missing).await?;
        }
        if L::FAR {
            let known = |submission: &Submission| {
                let event = &submission.event;
                self.known
                    .find(event.stream, &event.key)
                    .map(|(position, _)| position)
            };
            let positions: Vec<_> = submissions().filter_map(known).collect();
            if !positions.is_empty() {
                match self.loader.entries(&positions).await {
                    // Whoever needs that one hears of it.
                    Err(LogError::Damaged(_)) => {}
                    entries => self.stored.extend(entries?),
                }
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
            let event = &submission.event;
            if self.known.find(event.stream, &event.key).is_none()
                && let Ok(Verdict::Needs(stream)) = admit(&[event], self.known, self.now)
            {
                missing.push(stream);
            }
        }
        missing.sort_unstable();
        missing.dedup();
        self.load(&missing).await.map_err(Stop::Failed)
    }
}
