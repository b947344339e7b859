//! What `jetstream` tests on the newest NATS server, on the oldest that outcomes are published to.

#[path = "../jetstream/main.rs"]
mod jetstream;
