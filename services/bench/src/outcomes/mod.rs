//! Outcomes on their way to partners over NATS: how soon one is delivered ([`delivery`]), and how quickly an empty
//! stream is filled ([`refill`]).

mod delivery;
mod refill;
mod server;

use super::figure::Figure;
use super::inputs::Inputs;
use super::partner::declaration;
use super::scale::Scale;
use super::scratch::{Data, Scratch};
use anyhow::Context;
use parcours_outcomes::jetstream::NatsOptions;
use parcours_outcomes::{NatsSeed, Partners};
use server::Server;

/// Measures both. `data` is that of the whole programme, which nobody else has open.
pub async fn measure(
    scratch: &Scratch,
    inputs: &Inputs,
    scale: &Scale,
    options: &NatsOptions,
    data: &Data,
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
    let refilled = refill::measure(options, &server, &partners, data).await;
    server.remove().await?;
    figures.extend(refilled?);
    Ok(figures)
}

/// Declares the partner, with a key for NATS.
fn declare(scratch: &Scratch) -> anyhow::Result<Partners> {
    let declaration = declaration(None, Some(NatsSeed::new()?.key().clone()))?;
    let file = scratch.file("partners.toml");
    std::fs::write(&file, declaration.to_toml())?;
    Partners::read(&file, &scratch.file("pseudonyms.key")).context("the bench's partner is declared")
}
