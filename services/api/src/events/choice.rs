//! How the events of a request are to be decided.

use parcours_http::problem::{Problem, kinds};
use parcours_model::Words;
use serde::Deserialize;
use utoipa::IntoParams;

use super::media::Form;

/// The parameters of `POST /v1/events`.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Choice {
    /// A list is one decision: its events are judged together, and all of them are recorded or none. For facts that are
    /// only possible together, such as an interruption told late with its resumption.
    #[serde(default)]
    #[param(required = false)]
    pub atomic: bool,
    /// The events are decided and not recorded. Each is judged by the log as it is, and a refusal names every rule that
    /// is broken.
    #[serde(default)]
    #[param(required = false)]
    pub dry_run: bool,
}

impl Choice {
    /// Refuses to record a stream as a whole: it may have any length.
    pub(super) fn check(self, form: Form) -> Result<Self, Problem> {
        if self.atomic && form == Form::Stream {
            let detail = Words::fixed(
                "A stream is no single decision: send a list (application/cloudevents-batch+json).",
                "Un flux n'est pas une seule décision : envoyez une liste (application/cloudevents-batch+json).",
            );
            return Err(Problem::new(&kinds::INVALID_PARAMETER, detail).field("atomic"));
        }
        Ok(self)
    }
}
