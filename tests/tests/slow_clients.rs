//! Clients that are slow on purpose keep nobody else waiting.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use parcours_tests::story::Person;
use parcours_tests::{EventStream, Service, Story, on_both_databases};
use rustix::process::{Resource, getrlimit, setrlimit};

/// All that one address may have open, as a reverse proxy does, and some more.
const CONNECTIONS: usize = 2_048 + 100;
/// Less than the slowest client is waited for.
const AT_ONCE: Duration = Duration::from_secs(10);

const LIST: &str = "content-type: application/cloudevents-batch+json\r\ncontent-length: 8388608\r\n\r\n[";
const STREAM: &str = "content-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n";

/// A connection on which something is begun that does not go on.
fn begun(service: &Service, rest: &str) -> TcpStream {
    let host = service.address().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    if !rest.is_empty() {
        write!(stream, "POST /v1/events HTTP/1.1\r\nhost: {host}\r\n{rest}").unwrap();
    }
    stream
}

on_both_databases! {
    fn few_slow_clients_keep_nobody_waiting(database: Database) {
        let mut files = getrlimit(Resource::Nofile);
        files.current = files.maximum;
        setrlimit(Resource::Nofile, files).unwrap();
        let service = Service::start(&database);
        let beginnings = [(LIST, 50), (STREAM, 80), ("expect: what", 50), ("", CONNECTIONS - 180)];
        let slow: Vec<TcpStream> = beginnings
            .iter()
            .flat_map(|(rest, count)| std::iter::repeat_n(rest, *count))
            .map(|rest| begun(&service, rest))
            .collect();
        let before = Instant::now();
        let api = service.api();
        api.get("/health/live").must_be(200);
        api.get("/health/ready").must_be(200);
        api.record(&Story::parcours().enters("2024-02-05", &Person::default()));
        let mut stream = EventStream::open(service.address()).unwrap();
        let mut recorded = 0;
        for event in Story::parcours().enters("2024-02-05", &Person::default()) {
            if recorded == 0 {
                api.post_event(&event).must_be(201);
            }
            stream.send([&event]).unwrap();
            let result = stream.next_result().unwrap().unwrap();
            assert!(matches!(result["status"].as_str(), Some("recorded" | "duplicate")), "{result}");
            recorded += 1;
        }
        assert!(recorded > 1);
        assert!(before.elapsed() < AT_ONCE, "{:?}", before.elapsed());
        assert_eq!(slow.len(), CONNECTIONS);
        assert!(service.stop().success());
    }
}
