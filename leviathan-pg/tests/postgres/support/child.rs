//! Tests that run in a process of their own, by starting this test binary again.

use std::fmt::Display;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const GIVEN: [&str; 2] = ["LEVIATHAN_TEST_DATABASE", "LEVIATHAN_TEST_LOG"];

/// A test in its own process. Killed when dropped.
pub(crate) struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// Starts the ignored test `name`, for a log in a database.
pub(crate) fn spawn(name: &str, database: &str, log: &str) -> Process {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--nocapture", "--test-threads=1", name]);
    command.envs(GIVEN.into_iter().zip([database, log])).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    Process { child, input, output: BufReader::new(output) }
}

impl Process {
    /// What it says next after `word`.
    #[track_caller]
    pub(crate) fn next_word(&mut self, word: &str) -> String {
        let mut line = String::new();
        while self.output.read_line(&mut line).unwrap() > 0 {
            if let Some(said) = line.trim_end().split_once(&format!("{word} ")) {
                return said.1.to_owned();
            }
            line.clear();
        }
        panic!("the child ended without a word of {word:?}");
    }

    /// Both ends of it, for hearing it in one place and telling it something in another.
    pub(crate) fn ends(&mut self) -> (&mut ChildStdin, impl Iterator<Item = String>) {
        (&mut self.input, (&mut self.output).lines().map(Result::unwrap))
    }

    pub(crate) fn tell(&mut self, what: impl Display) {
        writeln!(self.input, "{what}").unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// In the child: the database and the log that it was given.
pub(crate) fn given() -> (String, String) {
    let [database, log] = GIVEN.map(|name| std::env::var(name).expect("the parent gives it"));
    (database, log)
}

/// In the child: tells the parent. The line is flushed before this returns.
pub(crate) fn say(word: &str, what: impl Display) {
    // The harness's own output may stand before it on the line.
    println!("{word} {what}");
}

/// In the child: what the parent tells next.
pub(crate) fn hear() -> String {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    line.trim().to_owned()
}
