//! The stream: made when missing, checked when there.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, Info, PersistenceMode, RetentionPolicy, StorageType,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::{Api, refusal};
use crate::OutcomesError;

/// Its name.
pub const STREAM: &str = "OUTCOMES";
/// What it holds.
pub const SUBJECTS: &str = "outcomes.>";

/// For those who read with a window of their own; the publisher does not rely on it.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

/// What the stream has to be.
///
/// Nothing is ever dropped from it by itself: a message that went would be missed by a partner, and the last one leads
/// back to the log. A limit on its bytes is the administrator's to set; a full stream refuses what is new, and says so.
fn wanted(replicas: usize) -> Config {
    Config {
        name: STREAM.to_owned(),
        description: Some("What becomes of people, for partners. Filled by `parcours serve`.".to_owned()),
        subjects: vec![SUBJECTS.to_owned()],
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        num_replicas: replicas,
        discard: DiscardPolicy::New,
        max_messages: -1,
        max_messages_per_subject: -1,
        max_bytes: -1,
        max_consumers: -1,
        duplicate_window: DUPLICATE_WINDOW,
        allow_atomic_publish: true,
        ..Config::default()
    }
}

/// The stream as it stands, checked; `None` if there is none.
pub(super) async fn find(api: &Api, replicas: usize) -> Result<Option<Info>, OutcomesError> {
    let Some(info) = look(api).await? else {
        return Ok(None);
    };
    let differences = differences(&wanted(replicas), &info.config);
    match differences.is_empty() {
        true => Ok(Some(info)),
        false => Err(OutcomesError::StreamDiffers { differences }),
    }
}

/// The stream as it stands; `None` if there is none.
pub(super) async fn look(api: &Api) -> Result<Option<Info>, OutcomesError> {
    let what = "tell of the stream";
    match api.ask(what, &format!("STREAM.INFO.{STREAM}"), None).await? {
        Ok(info) => Ok(Some(info)),
        Err(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND => Ok(None),
        Err(error) => Err(refusal(what, &error)),
    }
}

/// Makes the stream.
///
/// Its messages are numbered from the microsecond on in which it is made: no two streams of this name ever use the
/// same number, unless a thousand messages come a millisecond, so that a publisher who saw the end of one cannot mistake
/// it for the end of the next. The numbers stay below 2⁵³, which JavaScript counts exactly, until the year 2255.
pub(super) async fn make(api: &Api, replicas: usize) -> Result<(), OutcomesError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let config = Config {
        first_sequence: u64::try_from(now.as_micros()).ok(),
        ..wanted(replicas)
    };
    let what = "make the stream";
    match api
        .ask::<Value>(what, &format!("STREAM.CREATE.{STREAM}"), Some(json!(config)))
        .await?
    {
        Ok(_) => {
            tracing::info!(stream = STREAM, replicas, "made the stream");
            Ok(())
        }
        // Another publisher was quicker.
        Err(error) if error.error_code() == ErrorCode::STREAM_NAME_EXIST => Ok(()),
        Err(error) => Err(refusal(what, &error)),
    }
}

/// Removes the stream, with its messages and the positions of its consumers.
pub(super) async fn remove(api: &Api) -> Result<(), OutcomesError> {
    let what = "remove the stream";
    match api
        .ask::<Value>(what, &format!("STREAM.DELETE.{STREAM}"), None)
        .await?
    {
        Err(error) if error.error_code() != ErrorCode::STREAM_NOT_FOUND => Err(refusal(what, &error)),
        _ => Ok(()),
    }
}

/// Removes the messages on these subjects before the one of this number; tells how many.
pub(super) async fn purge(api: &Api, subjects: &str, before: u64) -> Result<u64, OutcomesError> {
    #[derive(Deserialize)]
    struct Purged {
        purged: u64,
    }
    let what = "remove what a partner was told";
    let request = json!({"filter": subjects, "seq": before});
    match api
        .ask::<Purged>(what, &format!("STREAM.PURGE.{STREAM}"), Some(request))
        .await?
    {
        Ok(Purged { purged }) => Ok(purged),
        Err(error) => Err(refusal(what, &error)),
    }
}

/// What is not as it must be, each with what to do.
fn differences(wanted: &Config, found: &Config) -> Vec<String> {
    let edit = |flag: &str| format!("`nats stream edit {STREAM} {flag}`");
    let again = "`parcours outcomes refill --replace` makes it again".to_owned();
    let mut differences = Vec::new();
    let mut compare = |name: &str, wanted: Value, found: Value, cure: String| {
        if wanted != found {
            differences.push(format!("{name} is {found} instead of {wanted} ({cure})"));
        }
    };
    compare(
        "replicas",
        json!(wanted.num_replicas),
        json!(found.num_replicas),
        format!(
            "{}, or start with --nats-replicas {}",
            edit(&format!("--replicas {}", wanted.num_replicas)),
            found.num_replicas
        ),
    );
    compare(
        "subjects",
        json!(wanted.subjects),
        json!(found.subjects),
        edit(&format!("--subjects '{SUBJECTS}'")),
    );
    compare(
        "storage",
        json!(wanted.storage),
        json!(found.storage),
        again.clone(),
    );
    compare(
        "retention",
        json!(wanted.retention),
        json!(found.retention),
        again.clone(),
    );
    compare(
        "discard",
        json!(wanted.discard),
        json!(found.discard),
        edit("--discard new"),
    );
    compare(
        "max_msgs",
        json!(-1),
        json!(found.max_messages),
        edit("--max-msgs=-1"),
    );
    compare(
        "max_msgs_per_subject",
        json!(-1),
        json!(found.max_messages_per_subject),
        edit("--max-msgs-per-subject=-1"),
    );
    compare(
        "max_age",
        json!("0ns"),
        json!(format!("{:?}", found.max_age)),
        edit("--max-age=0"),
    );
    compare(
        "duplicate_window",
        json!(format!("{:?}", wanted.duplicate_window)),
        json!(format!("{:?}", found.duplicate_window)),
        edit("--dupe-window=2m"),
    );
    compare(
        "allow_atomic",
        json!(true),
        json!(found.allow_atomic_publish),
        edit("--allow-batch"),
    );
    compare("no_ack", json!(false), json!(found.no_ack), edit("--ack"));
    compare("sealed", json!(false), json!(found.sealed), again.clone());
    compare(
        "deny_delete",
        json!(false),
        json!(found.deny_delete),
        again.clone(),
    );
    let asynchronous = found.persist_mode == Some(PersistenceMode::Async);
    compare(
        "asynchronous persistence",
        json!(false),
        json!(asynchronous),
        again.clone(),
    );
    let fed = found.mirror.is_some() || found.sources.as_ref().is_some_and(|sources| !sources.is_empty());
    compare("fed from other streams", json!(false), json!(fed), again.clone());
    let transformed = found.subject_transform.is_some();
    compare("a transform of subjects", json!(false), json!(transformed), again);
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_as_it_is_made_has_no_differences() {
        assert_eq!(differences(&wanted(3), &wanted(3)), Vec::<String>::new());
    }

    #[test]
    fn each_difference_is_named_with_what_to_do() {
        let found = Config {
            num_replicas: 1,
            max_age: Duration::from_secs(60),
            discard: DiscardPolicy::Old,
            ..wanted(3)
        };
        let told = differences(&wanted(3), &found);
        assert_eq!(told.len(), 3, "{told:?}");
        for words in [
            "replicas is 1 instead of 3",
            "--nats-replicas 1",
            "max_age is \"60s\"",
            "--discard new",
        ] {
            assert!(told.iter().any(|told| told.contains(words)), "{words}: {told:?}");
        }
    }

    #[test]
    fn a_limit_on_bytes_is_the_administrators() {
        let found = Config {
            max_bytes: 1 << 30,
            ..wanted(1)
        };
        assert!(differences(&wanted(1), &found).is_empty());
    }
}
