//! What is counted of deliveries, by partner.

use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};

use super::sender::Verdict;

const ATTEMPTS: &str = "parcours_webhook_attempts_total";
const WAITING: &str = "parcours_webhook_waiting";
const DEAD: &str = "parcours_webhook_dead";
const DISABLED: &str = "parcours_webhook_disabled";

/// Says what is counted.
pub(super) fn describe() {
    describe_counter!(
        ATTEMPTS,
        Unit::Count,
        "Calls to a partner's webhook, by what came of them: accepted, failed, gone."
    );
    describe_gauge!(
        WAITING,
        "Trainees and sessions of whom a partner's webhook has not accepted a message yet."
    );
    describe_gauge!(
        DEAD,
        "Messages that a partner's webhook was told in vain for the last time."
    );
    describe_gauge!(
        DISABLED,
        "1 if a partner's webhook is not called, having answered 410 Gone."
    );
}

/// A call has ended.
pub(super) fn attempt(partner: &str, verdict: &Verdict) {
    let result = match verdict {
        Verdict::Accepted => "accepted",
        Verdict::Failed { .. } => "failed",
        Verdict::Gone => "gone",
    };
    counter!(ATTEMPTS, "partner" => partner.to_owned(), "result" => result).increment(1);
}

/// How a partner's webhook stands.
pub(super) fn standing(partner: &str, waiting: usize, dead: u64, disabled: bool) {
    let gauge = |name: &'static str, value: f64| gauge!(name, "partner" => partner.to_owned()).set(value);
    gauge(WAITING, waiting as f64);
    gauge(DEAD, dead as f64);
    gauge(DISABLED, f64::from(u8::from(disabled)));
}
