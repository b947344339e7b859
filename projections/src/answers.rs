//! What readers ask of the views. Each question's SQL stands with its view.

use crate::views::Views;
use crate::{ViewError, catalogue, cohorts, outcomes, people, register, territory, timeline, work};
use chrono::{DateTime, Utc};
use parcours_model::StreamId;
use std::collections::BTreeMap;
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

    /// A page of parcours.
    pub async fn people(&self, query: &people::Query) -> Result<people::Page, ViewError> {
        people::page(&self.reader(), query).await
    }

    /// A page of the profiles of those who agreed to be found.
    pub async fn profiles(&self, query: &people::ProfileQuery) -> Result<people::ProfilePage, ViewError> {
        people::profiles(&self.reader(), query).await
    }

    /// A page of the register.
    pub async fn register(&self, query: &register::Query) -> Result<register::Page, ViewError> {
        register::page(&self.reader(), query).await
    }

    /// One entry of the register; `None` if there is none of that name.
    pub async fn register_entry(
        &self,
        stream: StreamId,
        now: DateTime<Utc>,
    ) -> Result<Option<register::Entry>, ViewError> {
        register::one(&self.reader(), stream, now).await
    }

    /// A page of the catalogue.
    pub async fn catalogue(&self, query: &catalogue::Query) -> Result<catalogue::Page, ViewError> {
        catalogue::page(&self.reader(), query).await
    }

    /// Whose turn it is now to be offered a place, at most so many.
    pub async fn turns(&self, now: DateTime<Utc>, limit: usize) -> Result<Vec<catalogue::Turn>, ViewError> {
        catalogue::turns(&self.reader(), now, limit).await
    }

    /// The next part of all that a question finds, training by training: what its page, its order and its facets say is
    /// not looked at. It begins after `after`, which the part before gave.
    pub async fn catalogue_by_offer(
        &self,
        query: &catalogue::Query,
        after: Option<&catalogue::Place>,
    ) -> Result<catalogue::Part, ViewError> {
        catalogue::part(&self.reader(), query, after).await
    }

    /// The names of the operators that are registered, by SIRET.
    pub async fn operators(&self) -> Result<BTreeMap<String, String>, ViewError> {
        catalogue::operators(&self.reader()).await
    }

    /// The figures of a territory.
    pub async fn territory(&self, query: &territory::Query) -> Result<territory::Report, ViewError> {
        territory::report(&self.reader(), &self.0.territory, query).await
    }

    /// What became of the people of a territory who came in some months.
    pub async fn cohorts(&self, query: &cohorts::Query) -> Result<cohorts::Report, ViewError> {
        cohorts::report(&self.reader(), &self.0.cohorts, query).await
    }

    /// What an operator did in some months; `None` if nothing is known of it.
    pub async fn work(&self, query: &work::Query) -> Result<Option<work::Work>, ViewError> {
        work::work(&self.reader(), query).await
    }

    /// The next messages to partners after `cursor` that are told until `until`, in order: at most `limit`, fewer only if
    /// there are no more.
    pub async fn outcomes(
        &self,
        filter: &outcomes::Filter,
        cursor: Option<outcomes::Cursor>,
        until: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<outcomes::OutcomeRow>, ViewError> {
        outcomes::after(&self.reader(), filter, cursor, until, limit).await
    }

    /// The same, of the messages about one trainee or one session.
    pub async fn outcomes_about(
        &self,
        whom: StreamId,
        cursor: Option<outcomes::Cursor>,
        until: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<outcomes::OutcomeRow>, ViewError> {
        outcomes::about(&self.reader(), whom, cursor, until, limit).await
    }

    /// The message of this key about one trainee or one session, if it is told until `until` and may still be told then.
    pub async fn outcome(
        &self,
        whom: StreamId,
        key: outcomes::Key,
        until: DateTime<Utc>,
    ) -> Result<Option<outcomes::OutcomeRow>, ViewError> {
        outcomes::one(&self.reader(), whom, key, until).await
    }

    /// When the first message to partners is told that is told after this instant; `None` if none waits.
    pub async fn next_outcome(&self, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, ViewError> {
        outcomes::next_told(&self.reader(), after).await
    }
}
