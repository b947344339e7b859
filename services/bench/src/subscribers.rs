//! Many who listen to server-sent events, and whether those who append notice: the same events from callers at full bore,
//! through HTTP into a new service with nobody listening and into one with [`SUBSCRIBERS`], in turn.

use super::callers::{Pressed, press, share_out};
use super::connection::Connection;
use super::door;
use super::figure::{Figure, Goal, median};
use super::inputs::{Cohort, Inputs};
use super::latency::Latencies;
use super::load::events;
use super::machine;
use super::memory;
use super::partner::declaration;
use super::scale::{CALLERS, Scale};
use super::scratch::Scratch;
use super::service::Service;
use anyhow::{Context, ensure};
use parcours_outcomes::new_secret;
use serde::Deserialize;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Who listens (issue: "1,000 SSE subscribers on one process").
const SUBSCRIBERS: usize = 1_000;
/// Events a second, to those without subscribers ("no slower appends"): what two runs of the same differ by.
const GOAL: f64 = 0.9;
/// What has not come by then never will.
const PATIENCE: Duration = Duration::from_secs(60);

/// Read from a stream at a time.
const PIECE: usize = 1 << 16;

/// What one service showed.
struct Round {
    pressed: Pressed,
    /// Messages that subscribers had, all together.
    messages: u64,
    /// Seconds from the last receipt until the last subscriber had the last message.
    behind: f64,
    /// Megabytes at most.
    memory: Option<f64>,
}

/// Measures with and without, round by round.
pub async fn measure(scratch: &Scratch, inputs: &Inputs, scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    if machine::open_files() < 2 * SUBSCRIBERS as u64 {
        tracing::warn!(
            "not measured beside {SUBSCRIBERS} subscribers: so many files may not be opened here (ulimit -n)"
        );
        return Ok(Vec::new());
    }
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for (round, cohort) in inputs.pressed.iter().enumerate() {
        tracing::info!(
            "appending beside {SUBSCRIBERS} subscribers, round {} of {}",
            round + 1,
            scale.rounds
        );
        alone.push(serve(scratch, &format!("unheard-{round}"), cohort, 0).await?);
        beside.push(serve(scratch, &format!("heard-{round}"), cohort, SUBSCRIBERS).await?);
    }
    let speed = |rounds: &[Round]| median(rounds.iter().map(|round| round.pressed.speed).collect());
    let p99 = |rounds: &[Round]| {
        let mut latencies = Latencies::default();
        rounds
            .iter()
            .for_each(|round| latencies.add(&round.pressed.latencies));
        latencies.milliseconds(0.99)
    };
    let most = |of: fn(&Round) -> Option<f64>| beside.iter().filter_map(of).reduce(f64::max);
    let messages: u64 = beside.iter().map(|round| round.messages).sum();
    let mut figures = vec![
        Figure::new("subscribed-append", speed(&beside), "events/s")
            .beside(Some(speed(&alone)))
            .goal(Goal::RatioAtLeast(GOAL)),
        Figure::new("subscribed-append-p99", p99(&beside), "ms").beside(Some(p99(&alone))),
        Figure::new("subscribed-messages", messages as f64, "messages"),
    ];
    figures
        .extend(most(|round| Some(round.behind)).map(|behind| Figure::new("subscribed-behind", behind, "s")));
    figures.extend(
        most(|round| round.memory)
            .map(|peak| Figure::new("subscribed-memory", peak, "MB").goal(Goal::Below(memory::GOAL))),
    );
    Ok(figures)
}

/// Starts a service on a new log, has so many subscribe, then a cohort's events appended, and waits until each subscriber
/// has had every message.
async fn serve(scratch: &Scratch, name: &str, cohort: &Cohort, subscribers: usize) -> anyhow::Result<Round> {
    let data = scratch.data(name).await?;
    let secret = new_secret()?;
    let declaration = declaration(Some(&secret), None)?;
    std::fs::write(data.folder.join("partners.toml"), declaration.to_toml())?;
    let service = Service::start(&data).await?;
    let catalogue = door::send(service.address, &cohort.catalogue, |_| {}).await?;
    ensure!(
        catalogue.refused == 0,
        "{} events of the catalogue were refused",
        catalogue.refused
    );
    service.caught_up().await?;
    service.memory.forget_peak();
    let (expect, expected) = watch::channel(None);
    let mut listening = JoinSet::new();
    for _ in 0..subscribers {
        let stream = subscribe(service.address, &secret).await?;
        listening.spawn(listen(stream, expected.clone()));
    }
    let shares = share_out(events(&cohort.journeys)?.collect::<anyhow::Result<_>>()?, CALLERS);
    let mut doors = Vec::new();
    for _ in 0..CALLERS {
        doors.push(Connection::open(service.address).await?);
    }
    let pressed = press(doors, shares).await?;
    let answered = Instant::now();
    service.caught_up().await?;
    expect.send_replace(last(service.address, &secret).await?);
    let (mut messages, mut behind) = (0, 0.0);
    while let Some(heard) = listening.join_next().await {
        let heard = heard??;
        messages += heard.messages;
        behind = f64::max(behind, heard.at.saturating_duration_since(answered).as_secs_f64());
    }
    ensure!(subscribers == 0 || messages > 0, "the cohort has outcomes");
    let memory = service.memory.peak();
    service.stop().await?;
    Ok(Round {
        pressed,
        messages,
        behind,
        memory,
    })
}

/// The id of the last message there is for the partner.
async fn last(address: SocketAddr, secret: &str) -> anyhow::Result<Option<String>> {
    #[derive(Deserialize)]
    struct Page {
        outcomes: Vec<Message>,
        next: Option<String>,
    }
    #[derive(Deserialize)]
    struct Message {
        id: String,
    }
    let mut connection = Connection::open(address).await?;
    let (mut last, mut cursor) = (None, String::new());
    loop {
        let answer = connection
            .get_as(secret, &format!("/v1/outcomes?limit=1000{cursor}"))
            .await?;
        ensure!(
            answer.status.is_success(),
            "the list was answered {}",
            answer.status
        );
        let page: Page = serde_json::from_slice(&answer.body)?;
        last = page
            .outcomes
            .into_iter()
            .last()
            .map(|message| message.id)
            .or(last);
        match page.next {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(last),
        }
    }
}

/// Begins to listen to what is new.
async fn subscribe(address: SocketAddr, secret: &str) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "GET /v1/outcomes?cursor=now HTTP/1.1\r\nhost: {address}\r\naccept: text/event-stream\r\nauthorization: Bearer {secret}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut start = [0; 12];
    timeout(PATIENCE, stream.read_exact(&mut start))
        .await
        .context("a subscriber is not answered: may the service open so many files (ulimit -n)?")??;
    ensure!(
        start == *b"HTTP/1.1 200",
        "a stream was answered {}",
        String::from_utf8_lossy(&start)
    );
    Ok(stream)
}

/// What a subscriber has heard.
struct Heard {
    messages: u64,
    /// When the last of them came.
    at: Instant,
}

/// Listens until the message of the id expected, once that is known, has come.
async fn listen(
    mut stream: TcpStream,
    mut expected: watch::Receiver<Option<String>>,
) -> anyhow::Result<Heard> {
    let mut heard = Heard {
        messages: 0,
        at: Instant::now(),
    };
    let (mut text, mut last) = (Vec::with_capacity(PIECE), Vec::new());
    loop {
        let known = expected.borrow_and_update().clone();
        if known.as_ref().is_some_and(|known| known.as_bytes() == last) {
            return Ok(heard);
        }
        tokio::select! {
            read = timeout(PATIENCE, stream.read_buf(&mut text)) => {
                let read = read.with_context(|| format!("{} messages came to a subscriber, not {known:?}", heard.messages))?;
                ensure!(read? > 0, "a stream ended");
                let (mut begin, before) = (0, heard.messages);
                for end in memchr::memchr_iter(b'\n', &text) {
                    let line = &text[begin..end];
                    if let Some(id) = line.strip_prefix(b"id: ") {
                        last = id.to_vec();
                    } else if line.starts_with(b"data: ") {
                        heard.messages += 1;
                    }
                    begin = end + 1;
                }
                text.drain(..begin);
                if heard.messages > before {
                    heard.at = Instant::now();
                }
            }
            changed = expected.changed(), if known.is_none() => changed?,
        }
    }
}
