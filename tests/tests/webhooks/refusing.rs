//! What is never called: addresses of the service's own network, and receivers that cannot be recognised.

use std::ffi::OsStr;

use parcours_tests::authority::Vouched;
use parcours_tests::{Authority, Receiver, Service};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::*;

/// Starts a service that must not start; what it says.
fn refused(database: &Database, options: &[&str]) -> String {
    let mut arguments: Vec<OsString> = ["serve", "--listen", "127.0.0.1:0"].map(Into::into).into();
    arguments.extend(options.iter().map(Into::into));
    arguments.extend(database.options());
    command_line::run(arguments).failed_with(1)
}

#[test]
fn the_services_own_network_is_not_called_by_whatever_name() {
    let receiver = Receiver::start();
    let port = receiver.address().port();
    for (name, url) in [
        ("an address", format!("https://127.0.0.1:{port}/")),
        ("a name", format!("https://localhost:{port}/")),
        ("the same unencrypted", format!("http://localhost:{port}/")),
        ("a number", format!("http://2130706433:{port}/")),
        ("a short form", format!("http://127.1:{port}/")),
        ("hexadecimal digits", format!("http://0x7f.0.0.1:{port}/")),
        ("the other IP", format!("https://[::ffff:127.0.0.1]:{port}/")),
        ("nothing", format!("https://0.0.0.0:{port}/")),
    ] {
        let database = Database::sqlite();
        declare_webhook(&database, "rouen", &url);
        let service = Service::start_with(&database, ["--webhooks-allow", "10.0.0.0/8"]);
        record(&service.api(), &agreed().1);
        let standing = wait_for_standing(&database, name, |standing| standing["failure"].is_string());
        let failure = standing["failure"].as_str().unwrap();
        assert!(failure.contains("--webhooks-allow"), "{name}: {failure}");
        assert_eq!(receiver.connections(), 0, "{name}");
    }
}

#[test]
fn what_is_allowed_is_called_and_nothing_beside_it() {
    let receiver = Receiver::start();
    let database = Database::sqlite();
    declare_webhook(&database, "rouen", &receiver.url());
    let said = refused(&database, &[]);
    assert!(
        said.contains("\"rouen\"") && said.contains("not encrypted"),
        "{said}"
    );
    let service = Service::start_with(
        &database,
        ["--webhooks-allow", "10.0.0.0/8", "--webhooks-schedule", "10ms"],
    );
    record(&service.api(), &agreed().1);
    let standing = wait_for_standing(&database, "it is refused", |standing| {
        standing["dead"] == 1 && standing["failure"].is_string()
    });
    let failure = standing["failure"].as_str().unwrap();
    assert!(failure.contains("loopback"), "{failure}");
    assert_eq!(receiver.connections(), 0);
    assert!(service.stop().success());
    let _service = Service::start_with(&database, QUICK);
    webhooks(&database, &["replay", "rouen", "--all"]).succeeded();
    receiver.wait_for_accepted(1);
}

#[test]
fn a_declaration_that_cannot_be_called_stops_the_start() {
    let database = Database::sqlite();
    let secret = database.data().join("rouen.whsec");
    declare_webhook(&database, "rouen", "https://partner.example/outcomes");
    std::fs::write(&secret, "whsec_short").unwrap();
    let said = refused(&database, &[]);
    assert!(
        said.contains("file:rouen.whsec") && said.contains("24 to 64 bytes"),
        "{said}"
    );
    std::fs::remove_file(&secret).unwrap();
    let said = refused(&database, &[]);
    assert!(
        said.contains("\"rouen\"") && said.contains("No such file"),
        "{said}"
    );
    for (option, value, word) in [
        ("--webhooks-allow", "everything", "network"),
        ("--webhooks-schedule", "soon", "soon"),
        ("--webhooks-timeout", "1h", "30s"),
    ] {
        let mut arguments: Vec<OsString> = ["serve", option, value].map(Into::into).into();
        arguments.extend(database.options());
        let said = command_line::run(arguments).failed_with(2);
        assert!(said.contains(word), "{said}");
    }
}

/// An authority, as its certificate in a file says, and a receiver that it vouches for.
fn vouched_for(database: &Database) -> (std::path::PathBuf, Receiver) {
    let authority = Authority::new();
    let Vouched { certificate, key } = authority.vouch();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (authority.write(database.data()), Receiver::encrypted(config))
}

#[test]
fn an_encrypted_receiver_is_called_if_the_system_trusts_who_vouches_for_it() {
    let database = Database::sqlite();
    let (authority, receiver) = vouched_for(&database);
    let partner = declare_webhook(&database, "rouen", &receiver.url());
    let service = Service::start_with(&database, QUICK);
    record(&service.api(), &agreed().1);
    let standing = wait_for_standing(&database, "it is not recognised", |standing| {
        standing["failure"].is_string()
    });
    let failure = standing["failure"].as_str().unwrap();
    assert!(failure.contains("certificate"), "{failure}");
    assert_eq!(receiver.calls().len(), 0);
    assert!(service.stop().success());
    let trusting: [(&str, &OsStr); 1] = [("SSL_CERT_FILE", authority.as_os_str())];
    let service = Service::start_in(&database, QUICK, &trusting);
    record(&service.api(), &journey());
    assert_eq!(wait_for_all(&receiver, &partner, &service.api()).len(), 5);
    assert!(receiver.connections() < 20, "connections are used again");
}
