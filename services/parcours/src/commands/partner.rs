//! `parcours partner`: declaring who may hear of outcomes.

use super::Ending;
use crate::arguments::Output;
use crate::configuration::Configuration;
use crate::open;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use parcours_console::{all_said, mention, say};
use parcours_model::TerritoryCode;
use parcours_outcomes::webhook::{Begin, Endpoint, EndpointUrl, SecretPlace, new_signing_secret};
use parcours_outcomes::{Declaration, MasterKey, NatsKey, NatsSeed, Pseudonyms, SecretHash, new_secret};
use parcours_projections::outcomes::OutcomeKind;
use serde_json::json;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

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
    /// It receives calls at this address, signed with a secret that is made beside the file of partners: NAME.whsec
    #[arg(long, value_name = "URL")]
    pub webhook: Option<EndpointUrl>,
    /// Its webhook is told what is new when it is first called, and not what there is by then
    #[arg(long, requires = "webhook")]
    pub webhook_from_now: bool,
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
pub async fn run(configuration: &Configuration, command: &PartnerCommand) -> anyhow::Result<Ending> {
    let PartnerCommand::New(args) = command;
    open::must_have_a_log(configuration).await?;
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
        webhook: args.webhook.clone().map(|url| Endpoint {
            url,
            secrets: vec![SecretPlace::File(format!("{}.whsec", args.name).into())],
            begin: match args.webhook_from_now {
                true => Begin::Now,
                false => Begin::Beginning,
            },
        }),
    };
    if let Some(fault) = declaration.fault() {
        bail!("{fault}");
    }
    std::fs::create_dir_all(&configuration.data)?;
    let master = MasterKey::read_or_make(&configuration.pseudonym_key)?;
    declaration.pseudonyms = Some(Pseudonyms::of(&master, &args.name).fingerprint().to_owned());
    let file = configuration.partners.clone();
    let file = file.unwrap_or_else(|| configuration.usual_partners());
    let signing_file = file.with_file_name(format!("{}.whsec", args.name));
    let signing = match &declaration.webhook {
        Some(_) => Some(keep_signing_secret(&signing_file)?),
        None => None,
    };
    if args.output.json {
        let mut told = json!({"secret": secret, "declaration": declaration});
        if let Some(seed) = seed {
            told["nats_seed"] = json!(seed.as_str());
        }
        if let Some(signing) = signing {
            told["webhook_secret"] = json!(signing);
        }
        say!("{told}");
    } else {
        say!("{}", declaration.to_toml());
        if let Err(unwritten) = all_said() {
            // A secret of a declaration that nobody has opens nothing, and the same name can be tried again.
            if signing.is_some() {
                let _ = std::fs::remove_file(&signing_file);
            }
            return Err(unwritten);
        }
        mention!("The secret of {:?}, shown this once: {secret}", args.name);
        if let Some(seed) = seed {
            mention!("Its seed for NATS, shown this once: {}", seed.as_str());
        }
        if let Some(signing) = signing {
            mention!("The secret that signs calls to its webhook, to be given to it: {signing}");
        }
        mention!(
            "Add what is on standard output to {}, and start the service again.",
            file.display()
        );
    }
    Ok(Ending::Done)
}

/// Makes a secret that signs, and keeps it for its owner's eyes only, where there is none yet.
fn keep_signing_secret(file: &Path) -> anyhow::Result<String> {
    let secret = new_signing_secret()?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let kept = options.open(file).and_then(|mut file| {
        writeln!(file, "{secret}")?;
        file.sync_all()
    });
    kept.with_context(|| format!("the secret of the webhook cannot be kept in {}", file.display()))?;
    Ok(secret)
}
