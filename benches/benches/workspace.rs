//! How long an attempt takes before and behind its agent in a repository of 50,000 files, against `git` that does the same.
//!
//! Before the agent the worker clones from a path, reads backlog and policy, checks the base out and gives the agent a
//! repository of its own. Behind it, it takes the checkout into a tree, judges that, writes the patch, commits, pushes and
//! removes it all.
//! `git` does so with its commands: `clone --bare --no-local`, `read-tree -u`, and `init` with a commit; then `read-tree` and
//! `add -A` into a new index, `diff`, `commit`, `push`, and removes it all.
#![allow(clippy::print_stdout, reason = "a bench speaks on the terminal")]

use async_trait::async_trait;
use bytes::Bytes;
use leviathan_benches::Rounds;
use leviathan_core::Bundle;
use leviathan_core::artifact::ArtifactRef;
use leviathan_core::executor::worker_env as env;
use leviathan_worker::{
    Agent, AgentError, AgentOutcome, AgentTurn, Containment, NotDelivered, Reporter, Worker, WorkerConfig,
};
use nix::sys::resource::{UsageWho, getrusage};
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

type Outcome<T> = Result<T, Box<dyn Error>>;

const FILES_IN_FULL: usize = 50_000;
const FILES_IN_SHORT: usize = 500;
/// What the agent writes anew.
const TOUCHED: [&str; 3] = ["d0/f0.txt", "d1/f1.txt", "new.txt"];

/// How long something took before the agent and behind it.
#[derive(Debug, Clone, Copy)]
struct Took {
    before: Duration,
    behind: Duration,
}

/// Writes three files, and notes when it was asked and when it was done.
#[derive(Debug, Default)]
struct Toucher {
    turn: Mutex<Option<(Instant, Instant)>>,
}

#[async_trait]
impl Agent for Toucher {
    async fn work(&self, turn: &AgentTurn<'_>) -> Result<AgentOutcome, AgentError> {
        let began = Instant::now();
        // What can't be written is missed in the pushed branch.
        let _ = touch(turn.checkout);
        *self.turn.lock().unwrap_or_else(PoisonError::into_inner) = Some((began, Instant::now()));
        Ok(AgentOutcome::default())
    }
}

fn touch(checkout: &Path) -> std::io::Result<()> {
    TOUCHED.iter().try_for_each(|path| fs::write(checkout.join(path), "touched\n"))
}

/// Takes every report.
#[derive(Debug)]
struct Listener;

#[async_trait]
impl Reporter for Listener {
    async fn put_artifact(&self, _: &ArtifactRef, _: Bytes, _: Instant) -> Result<(), NotDelivered> {
        Ok(())
    }

    async fn post_bundle(&self, _: &Bundle, _: Instant) -> Result<(), NotDelivered> {
        Ok(())
    }
}

/// A bare repository of so many files of 2 to 4 KB each, hundred to a folder.
fn make_origin(room: &Path, files: usize) -> Outcome<()> {
    let seed = room.join("seed");
    for folder in 0..files.div_ceil(100) {
        fs::create_dir_all(seed.join(format!("d{folder}")))?;
        for number in folder * 100..files.min(folder * 100 + 100) {
            let line = format!("line of file {number}, which is like no other\n");
            fs::write(seed.join(format!("d{folder}/f{}.txt", number % 100)), line.repeat(48 + number % 48))?;
        }
    }
    fs::create_dir_all(seed.join(".leviathan"))?;
    fs::write(
        seed.join(".leviathan/backlog.yaml"),
        "- {id: touch, title: Touch, allowed_paths: ['**'], ready: true}\n",
    )?;
    git(&seed, &["init", "-q", "-b", "main"])?;
    git(&seed, &["add", "-A"])?;
    git(&seed, &["commit", "-qm", "seed"])?;
    git(room, &["clone", "-q", "--bare", "seed", "origin.git"])
}

fn git(dir: &Path, arguments: &[&str]) -> Outcome<()> {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "gc.auto=0"]);
    let output = git.current_dir(dir).args(arguments).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
}

async fn ours(room: &Path) -> Outcome<Took> {
    let path = |name: &str| room.join(name).display().to_string();
    let variable = |name: &str| match name {
        env::TARGET_NAME | env::ATTEMPT_ID => Some("bench".to_owned()),
        env::TASK_ID => Some("touch".to_owned()),
        env::TARGET_REPO_URL => Some(path("origin.git")),
        env::WORKSPACE_DIR => Some(path("workspace")),
        env::CONTROL_PLANE_URL => Some("http://127.0.0.1:1".to_owned()),
        env::CONTROL_PLANE_TOKEN => Some("none-is-needed".to_owned()),
        _ => None,
    };
    let agent = Arc::new(Toucher::default());
    let worker = Worker::new(WorkerConfig::from_env(variable)?, agent.clone(), Containment::Group);
    let start = Instant::now();
    let report = worker.run(&Listener, std::future::pending()).await;
    let end = Instant::now();
    if let Some(cause) = &report.result().failure {
        return Err(format!("{cause}: {}", report.result().summary).into());
    }
    let turn = *agent.turn.lock().unwrap_or_else(PoisonError::into_inner);
    let (began, done) = turn.ok_or("the agent was not asked")?;
    Ok(Took { before: began - start, behind: end - done })
}

fn gits(room: &Path) -> Outcome<Took> {
    let (bare, checkout) = (room.join("bare.git"), room.join("checkout"));
    let outside = |arguments: &[&str]| {
        git(&checkout, &[&["--git-dir=../bare.git", "--work-tree=."], arguments].concat())
    };
    fs::create_dir(&checkout)?;
    let start = Instant::now();
    git(room, &["clone", "-q", "--bare", "--no-local", "origin.git", "bare.git"])?;
    outside(&["read-tree", "--reset", "-u", "main"])?;
    git(&checkout, &["init", "-q"])?;
    git(&checkout, &["add", "-A"])?;
    git(&checkout, &["commit", "-qm", "base"])?;
    let began = Instant::now();
    touch(&checkout)?;
    let done = Instant::now();
    fs::remove_file(bare.join("index"))?;
    outside(&["read-tree", "main"])?;
    outside(&["add", "-A"])?;
    outside(&["diff", "--cached", "--output=/dev/null"])?;
    outside(&["commit", "-qm", "work"])?;
    outside(&["push", "-qf", "origin", "main:work"])?;
    fs::remove_dir_all(&bare)?;
    fs::remove_dir_all(&checkout)?;
    let end = Instant::now();
    Ok(Took { before: began - start, behind: end - done })
}

/// The most memory that this process has had since it was last asked, in MB.
fn peak_mb() -> Outcome<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("the kernel tells no peak")?;
    let kb: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    // Begins the peak anew.
    fs::write("/proc/self/clear_refs", "5")?;
    Ok(kb / 1024.0)
}

fn row(name: &str, our: &[Took], their: &[Took], part: impl Fn(&Took) -> Duration) {
    let median_of = |took: &[Took]| median(took.iter().map(&part).collect());
    let (our, their) = (median_of(our), median_of(their));
    println!("{name:<26}{our:>10.2}{their:>10.2}{:>8.2}", our / their);
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).map_or(f64::NAN, Duration::as_secs_f64)
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let rounds = Rounds::asked_for();
    let files = if rounds.count > 1 { FILES_IN_FULL } else { FILES_IN_SHORT };
    let room = TempDir::new()?;
    make_origin(room.path(), files)?;
    let before = peak_mb()?;
    let (mut our, mut their) = (Vec::new(), Vec::new());
    let mut peak: f64 = 0.0;
    for _ in 0..rounds.count.min(3) {
        our.push(ours(room.path()).await?);
        peak = peak.max(peak_mb()?);
        their.push(gits(room.path())?);
    }
    let gits = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss() as f64 / 1024.0;
    println!("{files} files; peak of memory {peak:.0} MB, {before:.0} MB of them before the first attempt");
    println!("the largest of git's processes had {gits:.0} MB");
    println!("{:<26}{:>10}{:>10}{:>8}", "seconds", "worker", "git", "ratio");
    row("clone and check out", &our, &their, |took| took.before);
    row("take, push and remove", &our, &their, |took| took.behind);
    Ok(())
}
