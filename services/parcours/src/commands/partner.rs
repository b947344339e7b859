//! `parcours partner`: declaring who may hear of outcomes.

use super::Ending;
use crate::arguments::Output;
use crate::configuration::Configuration;
use crate::open;
use anyhow::bail;
use clap::{Args, Subcommand};
use parcours_model::TerritoryCode;
use parcours_outcomes::{Declaration, MasterKey, NatsKey, NatsSeed, Pseudonyms, SecretHash, new_secret};
use parcours_projections::outcomes::OutcomeKind;
use serde_json::json;

/// What `parcours partner` may be told.
#[derive(Clone, Debug, Subcommand)]
pub enum PartnerCommand {
    /// Write a partner's declaration to standard output, for the file of partners, and its new secret to standard error
    ///
    /// The secret is shown this once. For a new secret of a partner that exists, add its hash to `secrets` beside the
    /// old one, and take the old one away when the partner uses the new.
    New(NewArgs),
}

/// What `parcours partner new` may be told.
#[derive(Clone, Debug, Args)]
pub struct NewArgs {
    /// Its name: small letters, digits and hyphens
    pub name: String,
    /// It hears of people who live, and of sessions that are held, in these: level/code, such as departement/76
    #[arg(
        long = "territory",
        required = true,
        value_delimiter = ',',
        value_name = "LEVEL/CODE,…"
    )]
    pub territories: Vec<TerritoryCode>,
    /// It hears of these only: entry, certification, employment, business, exit, followup, place
    #[arg(long = "kind", value_delimiter = ',', value_parser = kind, value_name = "KIND,…")]
    pub kinds: Option<Vec<OutcomeKind>>,
    /// It also reads over NATS, with this key: the public part of an nkey of its own making [default: makes one, and
    /// writes its seed to standard error]
    #[arg(long, value_name = "KEY", num_args = 0..=1)]
    pub nats_key: Option<Option<NatsKey>>,
    #[command(flatten)]
    pub(crate) output: Output,
}

fn kind(word: &str) -> Result<OutcomeKind, String> {
    let known = OutcomeKind::ALL
        .into_iter()
        .filter(|kind| *kind != OutcomeKind::Forget);
    let words: Vec<_> = known.clone().map(OutcomeKind::as_str).collect();
    known
        .into_iter()
        .find(|kind| kind.as_str() == word)
        .ok_or_else(|| format!("expected {}", words.join(", ")))
}

/// Does what is asked.
pub fn run(configuration: &Configuration, command: &PartnerCommand) -> anyhow::Result<Ending> {
    let PartnerCommand::New(args) = command;
    // Those there are must be right first; they may need a key that is lost.
    let others = open::partners(configuration)?;
    if others.all().iter().any(|partner| partner.name() == args.name) {
        bail!(
            "there is a partner {:?} already: names are never used again",
            args.name
        );
    }
    let secret = new_secret()?;
    let seed = match &args.nats_key {
        Some(None) => Some(NatsSeed::new()?),
        _ => None,
    };
    let mut declaration = Declaration {
        name: args.name.clone(),
        territories: args.territories.clone(),
        kinds: args.kinds.clone().map(|kinds| kinds.into_iter().collect()),
        secrets: vec![SecretHash::of(&secret)],
        pseudonyms: None,
        nats: match &seed {
            Some(seed) => Some(seed.key().clone()),
            None => args.nats_key.clone().flatten(),
        },
    };
    if let Some(fault) = declaration.fault() {
        bail!("{fault}");
    }
    std::fs::create_dir_all(&configuration.data)?;
    let master = MasterKey::read_or_make(&configuration.pseudonym_key)?;
    declaration.pseudonyms = Some(Pseudonyms::of(&master, &args.name).fingerprint().to_owned());
    if args.output.json {
        let seed = seed.as_ref().map(NatsSeed::as_str);
        println!(
            "{}",
            json!({"secret": secret, "nats_seed": seed, "declaration": declaration})
        );
    } else {
        println!("{}", declaration.to_toml());
        let file = configuration.partners.clone();
        let seed = seed
            .as_ref()
            .map(|seed| format!("Its seed for NATS, shown this once: {}\n", seed.as_str()));
        eprintln!(
            "The secret of {:?}, shown this once: {secret}\n{}Add what is on standard output to {}, and start the service again.",
            args.name,
            seed.unwrap_or_default(),
            file.unwrap_or_else(|| configuration.usual_partners()).display()
        );
    }
    Ok(Ending::Done)
}
