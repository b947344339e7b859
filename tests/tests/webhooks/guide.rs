//! The receiver of the partner guide, run as it stands there.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::thread;

use parcours_tests::Service;
use parcours_tests::program::python;

use super::*;

const GUIDE: &str = include_str!("../../../services/outcomes/README.md");
const LINE_WITHIN: Duration = Duration::from_secs(30);

/// The Python of the guide.
fn receiver_of_the_guide() -> &'static str {
    let mut blocks = GUIDE.split("```python\n").skip(1);
    let block = blocks.find(|block| block.starts_with("# receiver.py"));
    let (python, _) = block
        .and_then(|block| block.split_once("```"))
        .expect("the guide has a receiver");
    python
}

/// A process that ends with the test.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_receiver_of_the_guide_takes_what_is_signed_and_refuses_the_rest() {
    let database = Database::sqlite();
    let probe = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = probe.local_addr().unwrap().port();
    drop(probe);
    let partner = declare_webhook(&database, "rouen", &format!("http://127.0.0.1:{port}/"));
    let secret = std::fs::read_to_string(database.data().join("rouen.whsec")).unwrap();
    let process = python("standardwebhooks")
        .args(["-c", receiver_of_the_guide()])
        .env("WEBHOOK_SECRET", secret.trim())
        .env("PORT", port.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut process = Ending(process);
    let (tell, said) = mpsc::channel();
    let output = process.0.stdout.take().unwrap();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = tell.send(line);
        }
    });
    let service = Service::start_with(&database, QUICK);
    let api = service.api();
    record(&api, &journey());
    let lines: Vec<String> = (0..4).map(|_| said.recv_timeout(LINE_WITHIN).unwrap()).collect();
    let listed = partner.outcomes(&api, "");
    for (line, message) in lines.iter().zip(&listed) {
        assert!(
            line.contains(message["type"].as_str().unwrap()),
            "{line}: {message}"
        );
        assert!(
            line.contains(message["subject"].as_str().unwrap()),
            "{line}: {message}"
        );
    }
    let stranger = Api::at(&format!("http://127.0.0.1:{port}"));
    let headers = [
        ("webhook-id", "x"),
        ("webhook-timestamp", "1700000000"),
        ("webhook-signature", "v1,AAAA"),
    ];
    stranger.post("/", &headers, b"{}").must_be(401);
    stranger.post("/", &[], b"{}").must_be(401);
    wait_for_standing(&database, "all is accepted", |standing| {
        standing["waiting"] == 0 && standing["state"] == "delivering"
    });
}
