//! Signatures, as the specification's own package of another language verifies them.

use std::io::Write;
use std::process::Stdio;

use parcours_tests::program::python;
use parcours_tests::{Receiver, Service};
use serde_json::json;

use super::*;

/// Verifies calls, one a line, with a secret: `good`, or why not.
const VERIFY: &str = "
import json, sys
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
for line in sys.stdin:
    call = json.loads(line)
    try:
        Webhook(call['secret']).verify(call['body'], call['headers'])
        print('good')
    except WebhookVerificationError as wrong:
        print(wrong)
";

/// What the package says of each call with this secret.
fn verified(secret: &str, calls: &[Call], body: impl Fn(&Call) -> String) -> Vec<String> {
    let mut verifier = python("standardwebhooks")
        .args(["-c", VERIFY])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = String::new();
    for call in calls {
        let headers: serde_json::Map<_, _> = call
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), json!(value)))
            .collect();
        lines += &format!(
            "{}\n",
            json!({"secret": secret, "headers": headers, "body": body(call)})
        );
    }
    verifier
        .stdin
        .take()
        .unwrap()
        .write_all(lines.as_bytes())
        .unwrap();
    let ended = verifier.wait_with_output().unwrap();
    assert!(ended.status.success());
    String::from_utf8(ended.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

fn sent(call: &Call) -> String {
    String::from_utf8(call.body.clone()).unwrap()
}

#[test]
fn calls_are_signed_as_standard_webhooks_has_it_and_so_while_a_secret_is_exchanged() {
    let database = Database::sqlite();
    let receiver = Receiver::start();
    let partner = declare_webhook(&database, "rouen", &receiver.url());
    let secret = |name: &str| {
        let text = std::fs::read_to_string(database.data().join(name)).unwrap();
        text.trim().to_owned()
    };
    let old = secret("rouen.whsec");
    let service = Service::start_with(&database, QUICK);
    record(&service.api(), &journey());
    let calls = wait_for_all(&receiver, &partner, &service.api());
    assert_eq!(verified(&old, &calls, sent), ["good"; 4]);
    let changed = |call: &Call| sent(call).replace("76540", "76351");
    assert_eq!(
        verified(&old, &calls, changed),
        ["No matching signature found"; 4]
    );
    assert!(service.stop().success());

    // The new secret beside the old one: whoever knows either is satisfied.
    let new = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    let file = database.data().join("partners.toml");
    let declared = std::fs::read_to_string(&file).unwrap();
    let exchanged = declared.replace("\"file:rouen.whsec\"", "\"env:NEW_SECRET\", \"file:rouen.whsec\"");
    assert_ne!(declared, exchanged);
    std::fs::write(&file, exchanged).unwrap();
    let service = Service::start_in(&database, QUICK, &[("NEW_SECRET", new.as_ref())]);
    record(&service.api(), &journey());
    let calls = wait_for_all(&receiver, &partner, &service.api());
    let calls = &calls[4..];
    assert_eq!(calls.len(), 4);
    assert_eq!(verified(&old, calls, sent), ["good"; 4]);
    assert_eq!(verified(new, calls, sent), ["good"; 4]);
    let other = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDA=";
    assert_eq!(verified(other, calls, sent), ["No matching signature found"; 4]);
}
