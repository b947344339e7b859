//! What readers, projector and rebuilds share.

use std::sync::Arc;

use parcours_log::Log;

use crate::ViewError;
use crate::lineage::{self, mark_of};
use crate::reading::PassedOver;
use crate::standing::Board;
use crate::store::{State, Store};
use crate::view::View;

/// The views' database, and what this process knows of where its views stand.
pub(crate) struct Shared {
    pub store: Arc<dyn Store>,
    pub board: Board,
}

impl Shared {
    /// Reads from the database where the views stand.
    pub async fn refresh(&self) -> Result<(), ViewError> {
        for generation in self.store.generations().await? {
            self.board.saw(&generation);
        }
        self.board.passes_over(self.store.passed_over().await?);
        Ok(())
    }

    /// What the view passes over of this log.
    pub async fn passed_over(&self, view: &View, log: &Log) -> Result<PassedOver, ViewError> {
        Ok(lineage::of_this(log, &self.board.passed_over(view)).await?)
    }

    /// Looks whether the generations that answer are of this log.
    pub async fn compare(&self, log: &Log) -> Result<(), ViewError> {
        for generation in self.store.generations().await? {
            if let Some((view, _)) = self.board.find(&generation.view)
                && generation.state == State::Live
                && mark_of(log, &generation).await?.is_none()
            {
                self.board.diverged(view, &generation);
            }
            self.board.saw(&generation);
        }
        Ok(())
    }
}
