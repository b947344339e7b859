//! What readers ask of the views. Each question's SQL stands with its view.

use crate::views::Views;
use crate::{ViewError, catalogue, outcomes, territory, timeline};
use chrono::{DateTime, Utc};
use parcours_model::StreamId;
use uuid::Uuid;

impl Views {
    /// The timeline of a parcours as of `now`, as [`timeline::tell`] tells it; `None` if the view knows of none.
    pub async fn timeline(
        &self,
        parcours: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Option<timeline::Told>, ViewError> {
        timeline::read(&self.reader(), parcours, now).await
    }

    /// A page of the catalogue.
    pub async fn catalogue(&self, query: &catalogue::Query) -> Result<catalogue::Page, ViewError> {
        catalogue::page(&self.reader(), query).await
    }

    /// The figures of a territory.
    pub async fn territory(&self, query: &territory::Query) -> Result<territory::Report, ViewError> {
        territory::report(&self.reader(), query).await
    }

    /// The next messages to partners after `cursor`, in order: at most `limit`, fewer only if there are no more.
    pub async fn outcomes(
        &self,
        filter: &outcomes::Filter,
        cursor: Option<outcomes::Key>,
        limit: usize,
    ) -> Result<Vec<outcomes::OutcomeRow>, ViewError> {
        outcomes::after(&self.reader(), filter, cursor, limit).await
    }

    /// The next messages about one trainee or one session after `cursor`, in order, at most `limit`.
    pub async fn outcomes_about(
        &self,
        whom: StreamId,
        cursor: Option<outcomes::Key>,
        limit: usize,
    ) -> Result<Vec<outcomes::OutcomeRow>, ViewError> {
        outcomes::about(&self.reader(), whom, cursor, limit).await
    }
}
