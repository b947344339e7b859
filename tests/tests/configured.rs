//! What the program is told by flags, by the environment and by its file, and what it tells of itself.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use parcours_tests::{Api, Database, program, wait_until};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::time::Duration;

/// A service that was started by hand, and tells what it tells in a file. Killed when dropped.
struct Started {
    process: Child,
    address: String,
    folder: tempfile::TempDir,
}

impl Started {
    /// In a folder of its own, where this is `parcours.toml`.
    fn with(configuration: &str, tell: impl FnOnce(&mut Command)) -> Started {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("parcours.toml"), configuration).unwrap();
        let messages = File::create(folder.path().join("messages")).unwrap();
        let mut command = program::parcours();
        command.arg("serve").current_dir(folder.path());
        command.stdout(Stdio::piped()).stderr(messages);
        tell(&mut command);
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        let address = line
            .trim()
            .strip_prefix("Parcours listens on ")
            .map(str::to_owned);
        let messages = || fs::read_to_string(folder.path().join("messages")).unwrap();
        Started {
            address: address.unwrap_or_else(|| panic!("{line}{}", messages())),
            process,
            folder,
        }
    }

    fn api(&self) -> Api {
        Api::at(&self.address)
    }

    fn messages(&self) -> String {
        fs::read_to_string(self.folder.path().join("messages")).unwrap()
    }

    /// Stops it; gives all that it told.
    fn stop(mut self) -> String {
        kill_process(Pid::from_child(&self.process), Signal::TERM).unwrap();
        assert!(self.process.wait().unwrap().success());
        self.messages()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn ended(command: &mut Command) -> (Option<i32>, String) {
    let ended = command.output().unwrap();
    (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
}

#[test]
fn a_service_listens_where_it_is_told_by_name_by_port_or_by_its_file() {
    for (configuration, flag) in [
        ("listen = 1", Some("0")),
        ("", Some("localhost:0")),
        ("", Some("[::1]:0")),
        ("listen = 0", None),
        ("listen = \"localhost:0\"", None),
    ] {
        let service = Started::with(configuration, |command| {
            command.args(flag.iter().flat_map(|listen| ["--listen", listen]));
        });
        service.api().get("/health/live").must_be(200);
    }
    let mut wrong = program::parcours();
    let (code, messages) = ended(wrong.args(["serve", "--listen", "localhost"]));
    assert_eq!(code, Some(2));
    assert!(messages.contains("localhost:8080"), "{messages}");
}

#[test]
fn every_request_is_told_where_the_access_log_is_on_and_none_where_it_is_not() {
    let told = |messages: &str| {
        messages
            .lines()
            .filter(|line| line.contains("/v1/catalogue"))
            .count()
    };
    let quiet = Started::with("listen = 0", |_| {});
    let _ = quiet.api().get("/v1/catalogue?text=secret");
    assert_eq!(told(&quiet.stop()), 0);

    let telling = Started::with("listen = 0\naccess_log = true\nlog_format = \"json\"", |_| {});
    let _ = telling.api().get("/v1/catalogue?text=secret");
    let path = telling.folder.path().join("messages");
    let is_told = || told(&fs::read_to_string(&path).unwrap()) == 1;
    wait_until("the request is told", Duration::from_secs(10), is_told);
    let messages = telling.stop();
    assert!(!messages.contains("secret"), "{messages}");
    let line = messages
        .lines()
        .find(|line| line.contains("/v1/catalogue"))
        .unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["target"], "access");
    assert_eq!(line["fields"]["client"], "127.0.0.1");
    assert_eq!(line["fields"]["method"], "GET");
    assert!(line["fields"]["seconds"].is_number(), "{line}");

    let flagged = Started::with("", |command| {
        command.args(["--listen", "0", "--access-log", "--log", "warn"]);
    });
    let _ = flagged.api().get("/v1/catalogue");
    wait_until("the request is told", Duration::from_secs(10), || {
        told(&flagged.messages()) == 1
    });
}

#[test]
fn levels_are_of_modules_and_a_wrong_one_is_said() {
    let service = Started::with("listen = 0\nlog = \"error,parcours_log=info\"", |_| {});
    service.api().get("/health/live").must_be(200);
    let messages = service.stop();
    assert!(
        messages.contains("parcours_log") && !messages.contains("parcours::commands"),
        "{messages}"
    );
    for (variable, flag) in [(Some("loud"), None), (None, Some("parcours_log"))] {
        let mut command = program::parcours();
        command.args(["simulate", "--trainees", "1"]);
        command.envs(variable.map(|filter| ("PARCOURS_LOG", filter)));
        command.args(flag.iter().flat_map(|filter| ["--log", filter]));
        let (code, messages) = ended(&mut command);
        assert_eq!(code, Some(2), "{messages}");
        assert!(messages.contains("parcours_log=debug"), "{messages}");
    }
}

#[test]
fn a_variable_that_is_misspelt_is_told_and_one_that_is_known_is_not() {
    let mut command = program::parcours();
    command.args(["simulate", "--trainees", "1"]);
    command.envs([("PARCOURS_DATABSE", "postgres://x/y"), ("PARCOURS_DATA", "x")]);
    let (code, messages) = ended(&mut command);
    assert_eq!(code, Some(0), "{messages}");
    assert!(
        messages.contains("PARCOURS_DATABSE") && messages.contains("is PARCOURS_DATABASE meant"),
        "{messages}"
    );
    assert_eq!(messages.lines().count(), 1, "{messages}");
}

#[test]
fn what_is_wrong_in_the_file_is_said_with_its_line_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    for (text, told) in [
        ("listen = 0\nwebhooks_timeout = \"1h\"", "line 2"),
        ("datbase = \"postgres://me:hush@h/d\"", "datbase"),
        ("database = \"postgres://me:hush@h/d", "line 1"),
    ] {
        fs::write(folder.path().join("parcours.toml"), text).unwrap();
        let mut command = program::parcours();
        let (code, messages) = ended(command.arg("serve").current_dir(folder.path()));
        assert_eq!(code, Some(1), "{messages}");
        assert!(
            messages.contains("parcours.toml") && messages.contains(told),
            "{messages}"
        );
        assert!(!messages.contains("hush"), "{messages}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn help_has_a_command_s_own_options_first_and_no_value_of_the_environment() {
    for command in ["serve", "demo", "import", "replay", "rebuild", "bench"] {
        let mut help = program::parcours();
        help.args([command, "--help"]).env("PARCOURS_DATA", "of-somebody");
        let told = String::from_utf8(help.output().unwrap().stdout).unwrap();
        let at = |text: &str| told.find(text).unwrap_or_else(|| panic!("no {text} in {told}"));
        let common = at("Common options:");
        assert!(
            at("Options:") < common && at("--help") < common && at("--data <DIR>") > common,
            "{told}"
        );
        assert!(!told.contains("of-somebody"), "{told}");
    }
}

#[test]
fn what_cannot_be_written_is_said_in_a_sentence() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut command = program::parcours();
    let (code, messages) = ended(command.args(["simulate", "--trainees", "3"]).stdout(full));
    assert_eq!(code, Some(1));
    assert!(
        messages.contains("cannot be written to standard output"),
        "{messages}"
    );
}

#[test]
fn a_rebuild_tells_a_program_what_was_rebuilt() {
    let database = Database::sqlite();
    let mut fill = program::parcours();
    fill.args(["demo", "--fill-only", "--trainees", "5"])
        .args(database.options());
    assert!(fill.output().unwrap().status.success());
    let mut rebuild = program::parcours();
    rebuild
        .args(["rebuild", "territory", "--json"])
        .args(database.options());
    let told: Value = serde_json::from_slice(&rebuild.output().unwrap().stdout).unwrap();
    assert_eq!(told["rebuilt"][0]["view"], "territory");
    assert!(told["rebuilt"][0]["events"].as_u64().unwrap() > 0, "{told}");
}
