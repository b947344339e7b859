//! What is to be forgotten is removed from the stream.
//!
//! A notice to forget says to a partner that what came before is to be deleted; here, what came before is deleted for whoever
//! reads the stream from its beginning later. The notices are a queue of work of their own: a durable consumer hears
//! them, and one is acknowledged when all that it speaks of is gone. So none is left out after a crash, and several
//! processes share the work. It goes on beside publishing, which never waits for it. What fails is handed back, and comes
//! again soon; how many wait, and why, is told.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, Consumer, pull};
use async_nats::jetstream::stream::Stream;
use async_nats::jetstream::{self, AckKind, ErrorCode, Message};
use chrono::DateTime;
use futures_util::TryStreamExt;
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, interval_at, sleep};

use super::api::{Api, refusal, refused};
use super::connection::NatsOptions;
use super::forgotten::Forgotten;
use super::status::Report;
use super::stream::STREAM;
use super::subject::audience;
use super::tail;
use crate::OutcomesError;

/// The consumer that hears the notices. Capitals: no partner can bear the name.
pub(super) const CONSUMER: &str = "FORGET";
const NOTICES: &str = "outcomes.*.forget.>";
/// Notices worked off together: their partners' messages are read once for all of them.
const TOGETHER: usize = 500;
/// The server is told three times as often that a notice is being worked off. One that nobody works off any more, since
/// a process has died, is taken up again then.
const DEAD_AFTER: Duration = Duration::from_secs(30);
/// How long to wait for a notice before it is looked at how many there are.
const WAIT: Duration = Duration::from_secs(5);
/// After a failure: there may be no server, or no stream yet.
const PAUSE: Duration = Duration::from_secs(2);
/// A notice that was not worked off is handed back for so long; doubles with each time, up to the longest.
const FIRST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(60);

const WHAT: &str = "remove what is to be forgotten from the stream";

/// Works notices off for ever.
pub(super) async fn forget(options: &NatsOptions, report: &Report) {
    loop {
        let Err(error) = work(options, report).await;
        // A stream that is not there yet, or no server that will do: the publisher tells of them.
        if !matches!(
            error,
            OutcomesError::NatsUnreachable(_)
                | OutcomesError::NatsTooOld { .. }
                | OutcomesError::StreamChanged(_)
        ) {
            told(report, 0, &error);
        }
        sleep(PAUSE).await;
    }
}

fn told(report: &Report, notices: usize, error: &OutcomesError) {
    let cause = error.to_string();
    if report.forgetting_failed(notices, &cause) {
        tracing::warn!(
            cause,
            "what is to be forgotten cannot be removed from the stream now; tried again"
        );
    }
}

async fn work(options: &NatsOptions, report: &Report) -> Result<Infallible, OutcomesError> {
    let api = options.connect().await?;
    look(&api, report).await?;
    let opened = api.permitted(WHAT, |_| true, open(&api));
    let (stream, notices) = opened.await?;
    let rounds = async {
        loop {
            let next = api.permitted(WHAT, |_| true, next(&notices)).await?;
            if !next.is_empty() {
                work_off(&api, &stream, next, report).await?;
            }
            look(&api, report).await?;
        }
    };
    // Nobody waits to hear whether what became of a notice was heard.
    api.permitted(WHAT, |subject| subject.starts_with("$JS.ACK."), rounds)
        .await
}

/// The stream, and the consumer of the notices, made or brought up to date.
async fn open(api: &Api) -> Result<(Stream, Consumer<pull::Config>), OutcomesError> {
    let stream = jetstream::new(api.client().clone()).get_stream(STREAM).await;
    let stream = stream.map_err(|_| OutcomesError::StreamChanged("it is gone"))?;
    let config = pull::Config {
        durable_name: Some(CONSUMER.to_owned()),
        description: Some("Notices to forget whose messages are still to be removed.".to_owned()),
        filter_subject: NOTICES.to_owned(),
        ack_policy: AckPolicy::Explicit,
        ack_wait: DEAD_AFTER,
        max_ack_pending: 2 * TOGETHER as i64,
        ..pull::Config::default()
    };
    let notices = stream.create_consumer(config).await;
    let notices = notices.map_err(|error| refused("hear the notices to forget", &error.to_string()))?;
    Ok((stream, notices))
}

/// Tells how many notices wait, and for how long.
async fn look(api: &Api, report: &Report) -> Result<(), OutcomesError> {
    #[derive(Deserialize)]
    struct Standing {
        num_pending: u64,
        num_ack_pending: u64,
        ack_floor: Floor,
    }
    #[derive(Deserialize)]
    struct Floor {
        stream_seq: u64,
    }
    let what = "tell of the notices to forget";
    let subject = format!("CONSUMER.INFO.{STREAM}.{CONSUMER}");
    let standing: Standing = match api.ask(what, &subject, None).await? {
        Ok(standing) => standing,
        // Not made yet.
        Err(error) if error.error_code() == ErrorCode::CONSUMER_NOT_FOUND => return Ok(()),
        Err(error) => return Err(refusal(what, &error)),
    };
    let waiting = standing.num_pending + standing.num_ack_pending;
    let oldest = match waiting {
        0 => None,
        _ => {
            let request = json!({"seq": standing.ack_floor.stream_seq + 1, "next_by_subj": NOTICES});
            tail::message(api, request).await?
        }
    };
    let published = oldest.and_then(|oldest| DateTime::from_timestamp(oldest.time.unix_timestamp(), 0));
    report.notices_wait(waiting, published);
    Ok(())
}

/// One notice is waited for; others that are there come with it.
async fn next(notices: &Consumer<pull::Config>) -> Result<Vec<Message>, OutcomesError> {
    let failed = |error: &dyn std::error::Error| refused("give the notices to forget", &error.to_string());
    let heard = |error: async_nats::Error| refused("give the notices to forget", &error.to_string());
    let first = notices.batch().max_messages(1).expires(WAIT).messages().await;
    let first = first.map_err(|error| failed(&error))?;
    let mut together: Vec<Message> = first.try_collect().await.map_err(heard)?;
    if !together.is_empty() {
        let others = notices.fetch().max_messages(TOGETHER).messages().await;
        let others = others.map_err(|error| failed(&error))?;
        together.extend(others.try_collect::<Vec<_>>().await.map_err(heard)?);
    }
    Ok(together)
}

/// Removes what the notices speak of, partner by partner, and acknowledges them; what fails is handed back, and told.
async fn work_off(
    api: &Api,
    stream: &Stream,
    notices: Vec<Message>,
    report: &Report,
) -> Result<(), OutcomesError> {
    let mut partners: BTreeMap<String, Vec<Message>> = BTreeMap::new();
    for notice in notices {
        let partner = audience(&notice.subject).unwrap_or_default().to_owned();
        partners.entry(partner).or_default().push(notice);
    }
    let mut failure = None;
    while let Some((partner, notices)) = partners.pop_first() {
        let work = async { Forgotten::read(&notices)?.remove(stream, &partner).await };
        let work = api.permitted(WHAT, |_| true, work);
        let in_hand = partners.values().flatten().chain(&notices);
        match busy(in_hand, work).await {
            Ok(removed) => {
                if removed > 0 {
                    tracing::info!(
                        partner,
                        messages = removed,
                        "removed from the stream what is to be forgotten"
                    );
                }
                answer(&notices, |_| AckKind::Ack).await?;
                report.notices_done(notices.len());
            }
            Err(error) => {
                answer(&notices, |times| AckKind::Nak(Some(rest(times)))).await?;
                told(report, notices.len(), &error);
                failure = Some(error);
            }
        }
    }
    // It may be the connection.
    match failure {
        Some(error) => {
            let _ = api.client().flush().await;
            Err(error)
        }
        None => {
            report.forgetting_goes_well();
            Ok(())
        }
    }
}

/// Does the work, and tells the server all the while that these notices are being worked off.
async fn busy<T>(
    notices: impl Iterator<Item = &Message> + Clone,
    work: impl Future<Output = Result<T, OutcomesError>>,
) -> Result<T, OutcomesError> {
    let third = DEAD_AFTER / 3;
    let mut signs = interval_at(Instant::now() + third, third);
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = signs.tick() => {
                for notice in notices.clone() {
                    // If it is not heard, another process may take the notice up: no harm is done.
                    let _ = notice.ack_with(AckKind::Progress).await;
                }
            }
        }
    }
}

/// Answers each notice by how many times it has come.
async fn answer(notices: &[Message], kind: impl Fn(i64) -> AckKind) -> Result<(), OutcomesError> {
    for notice in notices {
        let times = notice.info().map_or(1, |info| info.delivered);
        let answered = notice.ack_with(kind(times)).await;
        answered.map_err(|error| refused("hear what became of a notice", &error.to_string()))?;
    }
    Ok(())
}

/// How long a notice rests that has failed so many times.
fn rest(times: i64) -> Duration {
    let doublings = u32::try_from(times.saturating_sub(1).clamp(0, 10)).unwrap_or(0);
    (FIRST_REST * 2_u32.pow(doublings)).min(LONGEST_REST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_rests_longer_each_time_that_it_fails() {
        assert_eq!(rest(1), FIRST_REST);
        assert_eq!(rest(3), 4 * FIRST_REST);
        assert_eq!(rest(i64::MAX), LONGEST_REST);
    }
}
