//! Starting a supervisor, and learning whether it took the attempt.

use super::attempt_dir::AttemptDir;
use super::config::ProcessExecutorConfig;
use super::durable_file::read_at_most;
use super::records::LaunchRecord;
use leviathan_core::executor::{ExecutorError, ExecutorErrorKind, worker_env};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How long a supervisor may take to say whether it took the attempt.
const CLAIM_WAIT: Duration = Duration::from_secs(30);
/// How long one that gave up may take to end.
const EXIT_WAIT: Duration = Duration::from_secs(2);
/// How much of what it says is read.
const MAX_SPEECH: u64 = 64 * 1024;
const PREFIX: &str = "leviathan-supervisor: ";

/// What a supervisor says on its standard output, in one line, before it starts the worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Readiness {
    Claimed,
    /// Another one has the attempt, or it has ended.
    Refused,
    /// Why it could not take it.
    Failed(String),
}

impl Readiness {
    /// A host that went away hears nothing and reads the directory when it is back.
    pub(crate) fn say(&self) {
        let text = match self {
            Self::Claimed => "claimed".to_owned(),
            Self::Refused => "refused".to_owned(),
            Self::Failed(why) => format!("failed {}", why.replace('\n', " ")),
        };
        let mut out = io::stdout().lock();
        let _ = writeln!(out, "{PREFIX}{text}").and_then(|()| out.flush());
    }

    /// Lines of another form are a program's own and mean nothing here.
    fn parse(line: &str) -> Option<Self> {
        match line.strip_prefix(PREFIX)?.trim_end() {
            "claimed" => Some(Self::Claimed),
            "refused" => Some(Self::Refused),
            other => Some(Self::Failed(other.strip_prefix("failed ").unwrap_or(other).to_owned())),
        }
    }
}

/// Starts a supervisor and waits until it took the attempt or saw that another one has it. Dropped meanwhile, the
/// supervisor goes on.
///
/// # Errors
/// The attempt may still have no supervisor. `Rejected` if the program cannot be started at all.
pub(crate) async fn start_supervisor(
    dir: &AttemptDir,
    launch: &LaunchRecord,
    config: &ProcessExecutorConfig,
) -> Result<(), ExecutorError> {
    let attempt = &launch.spec.attempt_id;
    let (program, args) = config.supervisor.split_first().ok_or_else(|| {
        ExecutorError::rejected("the executor's configuration names no program for supervisors")
    })?;
    let not_started = |error: io::Error| {
        let kind = match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput => {
                ExecutorErrorKind::Rejected
            }
            _ => ExecutorErrorKind::Unavailable,
        };
        let what = format!("attempt {attempt}: could not start its supervisor {program:?}: {error}");
        ExecutorError::new(kind, what).with_source(error)
    };
    let log = OpenOptions::new().append(true).create(true).mode(0o600).open(dir.supervisor_log());
    let mut command = Command::new(program);
    command
        .args(args)
        .arg(dir.path())
        .arg("--")
        .args(&config.worker)
        .env_clear()
        .envs(environment(dir, launch, config))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log.map_err(|error| {
            ExecutorError::unavailable(format!("attempt {attempt}: no supervisor.log")).with_source(error)
        })?)
        .current_dir(dir.path());
    let mut child = command.spawn().map_err(not_started)?;
    let said = timeout(CLAIM_WAIT, hear(&mut child)).await;
    let failed = match said {
        Ok(Some(Readiness::Claimed | Readiness::Refused)) => {
            // Whether or not the host lives until then: without a parent, the system reaps it.
            tokio::spawn(async move { child.wait().await });
            return Ok(());
        }
        Ok(Some(Readiness::Failed(why))) => format!("could not take it: {why}"),
        Ok(None) => {
            format!("ended without taking it: {}", last_words(dir).as_deref().unwrap_or("it said nothing"))
        }
        Err(_) => format!("did not take it within {} s", CLAIM_WAIT.as_secs()),
    };
    // Until it is dead it might take the attempt after all. One that gave up is on its way out.
    let ended = match timeout(EXIT_WAIT, child.wait()).await {
        Ok(Ok(status)) => format!(" ({status})"),
        _ => child
            .kill()
            .await
            .map_or_else(|error| format!(" (and cannot be killed: {error})"), |()| String::new()),
    };
    Err(ExecutorError::unavailable(format!("attempt {attempt}: its supervisor {failed}{ended}")))
}

/// The first line that is a supervisor's, or nothing if there is none.
async fn hear(child: &mut Child) -> Option<Readiness> {
    let mut lines = BufReader::new(child.stdout.take()?.take(MAX_SPEECH)).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(readiness) = Readiness::parse(&line) {
            return Some(readiness);
        }
    }
    None
}

/// The last line of `supervisor.log`, for a person.
pub(crate) fn last_words(dir: &AttemptDir) -> Option<String> {
    let text = read_at_most(&dir.supervisor_log(), MAX_SPEECH).ok().flatten().unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(ToOwned::to_owned)
}

/// The whole environment of an attempt's supervisor, which its worker inherits.
fn environment(
    dir: &AttemptDir,
    launch: &LaunchRecord,
    config: &ProcessExecutorConfig,
) -> BTreeMap<OsString, OsString> {
    let mut env = BTreeMap::<OsString, OsString>::new();
    let inherited = ["PATH", "LANG", "TZ"].map(|name| Some((name, std::env::var_os(name)?)));
    env.extend(inherited.into_iter().flatten().map(|(name, value)| (name.into(), value)));
    env.insert("HOME".into(), dir.home().into());
    env.extend(config.env.iter().map(|(name, value)| (name.into(), value.into())));
    env.extend(config.secrets.iter().map(|(name, value)| (name.into(), value.expose().into())));

    let mut set = |name: &str, value: &str| env.insert(name.into(), value.into());
    set(worker_env::CONTROL_PLANE_URL, &config.control_plane_url);
    set(worker_env::CONTROL_PLANE_TOKEN, config.control_plane_token.expose());
    if let Some(command) = &config.agent_command {
        set(worker_env::AGENT_COMMAND, command);
    }
    if !config.agent_env.is_empty() {
        set(worker_env::AGENT_ENV, &config.agent_env.join(","));
    }
    set(worker_env::DEADLINE_SECONDS, &launch.deadline_seconds.to_string());
    for (name, value) in worker_env::attempt_env(&launch.spec, &launch.created) {
        set(name, &value);
    }
    env
}
