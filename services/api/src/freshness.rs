//! Reading what one has written: `min_position`.

use crate::state::ApiState;
use parcours_http::problem::{Problem, kinds};
use parcours_model::Words;
use tokio::time::timeout;

/// Waits until the view has digested the entry at `position`, if one is given.
pub(crate) async fn of_view(state: &ApiState, view: &str, position: Option<u64>) -> Result<(), Problem> {
    if let Some(position) = position {
        state
            .views
            .wait_for(view, position, state.site.limits.view)
            .await?;
    }
    Ok(())
}

/// Waits until the log has an entry at `position`, if one is given: reads of the log itself are never late.
pub(crate) async fn of_log(state: &ApiState, position: Option<u64>) -> Result<(), Problem> {
    let Some(position) = position.filter(|position| *position >= state.log.size()) else {
        return Ok(());
    };
    match timeout(state.site.limits.view, state.log.follow(position).next(1)).await {
        Ok(found) => Ok(found.map(drop)?),
        Err(_) => {
            let size = state.log.size();
            let detail = Words::new(
                format!("There is nothing at position {position} yet: the log goes on at {size}."),
                format!("Il n'y a encore rien à la position {position} : le journal en est à {size}."),
            );
            Err(Problem::new(&kinds::VIEW_BEHIND, detail).checkpoint(size))
        }
    }
}
