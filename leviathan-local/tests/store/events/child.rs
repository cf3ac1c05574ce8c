//! Tests that run in a process of their own, by starting this test binary again.

use std::fmt::Display;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::OnceLock;

const DIRECTORY: &str = "LEVIATHAN_TEST_DIRECTORY";

/// A test in its own process. Killed when dropped.
pub(super) struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
}

/// Starts the ignored test `name` of the tests of events, with `faults` set in its environment.
pub(super) fn spawn(name: &str, directory: &Path, faults: &[(&str, String)]) -> Process {
    let exe = std::env::current_exe().unwrap();
    let mut command = Command::new(&exe);
    command
        .args(["--ignored", "--nocapture", "--test-threads=1", name])
        .env(DIRECTORY, directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    if !faults.is_empty() {
        command
            .env("LD_PRELOAD", shim())
            .env("LEVIATHAN_FAULTS_EXE", exe.file_name().unwrap())
            .envs(faults.iter().map(|(name, value)| (format!("LEVIATHAN_FAULTS_{name}"), value)));
    }
    let mut child = command.spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    Process { child, output }
}

impl Process {
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it says next after `word`; none once it ended.
    pub(super) fn next_word(&mut self, word: &str) -> Option<String> {
        let mut line = String::new();
        while self.output.read_line(&mut line).unwrap() > 0 {
            if let Some(said) = line.trim_end().split_once(&format!("{word} ")) {
                return Some(said.1.to_owned());
            }
            line.clear();
        }
        None
    }

    /// As `kill -9` does, and waits until it is dead.
    pub(super) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end.
    pub(super) fn end(&mut self) -> ExitStatus {
        std::io::copy(&mut self.output, &mut std::io::sink()).unwrap();
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// In the child: the directory that it was given.
pub(super) fn directory() -> PathBuf {
    std::env::var_os(DIRECTORY).expect("the parent gives the directory").into()
}

/// In the child: tells the parent. The line is flushed before this returns.
pub(super) fn say(word: &str, what: impl Display) {
    // The harness's own output may stand before it on the line.
    println!("{word} {what}");
}

/// In the child: returns when the parent is gone.
pub(super) fn wait_for_the_parent() {
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// Compiles faults.c, once for each run of the tests.
fn shim() -> &'static Path {
    static SHIM: OnceLock<PathBuf> = OnceLock::new();
    SHIM.get_or_init(|| {
        let built = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let (shim, fresh) =
            (built.join("faults.so"), built.join(format!("faults-{}.so", std::process::id())));
        let status = Command::new("cc")
            .args(["-shared", "-fPIC", "-O2", "-o"])
            .arg(&fresh)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/faults.c"))
            .arg("-ldl")
            .status();
        assert!(status.expect("these tests need a C compiler as `cc`").success());
        // Another run may have the old one loaded.
        std::fs::rename(fresh, &shim).unwrap();
        shim
    })
}
