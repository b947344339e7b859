//! The generated configuration, on a real server, and a partner that tries everything.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, HeaderMap};
use futures_util::StreamExt;
use parcours_tests::{Database, NatsServers, Partner, command_line, wait_until};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{Audiences, PUBLISHED_WITHIN, delivery, one, publishing, record, wait_until_published};

/// No answer by then is none. Denials come within a millisecond: the request after each shows that they came.
const PATIENCE: Duration = Duration::from_millis(300);

/// A partner's connection, and what the server forbade it.
struct Intruder {
    client: Client,
    violations: Arc<Mutex<Vec<String>>>,
}

impl Intruder {
    async fn enter(url: &str, seed: &str, inbox: &str) -> Intruder {
        let violations = Arc::new(Mutex::new(Vec::new()));
        let heard = violations.clone();
        let client = ConnectOptions::new()
            .nkey(seed.to_owned())
            .custom_inbox_prefix(inbox)
            .request_timeout(Some(PATIENCE))
            .event_callback(move |event| {
                let heard = heard.clone();
                async move {
                    if let Event::ServerError(error) = event {
                        heard.lock().unwrap().push(error.to_string().to_lowercase());
                    }
                }
            })
            .connect(url)
            .await
            .unwrap();
        Intruder { client, violations }
    }

    /// Whether the server forbids this; when it returns, the server has judged.
    async fn is_forbidden(&self, subject: &str) -> bool {
        // The server judges in order: once it answers a ping, what came before is judged, and told of.
        self.client.flush().await.unwrap();
        let own = self
            .client
            .request("$JS.API.CONSUMER.INFO.OUTCOMES.calvados", "".into());
        own.await.expect("what is permitted is answered");
        let subject = subject.to_lowercase();
        let told = self.violations.lock().unwrap();
        told.iter()
            .any(|told| told.contains("permissions violation") && told.contains(&subject))
    }

    async fn publish(&self, subject: &str, payload: &str) -> bool {
        let headers = HeaderMap::new();
        let sent = self
            .client
            .publish_with_headers(subject.to_owned(), headers, payload.to_owned().into());
        sent.await.unwrap();
        self.is_forbidden(subject).await
    }

    async fn subscribe(&self, subject: &str) -> bool {
        let _listening = self.client.subscribe(subject.to_owned()).await.unwrap();
        self.is_forbidden(subject).await
    }
}

#[test]
fn a_partner_reads_its_own_messages_and_can_do_nothing_else() {
    let database = Database::sqlite();
    let partners = Audiences::declare(&database);
    let mut arguments = ["outcomes", "nats-config"].map(Into::into).to_vec();
    arguments.extend(database.options());
    let configuration = command_line::run(arguments).succeeded();
    for partner in [&partners.normandie, &partners.calvados] {
        assert!(
            !configuration.contains(partner.nats_seed().unwrap()),
            "seeds are nobody's business"
        );
    }
    let servers = one(&database);
    let service = publishing(&database, &servers.url());
    let api = service.api();
    record(&api, 0..10);
    wait_until_published(&api);
    // The consumer of the service's own is one that the stream counts.
    wait_until("notices to forget are listened for", PUBLISHED_WITHIN, || {
        delivery(&api)["forgetting"]["waiting"] == 0
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let before = stream_state(&database, &servers).await;
        tries(&servers, &partners).await;
        assert_eq!(
            stream_state(&database, &servers).await,
            before,
            "the stream is untouched"
        );
    });
    // The others are served as before.
    record(&api, 10..12);
    wait_until_published(&api);
    runtime.block_on(reads(
        &servers,
        &partners.normandie,
        "normandie",
        partners.normandie.all_outcomes(&api),
    ));
}

async fn tries(servers: &NatsServers, partners: &Audiences) {
    let url = servers.url();
    assert!(
        ConnectOptions::new().connect(&url).await.is_err(),
        "nobody enters without a key"
    );
    let stranger = "SUANQDPB2RUOE4ETUA26CNX7FUKE5ZZKFCQIIW63OX225F2CO7UEXTM7ZY";
    assert!(
        ConnectOptions::with_nkey(stranger.to_owned())
            .connect(&url)
            .await
            .is_err()
    );

    let seed = partners.calvados.nats_seed().unwrap();
    let intruder = Intruder::enter(&url, seed, "_INBOX_calvados").await;
    for subject in [
        "outcomes.normandie.>",
        "outcomes.>",
        "outcomes.calvados.>",
        ">",
        "_INBOX.>",
        "_INBOX_normandie.>",
        "_INBOX_PUBLISHER.>",
        "$JS.>",
        "$JS.EVENT.>",
        "$SYS.>",
    ] {
        assert!(intruder.subscribe(subject).await, "may listen to {subject}");
    }
    let consumer = json!({"stream_name": "OUTCOMES", "config": {"name": "x", "filter_subject": "outcomes.normandie.>", "ack_policy": "none"}});
    let pull = r#"{"batch": 10, "no_wait": true}"#.to_owned();
    for (subject, payload) in [
        ("outcomes.calvados.entry.14.-", "{}".to_owned()),
        ("outcomes.normandie.entry.14.-", "{}".to_owned()),
        ("anything", "{}".to_owned()),
        ("$JS.API.INFO", String::new()),
        ("$JS.API.STREAM.NAMES", String::new()),
        ("$JS.API.STREAM.LIST", String::new()),
        ("$JS.API.STREAM.INFO.OUTCOMES", String::new()),
        (
            "$JS.API.STREAM.CREATE.MINE",
            json!({"name": "MINE", "sources": [{"name": "OUTCOMES"}]}).to_string(),
        ),
        (
            "$JS.API.STREAM.CREATE.MIRROR",
            json!({"name": "MIRROR", "mirror": {"name": "OUTCOMES"}}).to_string(),
        ),
        (
            "$JS.API.STREAM.UPDATE.OUTCOMES",
            json!({"name": "OUTCOMES", "subjects": ["x"]}).to_string(),
        ),
        ("$JS.API.STREAM.DELETE.OUTCOMES", String::new()),
        ("$JS.API.STREAM.PURGE.OUTCOMES", String::new()),
        (
            "$JS.API.STREAM.SNAPSHOT.OUTCOMES",
            json!({"deliver_subject": "_INBOX_calvados.s"}).to_string(),
        ),
        (
            "$JS.API.STREAM.MSG.GET.OUTCOMES",
            json!({"last_by_subj": "outcomes.normandie.>"}).to_string(),
        ),
        (
            "$JS.API.STREAM.MSG.DELETE.OUTCOMES",
            json!({"seq": 1}).to_string(),
        ),
        (
            "$JS.API.DIRECT.GET.OUTCOMES",
            json!({"last_by_subj": "outcomes.normandie.>"}).to_string(),
        ),
        (
            "$JS.API.DIRECT.GET.OUTCOMES.outcomes.normandie.entry.76.-",
            String::new(),
        ),
        ("$JS.API.CONSUMER.CREATE.OUTCOMES", consumer.to_string()),
        (
            "$JS.API.CONSUMER.CREATE.OUTCOMES.x.outcomes.normandie.>",
            consumer.to_string(),
        ),
        (
            "$JS.API.CONSUMER.CREATE.OUTCOMES.calvados.outcomes.normandie.>",
            consumer.to_string(),
        ),
        (
            "$JS.API.CONSUMER.DURABLE.CREATE.OUTCOMES.calvados",
            consumer.to_string(),
        ),
        ("$JS.API.CONSUMER.DELETE.OUTCOMES.normandie", String::new()),
        ("$JS.API.CONSUMER.DELETE.OUTCOMES.calvados", String::new()),
        ("$JS.API.CONSUMER.INFO.OUTCOMES.normandie", String::new()),
        ("$JS.API.CONSUMER.NAMES.OUTCOMES", String::new()),
        ("$JS.API.CONSUMER.LIST.OUTCOMES", String::new()),
        ("$JS.API.CONSUMER.PAUSE.OUTCOMES.normandie", String::new()),
        ("$JS.API.CONSUMER.MSG.NEXT.OUTCOMES.normandie", pull.clone()),
        ("$JS.ACK.OUTCOMES.normandie.1.1.1.1.1", "+ACK".to_owned()),
        ("$SYS.REQ.SERVER.PING", String::new()),
    ] {
        assert!(intruder.publish(subject, &payload).await, "may ask {subject}");
    }

    // What it may ask for can be answered where it should not be: into the stream, or to an API that others use.
    for reply in [
        "outcomes.normandie.entry.76.-",
        "$JS.API.STREAM.DELETE.OUTCOMES",
        "$JS.ACK.OUTCOMES.normandie.1.1.1.1.1",
    ] {
        let asked = intruder.client.publish_with_reply(
            "$JS.API.CONSUMER.MSG.NEXT.OUTCOMES.calvados",
            reply.to_owned(),
            json!({"batch": 1, "no_wait": true}).to_string().into(),
        );
        asked.await.unwrap();
        intruder.is_forbidden(reply).await;
    }

    // Another name's inbox is no way around either: only the key says who somebody is.
    let disguised = Intruder::enter(&url, seed, "_INBOX_normandie").await;
    let asked = disguised
        .client
        .request("$JS.API.CONSUMER.INFO.OUTCOMES.calvados", "".into())
        .await;
    assert!(asked.is_err(), "it hears no answer there");
}

/// How the stream stands, asked as the publisher.
async fn stream_state(database: &Database, servers: &NatsServers) -> Value {
    let seed = std::fs::read_to_string(database.data().join("nats.nk")).unwrap();
    let publisher = Intruder::enter(&servers.url(), seed.trim(), "_INBOX_PUBLISHER").await;
    let answer = publisher
        .client
        .request("$JS.API.STREAM.INFO.OUTCOMES", "".into())
        .await
        .unwrap();
    let info: Value = serde_json::from_slice(&answer.payload).unwrap();
    json!({"config": info["config"], "state": info["state"]})
}

/// A partner takes all that is for it, with what it may do and no more.
pub(super) async fn reads(servers: &NatsServers, partner: &Partner, name: &str, listed: Vec<Value>) {
    let inbox = format!("_INBOX_{name}");
    let reader = Intruder::enter(&servers.url(), partner.nats_seed().unwrap(), &inbox).await;
    // What is pulled comes under its own subject: only a subscription of its own hears it.
    let pulled = format!("{inbox}.pulled");
    let mut messages = reader.client.subscribe(pulled.clone()).await.unwrap();
    let next = format!("$JS.API.CONSUMER.MSG.NEXT.OUTCOMES.{name}");
    let asked = json!({"batch": listed.len(), "expires": 10_000_000_000_u64}).to_string();
    reader
        .client
        .publish_with_reply(next, pulled, asked.into())
        .await
        .unwrap();
    let mut heard = Vec::new();
    while heard.len() < listed.len() {
        let message = timeout(Duration::from_secs(10), messages.next()).await;
        let message = message.expect("one more message comes").unwrap();
        heard.push(serde_json::from_slice::<Value>(&message.payload).unwrap());
        reader
            .client
            .publish(message.reply.unwrap(), "+ACK".into())
            .await
            .unwrap();
    }
    reader.client.flush().await.unwrap();
    assert_eq!(heard, listed);
    assert_eq!(*reader.violations.lock().unwrap(), [] as [String; 0]);
}
