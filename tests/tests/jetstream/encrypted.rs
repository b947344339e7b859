//! A server that is reached over TLS, and lets in whom a password or a token names.

use std::fs;

use parcours_tests::{Authority, Database, NatsServers, Service, command_line};

use super::{RELEASE, delivery, record, wait_until_published};

const PASSWORD: &str = "authorization { user: region, password: \"a long one\" }";

/// What encrypts a server's connections, in its configuration.
fn encryption(database: &Database, authority: &Authority) -> String {
    let vouched = authority.vouch();
    let write = |name: &str, text: String| {
        let file = database.data().join(name);
        fs::write(&file, text).unwrap();
        file
    };
    let certificate = write("server.pem", vouched.certificate.pem());
    let key = write("server.key", vouched.key.serialize_pem());
    format!("tls {{ cert_file: {certificate:?}, key_file: {key:?} }}")
}

#[test]
fn an_encrypted_server_is_published_to_once_its_authority_is_trusted() {
    let database = Database::sqlite();
    let authority = Authority::new();
    let servers = NatsServers::one_with(
        RELEASE,
        &format!("{}\n{PASSWORD}", encryption(&database, &authority)),
    );
    let address = servers.url().replace("nats://127.0.0.1", "localhost");
    let url = format!("tls://region:a%20long%20one@{address}");
    let trusted = authority.write(database.data());
    let trusted = trusted.to_str().unwrap();

    // A server that cannot be recognised is none to publish to; its password is told nobody.
    let service = Service::start_with(&database, ["--nats", &url]);
    let doubted = delivery(&service.api());
    assert_eq!(doubted["healthy"], false, "{doubted}");
    let detail = doubted["detail"].as_str().unwrap();
    assert!(
        detail.contains("certificate") && !detail.contains("long"),
        "{detail}"
    );
    record(&service.api(), 0..2);
    assert!(service.stop().success());

    let service = Service::start_with(&database, ["--nats", &url, "--nats-ca", trusted]);
    wait_until_published(&service.api());
    assert!(service.stop().success());

    let wrong = format!("tls://region:another@{address}");
    let mut arguments: Vec<_> = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--nats",
        &wrong,
        "--nats-ca",
        trusted,
    ]
    .map(Into::into)
    .into();
    arguments.extend(database.options());
    let said = command_line::run(arguments).failed_with(1);
    assert!(
        said.contains("let the publisher in") && !said.contains("another"),
        "{said}"
    );
}

#[test]
fn a_token_in_the_address_lets_the_publisher_in() {
    let database = Database::sqlite();
    let servers = NatsServers::one_with(RELEASE, "authorization { token: \"a/token\" }");
    let url = servers.url().replace("nats://", "nats://a%2Ftoken@");
    let service = Service::start_with(&database, ["--nats", &url]);
    record(&service.api(), 0..2);
    wait_until_published(&service.api());
}
