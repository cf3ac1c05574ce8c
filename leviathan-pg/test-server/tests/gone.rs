//! No server outlives the tests that started it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a helper of a test cannot do fails the test"
)]
#![allow(clippy::print_stdout, reason = "a test in a process of its own speaks to its parent so")]

use leviathan_test_postgres::Server;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Far longer than a server takes to go.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where a server is, and where it listens.
struct Seen {
    folder: PathBuf,
    address: String,
}

impl Seen {
    fn of(server: &Server) -> Self {
        let url = server.url("postgres");
        let address = url.split_once('@').unwrap().1.split_once('/').unwrap().0.to_owned();
        Self { folder: server.folder().expect("it was started here").to_owned(), address }
    }

    fn is_there(&self) -> bool {
        Path::new(&self.folder).exists() || TcpStream::connect(&self.address).is_ok()
    }

    #[track_caller]
    fn goes(&self) {
        let deadline = Instant::now() + PATIENCE;
        while self.is_there() {
            assert!(
                Instant::now() < deadline,
                "{} or its folder {} is still there",
                self.address,
                self.folder.display()
            );
            std::thread::park_timeout(Duration::from_millis(10));
        }
    }
}

/// Runs the ignored test `name` in a process of its own, until it has a server.
fn with_server(name: &str) -> (Child, Seen) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--nocapture", "--exact", name]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines().map(Result::unwrap);
    let said = lines
        .filter_map(|line| Some(line.split_once("server ")?.1.to_owned()))
        .next()
        .expect("it has a server");
    let (address, folder) = said.split_once(' ').unwrap();
    let seen = Seen { folder: folder.into(), address: address.to_owned() };
    assert!(TcpStream::connect(&seen.address).is_ok());
    (child, seen)
}

#[test]
fn a_server_that_is_dropped_is_gone() {
    let server = Server::start().unwrap();
    let seen = Seen::of(&server);
    assert!(seen.is_there());
    drop(server);
    assert!(!seen.is_there());
}

#[test]
fn a_server_of_a_test_that_is_killed_goes_too() {
    let (mut child, seen) = with_server("has_a_server");
    child.kill().unwrap();
    child.wait().unwrap();
    seen.goes();
}

#[test]
fn a_server_of_a_test_that_panics_goes_too() {
    let (mut child, seen) = with_server("has_a_server_and_panics");
    // It goes on when it hears that nobody listens.
    drop(child.stdin.take());
    assert!(!child.wait().unwrap().success());
    seen.goes();
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn has_a_server() {
    say_and_wait();
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn has_a_server_and_panics() {
    say_and_wait();
    panic!("as planned");
}

fn say_and_wait() {
    // One that the process shares is in a static, which nothing drops.
    static SERVER: std::sync::OnceLock<Server> = std::sync::OnceLock::new();
    let seen = Seen::of(SERVER.get_or_init(|| Server::start().unwrap()));
    println!("server {} {}", seen.address, seen.folder.display());
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
