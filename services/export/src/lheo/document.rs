//! A document from the view, piece by piece.

use bytes::Bytes;
use parcours_projections::catalogue::{Place, Query};
use parcours_projections::{ViewError, Views};

use super::sheet::Sheet;

/// A document on its way. In memory is what one part of the view has, however long the document is.
///
/// It tells what stands at the moment of the question. What is recorded while it is written may be in it, in part.
pub struct Document {
    views: Views,
    query: Query,
    sheet: Sheet,
    next: Option<Place>,
    ended: bool,
}

impl Document {
    /// Begins a document of all that `query` finds, whatever it says of a page, an order and facets; `None` where it finds
    /// nothing, for LHEO has no document without a formation.
    ///
    /// # Errors
    /// When the view cannot answer.
    pub async fn begin(views: Views, query: Query) -> Result<Option<Document>, ViewError> {
        let sheet = Sheet::begin(query.now);
        let mut document = Document {
            views,
            query,
            sheet,
            next: None,
            ended: false,
        };
        document.read().await?;
        Ok((!document.sheet.is_empty()).then_some(document))
    }

    /// The next piece; `None` after the last.
    ///
    /// # Errors
    /// When the view cannot answer: the document is broken off then, and no reader takes it for a whole one.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, ViewError> {
        let mut piece = self.sheet.take();
        if piece.is_empty() && !self.ended {
            self.read().await?;
            piece = self.sheet.take();
        }
        Ok((!piece.is_empty()).then(|| piece.into()))
    }

    /// Reads on until there is a session, or the end of all.
    async fn read(&mut self) -> Result<(), ViewError> {
        loop {
            let part = self
                .views
                .catalogue_by_offer(&self.query, self.next.as_ref())
                .await?;
            for held in &part.sessions {
                self.sheet.add(held);
            }
            self.next = part.next;
            if self.next.is_none() {
                self.ended = true;
                self.sheet.end();
                return Ok(());
            }
            if !part.sessions.is_empty() {
                return Ok(());
            }
        }
    }
}
