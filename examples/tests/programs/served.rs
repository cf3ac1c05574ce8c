//! `Served`: the real API program in a process of its own.

use crate::program::program;
use leviathan_core::Secret;
use leviathan_http::client::ControlPlane;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) const OPERATOR: &str = "operator-hunter2";
pub(crate) const WORKER: &str = "worker-hunter3";

/// A running API. It is killed when it is dropped.
pub(crate) struct Served {
    child: Child,
    pub(crate) url: String,
    /// What it printed before it served.
    pub(crate) said: Vec<String>,
}

/// The API program with an environment of the test's own, and nothing of another's.
pub(crate) fn api(dir: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program("api"));
    command.current_dir(dir).env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.envs(variables.iter().copied()).stdin(Stdio::null());
    command
}

/// What every API needs, beside a place for its log.
pub(crate) fn tokens() -> [(&'static str, &'static str); 3] {
    [
        ("LEVIATHAN_CONTROL_PLANE_TOKEN", OPERATOR),
        ("LEVIATHAN_WORKER_TOKEN", WORKER),
        ("LEVIATHAN_API_PORT", "0"),
    ]
}

impl Served {
    /// Starts it and waits until it serves.
    #[track_caller]
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the API starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output is a pipe")).lines();
        let mut said = Vec::new();
        let url = loop {
            let line = lines.next().and_then(Result::ok).unwrap_or_else(|| panic!("it ended: {said:?}"));
            match line.strip_prefix("api     ") {
                Some(url) => break url.to_owned(),
                None => said.push(line),
            }
        };
        Self { child, url, said }
    }

    pub(crate) fn client(&self, token: &str) -> ControlPlane {
        ControlPlane::new(&self.url, Secret::new(token)).unwrap()
    }

    pub(crate) fn port(&self) -> &str {
        self.url.rsplit_once(':').unwrap().1
    }

    /// Kills it where it stands.
    #[cfg(feature = "postgres")]
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("the API can be killed");
        self.child.wait().expect("the API ended");
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it can be asked to stop");
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("the API can be asked") {
                return status;
            }
            assert!(Instant::now() < deadline, "the API did not end within {PATIENCE:?}");
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
