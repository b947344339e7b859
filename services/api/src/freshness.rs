//! Reading what one has written: `min_position`.

use crate::state::ApiState;
use parcours_http::problem::{Problem, kinds};
use parcours_model::Words;
use parcours_projections::ViewError;
use tokio::time::timeout;

/// Waits until the view has digested the entry at `position`, if one is given.
pub(crate) async fn of_view(state: &ApiState, view: &str, position: Option<u64>) -> Result<(), Problem> {
    let Some(position) = position else {
        return Ok(());
    };
    let digested = state.views.wait_for(view, position, state.site.limits.view).await;
    digested.map_err(|behind| match behind {
        ViewError::Behind { .. } if position >= state.log.size() => nothing_there(state, position),
        behind => behind.into(),
    })
}

/// Waits until the log has an entry at `position`, if one is given: reads of the log itself are never late.
pub(crate) async fn of_log(state: &ApiState, position: Option<u64>) -> Result<(), Problem> {
    let Some(position) = position.filter(|position| *position >= state.log.size()) else {
        return Ok(());
    };
    match timeout(state.site.limits.view, state.log.follow(position).next(1)).await {
        Ok(found) => Ok(found.map(drop)?),
        Err(_) => Err(nothing_there(state, position)),
    }
}

fn nothing_there(state: &ApiState, position: u64) -> Problem {
    let size = state.log.size();
    let detail = Words::new(
        format!("There is nothing at position {position} yet: the log has {size} entries, numbered from 0."),
        format!(
            "Il n'y a encore rien à la position {position} : le journal a {size} entrées, numérotées à partir de 0."
        ),
    );
    Problem::new(&kinds::VIEW_BEHIND, detail).checkpoint(size)
}
