//! The durable consumers, one a partner: made when missing, checked when there.

use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::{Api, refusal};
use super::stream::STREAM;
use super::subject::all_of;
use crate::OutcomesError;

/// A message that is not acknowledged by then is sent again.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(30);
/// Messages sent and not acknowledged yet, at most.
const UNACKNOWLEDGED: u32 = 1_000;

/// What must be so of a consumer; the rest (how long it waits, how much it sends at once) is the administrator's.
#[derive(Deserialize)]
struct Found {
    config: FoundConfig,
}

#[derive(Deserialize)]
struct FoundConfig {
    #[serde(default)]
    filter_subject: String,
    #[serde(default)]
    filter_subjects: Vec<String>,
    ack_policy: String,
    deliver_policy: String,
    #[serde(default)]
    deliver_subject: Option<String>,
}

/// Whether there is a consumer of this partner, checked.
pub(super) async fn find(api: &Api, partner: &str) -> Result<bool, OutcomesError> {
    let what = "tell of a consumer";
    let subject = format!("CONSUMER.INFO.{STREAM}.{partner}");
    let found: Found = match api.ask(what, &subject, None).await? {
        Ok(found) => found,
        Err(error) if error.error_code() == ErrorCode::CONSUMER_NOT_FOUND => return Ok(false),
        Err(error) => return Err(refusal(what, &error)),
    };
    let FoundConfig {
        filter_subject,
        filter_subjects,
        ack_policy,
        deliver_policy,
        deliver_subject,
    } = found.config;
    let mut differences = Vec::new();
    let wanted = all_of(partner);
    if filter_subject != wanted || !filter_subjects.is_empty() {
        differences.push(format!(
            "it hears {filter_subject:?} and {filter_subjects:?} instead of {wanted:?}"
        ));
    }
    if ack_policy != "explicit" {
        differences.push(format!(
            "its ack policy is {ack_policy:?} instead of \"explicit\""
        ));
    }
    if deliver_policy != "all" {
        differences.push(format!(
            "its deliver policy is {deliver_policy:?} instead of \"all\""
        ));
    }
    if let Some(subject) = deliver_subject {
        differences.push(format!("it pushes to {subject:?} instead of being pulled"));
    }
    match differences.is_empty() {
        true => Ok(true),
        false => Err(OutcomesError::ConsumerDiffers {
            partner: partner.to_owned(),
            differences,
        }),
    }
}

/// Makes the consumer of this partner, at the beginning of what it may hear.
pub(super) async fn make(api: &Api, partner: &str) -> Result<(), OutcomesError> {
    let what = "make a consumer";
    let filter = all_of(partner);
    let subject = format!("CONSUMER.CREATE.{STREAM}.{partner}.{filter}");
    let request = json!({
        "stream_name": STREAM,
        "action": "create",
        "config": {
            "name": partner,
            "durable_name": partner,
            "filter_subject": filter,
            "ack_policy": "explicit",
            "deliver_policy": "all",
            "replay_policy": "instant",
            "ack_wait": u64::try_from(ACKNOWLEDGED_WITHIN.as_nanos()).unwrap_or(u64::MAX),
            "max_ack_pending": UNACKNOWLEDGED,
            "max_deliver": -1,
        },
    });
    match api.ask::<Value>(what, &subject, Some(request)).await? {
        Ok(_) => {
            tracing::info!(partner, stream = STREAM, "made the partner's consumer");
            Ok(())
        }
        // Another publisher was quicker.
        Err(error)
            if [ErrorCode::CONSUMER_ALREADY_EXISTS, ErrorCode::CONSUMER_NAME_EXIST]
                .contains(&error.error_code()) =>
        {
            Ok(())
        }
        Err(error) => Err(refusal(what, &error)),
    }
}
