//! Outcomes on their way to partners over NATS: how soon one is delivered ([`delivery`]), and how quickly an empty
//! stream is filled ([`refill`]).

mod delivery;
mod refill;
mod server;

use super::figure::Figure;
use super::inputs::Inputs;
use super::scale::Scale;
use super::scratch::Scratch;
use anyhow::Context;
use parcours_log::Location;
use parcours_outcomes::jetstream::NatsOptions;
use parcours_outcomes::{Declaration, NatsSeed, Partners};
use server::Server;

/// The partner that listens: to everything.
const PARTNER: &str = "bench";

/// Measures both. `log` and `views` are those of the whole programme, which nobody else has open.
pub async fn measure(
    scratch: &Scratch,
    inputs: &Inputs,
    scale: &Scale,
    options: &NatsOptions,
    log: &Location,
    views: &Location,
) -> anyhow::Result<Vec<Figure>> {
    let server = Server::connect(options).await?;
    server.must_have_no_stream().await?;
    let partners = declare(scratch)?;
    tracing::info!(
        "watching outcomes being delivered, {} events a second",
        super::scale::PACE
    );
    let delivered = delivery::watch(scratch, inputs, scale, options, &server, &partners).await;
    server.remove().await?;
    let mut figures = delivered?;
    let refilled = refill::measure(options, &server, &partners, log, views).await;
    server.remove().await?;
    figures.extend(refilled?);
    Ok(figures)
}

/// A partner that hears of everything in the région.
fn declare(scratch: &Scratch) -> anyhow::Result<Partners> {
    let declaration = Declaration {
        name: PARTNER.to_owned(),
        territories: vec!["region/28".parse().map_err(anyhow::Error::msg)?],
        kinds: None,
        secrets: Vec::new(),
        pseudonyms: None,
        nats: Some(NatsSeed::new()?.key().clone()),
        webhook: None,
    };
    let file = scratch.file("partners.toml");
    std::fs::write(&file, declaration.to_toml())?;
    Partners::read(&file, &scratch.file("pseudonyms.key")).context("the bench's partner is declared")
}
