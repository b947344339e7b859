//! Reading the whole log stream by stream, for rebuilds.

use std::sync::Arc;

use parcours_model::StreamId;

use crate::LogError;
use crate::store::{Reader, ScanRange, Streams};

/// A scan under way. Between two calls of [`next`](StreamScan::next) it holds nothing but its place.
pub struct StreamScan {
    reader: Arc<dyn Reader>,
    range: ScanRange,
    /// The stream of which the last page may have been a piece only, and the revision up to which it came.
    within: Option<(StreamId, u64)>,
}

impl StreamScan {
    pub(crate) fn new(reader: Arc<dyn Reader>, range: ScanRange) -> StreamScan {
        StreamScan {
            reader,
            range,
            within: None,
        }
    }

    /// The next streams, at least one, until `max_entries` entries or a few megabytes are together; `None` at the end.
    /// They come whole, save one that is longer than that: it comes alone, in pieces, one a page, all with its cursor.
    /// After an error the same call may be made again.
    pub async fn next(&mut self, max_entries: usize) -> Result<Option<Streams>, LogError> {
        let limit = max_entries.max(1);
        if let (Some((id, revision)), Some(cursor)) = (self.within, self.range.after) {
            let more = self
                .reader
                .stream_page(id, revision, self.range.below, limit)
                .await?;
            if let Some(last) = more.last() {
                self.within = Some((id, last.revision));
                return Ok(Some(vec![(cursor, id, more)]));
            }
            self.within = None;
        }
        let streams = self.reader.scan(self.range, limit).await?;
        let Some((cursor, id, entries)) = streams.last() else {
            return Ok(None);
        };
        self.range.after = Some(*cursor);
        if streams.len() == 1 {
            self.within = entries.last().map(|last| (*id, last.revision));
        }
        Ok(Some(streams))
    }
}
