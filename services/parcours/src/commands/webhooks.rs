//! `parcours webhooks`: how deliveries stand, and what is to be tried again; while a service delivers, or none does.

use super::Ending;
use crate::arguments::Output;
use crate::configuration::Configuration;
use crate::open;
use anyhow::{Context, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand};
use parcours_console::numbers::{counted, whole};
use parcours_console::say;
use parcours_outcomes::webhook::{Desk, EndpointStanding, Held};
use parcours_outcomes::{Audience, Partners};
use parcours_projections::Views;
use parcours_projections::outcomes::Key;
use serde_json::{Value, json};
use std::sync::Arc;

/// What `parcours webhooks` may be told.
#[derive(Clone, Debug, Subcommand)]
pub enum WebhooksCommand {
    /// How the deliveries to each partner stand
    List(ListArgs),
    /// What of a partner's messages waits to be tried again, and what was given up (dead letters)
    Show(ShowArgs),
    /// Have dead letters tried again, each once, by their ids or with --all; what is accepted leaves the list
    Replay(ReplayArgs),
    /// Call a webhook again that was disabled by 410 Gone, and try at once whatever waits
    Enable(EnableArgs),
    /// Forget what a partner was told, what waits and what was given up: it is called as one that was never called. For a log
    /// that was restored to an earlier state
    Reset(ResetArgs),
}

/// What `parcours webhooks list` may be told.
#[derive(Clone, Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    pub(crate) output: Output,
}

/// What `parcours webhooks show` may be told.
#[derive(Clone, Debug, Args)]
pub struct ShowArgs {
    /// The name of the partner
    pub partner: String,
    /// Of each list, at most so many
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = whole::<u32>(1, 100_000, 100))]
    pub limit: u32,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// What `parcours webhooks replay` may be told.
#[derive(Clone, Debug, Args)]
pub struct ReplayArgs {
    /// The name of the partner
    pub partner: String,
    /// The ids of the messages, as `show` lists them; --all for every dead letter
    #[arg(required_unless_present = "all", conflicts_with = "all", value_name = "ID")]
    pub ids: Vec<String>,
    /// Every dead letter of the partner
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// What `parcours webhooks enable` may be told.
#[derive(Clone, Debug, Args)]
pub struct EnableArgs {
    /// The name of the partner
    pub partner: String,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// What `parcours webhooks reset` may be told.
#[derive(Clone, Debug, Args)]
pub struct ResetArgs {
    /// The name of the partner
    pub partner: String,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Does what is asked.
pub async fn run(configuration: &Configuration, command: &WebhooksCommand) -> anyhow::Result<Ending> {
    let partners = open::partners_with_their_key(configuration)?;
    let audience = |name: &str| audience(configuration, &partners, name);
    match command {
        WebhooksCommand::List(args) => {
            let standings = match Desk::read(&configuration.views).await? {
                Some(mut desk) => desk.endpoints().await?,
                None => Vec::new(),
            };
            list(&partners, &standings, args.output);
        }
        WebhooksCommand::Show(args) => {
            let audience = audience(&args.partner)?;
            let desk = Desk::read(&configuration.views).await?;
            let mut desk = desk.with_context(|| nothing(configuration, &args.partner))?;
            let views = open::views_to_read(configuration).await?;
            show(&audience, &views, &mut desk, args).await?;
        }
        WebhooksCommand::Replay(args) => replay(configuration, &audience(&args.partner)?, args).await?,
        WebhooksCommand::Enable(args) => {
            audience(&args.partner)?;
            let mut desk = to_order(configuration, &args.partner).await?;
            if !desk.enable(&args.partner).await? {
                bail!("{}", nothing(configuration, &args.partner));
            }
            tell(args.output, &json!({"enabled": args.partner}), || {
                say!(
                    "{}: called again, and whatever waits is tried at once",
                    args.partner
                );
            });
        }
        WebhooksCommand::Reset(args) => {
            audience(&args.partner)?;
            let mut desk = to_order(configuration, &args.partner).await?;
            if !desk.reset(&args.partner).await? {
                bail!("{}", nothing(configuration, &args.partner));
            }
            tell(args.output, &json!({"reset": args.partner}), || {
                say!("{}: called as a partner that was never called", args.partner);
            });
        }
    }
    Ok(Ending::Done)
}

/// What is remembered, to give orders about a partner.
async fn to_order(configuration: &Configuration, partner: &str) -> anyhow::Result<Desk> {
    let desk = Desk::open(&configuration.views).await?;
    desk.with_context(|| nothing(configuration, partner))
}

fn nothing(configuration: &Configuration, partner: &str) -> String {
    format!(
        "nothing was delivered to {partner:?} yet, by what stands beside the views in {}",
        open::place(&configuration.views)
    )
}

fn tell(output: Output, value: &Value, words: impl FnOnce()) {
    match output.json {
        true => say!("{value}"),
        false => words(),
    }
}

/// The partner of this name, which must have a webhook.
fn audience(configuration: &Configuration, partners: &Partners, name: &str) -> anyhow::Result<Audience> {
    let with_webhook = partners
        .all()
        .iter()
        .filter(|partner| partner.declaration.webhook.is_some());
    let names: Vec<&str> = with_webhook.clone().map(|partner| partner.name()).collect();
    let found = with_webhook.into_iter().find(|partner| partner.name() == name);
    let found = found.with_context(|| match names.is_empty() {
        true => {
            let file = configuration.partners.clone();
            let file = file.unwrap_or_else(|| configuration.usual_partners());
            format!("no partner has a webhook, by {}", file.display())
        }
        false => format!(
            "no partner {name:?} has a webhook: there are {}",
            names.join(", ")
        ),
    })?;
    Ok(Audience::Partner(Arc::clone(found)))
}

fn list(partners: &Partners, standings: &[EndpointStanding], output: Output) {
    let mut rows = Vec::new();
    for partner in partners.all() {
        if let Some(endpoint) = &partner.declaration.webhook {
            let standing = standings
                .iter()
                .find(|standing| standing.partner == partner.name());
            rows.push(row(partner.name(), &endpoint.url.to_string(), standing));
        }
    }
    tell(output, &Value::from(rows.clone()), || {
        if rows.is_empty() {
            say!("no partner has a webhook");
            return;
        }
        say!(
            "{:<24}  {:<10}  {:>7}  {:>5}  {:<20}  failed",
            "partner",
            "state",
            "waiting",
            "dead",
            "accepted"
        );
        for row in rows {
            let text = |name: &str| row[name].as_str().unwrap_or("-").to_owned();
            let failed = match row["failure"].as_str() {
                Some(why) => format!("{}  {why}", text("failed")),
                None => "-".to_owned(),
            };
            say!(
                "{:<24}  {:<10}  {:>7}  {:>5}  {:<20}  {failed}",
                text("partner"),
                text("state"),
                row["waiting"].to_string(),
                row["dead"].to_string(),
                text("accepted"),
            );
        }
    });
}

fn row(partner: &str, url: &str, standing: Option<&EndpointStanding>) -> Value {
    let state = match standing {
        None => "new",
        Some(standing) if standing.disabled.is_some() => "disabled",
        Some(standing)
            if standing
                .failed
                .as_ref()
                .is_some_and(|(at, _)| Some(*at) > standing.accepted_at) =>
        {
            "failing"
        }
        Some(_) => "delivering",
    };
    let failed = standing.and_then(|standing| standing.failed.as_ref());
    let disabled = standing.and_then(|standing| standing.disabled.as_ref());
    json!({
        "partner": partner,
        "url": url,
        "state": state,
        "waiting": standing.map_or(0, |standing| standing.waiting),
        "dead": standing.map_or(0, |standing| standing.dead),
        "accepted": standing.and_then(|standing| standing.accepted_at).map(instant),
        "failed": failed.map(|(at, _)| instant(*at)),
        "failure": failed.map(|(_, why)| why),
        "disabled": disabled.map(|(at, _)| instant(*at)),
        "cursor": standing.and_then(|standing| standing.cursor),
    })
}

async fn show(audience: &Audience, views: &Views, desk: &mut Desk, args: &ShowArgs) -> anyhow::Result<()> {
    let waiting = desk.waiting(&args.partner, args.limit).await?;
    let dead = desk.letters(&args.partner, args.limit).await?;
    let mut told = json!({"partner": args.partner, "waiting": [], "dead": []});
    for (name, when, list) in [("waiting", "due", waiting), ("dead", "died", dead)] {
        let mut rows = Vec::new();
        for held in list {
            rows.push(describe(audience, views, &held, when).await?);
        }
        told[name] = Value::from(rows);
    }
    tell(args.output, &told, || {
        for (name, when) in [("waiting", "due"), ("dead", "died")] {
            let list = told[name].as_array().map(Vec::as_slice).unwrap_or_default();
            say!("{name}: {}", list.len());
            for held in list {
                let text = |name: &str| held[name].as_str().unwrap_or("-").to_owned();
                let replay = if held["replay"] == true {
                    "  (to be tried again)"
                } else {
                    ""
                };
                say!(
                    "  {}  {:<28}  {when} {}  {:>2} attempts  {}{replay}",
                    text("id"),
                    text("type"),
                    text(when),
                    held["attempts"].to_string(),
                    text("why"),
                );
            }
        }
    });
    Ok(())
}

/// A message that waits or is dead, by the id that its partner knows it by. Without a type, it tells what may not be told
/// any more.
async fn describe(audience: &Audience, views: &Views, held: &Held, when: &str) -> anyhow::Result<Value> {
    let row = views.outcome(held.about, held.key, Utc::now()).await?;
    let message = row.and_then(|row| audience.message(&row));
    let mut told = json!({
        "id": audience.id(held.key),
        "type": message.as_ref().map(|message| message.type_name),
        "subject": message.as_ref().map(|message| &message.subject),
        "time": message.as_ref().map(|message| &message.time),
        "position": held.key,
        "attempts": held.attempts,
        "why": held.why,
    });
    told[when] = json!(instant(held.at));
    if when == "died" {
        told["replay"] = json!(held.replay);
    }
    Ok(told)
}

async fn replay(configuration: &Configuration, audience: &Audience, args: &ReplayArgs) -> anyhow::Result<()> {
    let key = |id: &String| {
        audience
            .key(id)
            .with_context(|| format!("{id:?} is no id of a message of {:?}", args.partner))
    };
    let keys = args.ids.iter().map(key).collect::<anyhow::Result<Vec<Key>>>()?;
    let mut desk = to_order(configuration, &args.partner).await?;
    let which = (!args.all).then_some(keys.as_slice());
    let count = desk.replay(&args.partner, which).await?;
    if count < keys.len() as u64 {
        bail!(
            "{} of these messages are no dead letters of {:?}: `parcours webhooks show` lists them; the others are tried again",
            keys.len() as u64 - count,
            args.partner
        );
    }
    tell(
        args.output,
        &json!({"partner": args.partner, "replayed": count}),
        || {
            say!(
                "{}: {} tried again by the service that delivers",
                args.partner,
                match count {
                    1 => "1 dead letter is".to_owned(),
                    _ => format!("{} are", counted(count, "dead letter")),
                }
            );
        },
    );
    Ok(())
}

fn instant(milliseconds: i64) -> String {
    DateTime::from_timestamp_millis(milliseconds)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Secs, true)
}
