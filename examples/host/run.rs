//! The host itself: puts the parts together, runs the scheduler, and says at the end what came of it.

use super::cli::{Backend, Cli, ExecutorKind};
use super::progress::Progress;
use super::source::{self, Source};
use super::state_dir::StateDir;
use super::{SUPERVISE, WORKER, api, closing, cluster, demo, export, forge, narrator};
use crate::artifacts::ArtifactsPlace;
use crate::interrupted::interrupted;
use crate::log::{Log, LogPlace};
use anyhow::{Context, Result, ensure};
use leviathan_core::artifact::ArtifactStore;
use leviathan_core::decide::Command;
use leviathan_core::executor::{Executor, worker_env};
use leviathan_core::id::TargetId;
use leviathan_core::{
    Clock, CompleteOn, ForgeConfig, Leadership, Ledger, Limits, Scheduler, Secret, TargetConfig, TargetFile,
    TargetLimits, Until,
};
use leviathan_http::server::{ApiState, Metrics, Tokens, router, serve};
use leviathan_local::SystemClock;
use leviathan_local::executor::{ProcessExecutor, ProcessExecutorConfig};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, Notify, oneshot};
use tokio::task::JoinHandle;
use tracing_subscriber::EnvFilter;

/// Runs the host to its end.
pub(crate) fn main(cli: Cli) -> ExitCode {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error,leviathan_k8s=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let ran = tokio::runtime::Runtime::new()
        .context("the runtime can't be started")
        .and_then(|runtime| runtime.block_on(run(cli)));
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody who reads this is left if it can't be written.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What is worked, and by which agent.
pub(crate) struct Work {
    pub(crate) target: TargetConfig,
    pub(crate) agent_command: Option<String>,
    pub(crate) state: StateDir,
}

async fn run(cli: Cli) -> Result<()> {
    cli.check()?;
    let artifacts = cli.artifacts()?;
    let work = work(&cli)?;
    let target = &work.target.target_id;
    let progress = Progress::new();
    progress
        .line(&format!("target  {target}: {}, branch {}", work.target.repo_url, work.target.default_branch));
    progress.line(&format!("state   {}", work.state.path().display()));
    let forge = forge::open(&work.target)?;
    let mut source = Source::new(work.target.clone());
    let backlog = source.read().await?;
    let source = Arc::new(Mutex::new(source));

    let _held = (cli.backend == Backend::Postgres).then(|| work.state.hold()).transpose()?;
    let metrics = Metrics::new();
    let (log, ledger, door) = open_log(&cli, &work, &metrics, &progress).await?;
    let begun_at = ledger.read(|graph| graph.head().position);
    let own = || ArtifactsPlace::Directory(work.state.artifacts());
    let artifacts = artifacts.unwrap_or_else(own).open()?;
    let worker_token = work.state.token("LEVIATHAN_WORKER_TOKEN", "worker-token")?;
    let listener = api::bind(&work.state, &cli.host, cli.port, &progress).await?;
    let url = format!("http://{}", listener.local_addr()?);
    progress.line(&format!("api     {url}\n"));
    let executor: Arc<dyn Executor> = match cli.executor {
        ExecutorKind::Local => Arc::new(executor(&cli, &work, &url, &worker_token, artifacts.clone())?),
        ExecutorKind::K8s => cluster::executor(&cli, &work, &ledger, artifacts.clone()).await?,
    };
    let (stop_api, stopped) = oneshot::channel();
    let state = api_state(&work.state, &ledger, artifacts, worker_token)?.with_metrics(metrics);
    let wake = Arc::new(Notify::new());
    let router = router(forge::hear_webhooks(state, target, &wake));
    let api = tokio::spawn(serve(listener, router, async { drop(stopped.await) }));

    for command in opening_commands(&cli, &ledger, &work.target) {
        ledger.submit(command).await?;
    }
    ledger.submit(backlog.command()).await?;
    let (stop_narrator, stopped) = oneshot::channel();
    let narrator = tokio::spawn(narrator::narrate(ledger.clone(), progress.clone(), begun_at, stopped));
    let follow = || tokio::spawn(source::follow(source.clone(), ledger.clone(), progress.clone()));
    let mut followers: Vec<JoinHandle<()>> = cli.watch.then(follow).into_iter().collect();
    followers.extend(log.keep_snapshots(&ledger));
    if let Some(forge) = forge {
        followers.push(forge::follow(forge, &work.target, &ledger, &source, wake, &progress).await);
    }

    let scheduler = Scheduler::new(ledger.clone(), executor, Arc::new(SystemClock))
        .with_leadership(leadership(&cli))
        .only(target.clone());
    let ran = scheduler.run(until(&cli), told_to_stop(interrupted()?, &progress)).await;

    followers.iter().for_each(JoinHandle::abort);
    // Both listen until they are told, unless they have ended already.
    let _ = stop_narrator.send(());
    narrator.await.context("the narrator ended badly")?;
    let _ = stop_api.send(());
    api.await.context("the API ended badly")?.context("the API ended badly")?;
    progress.finish();
    let closed = close(&cli, &work, &ledger, &log, &progress).await;
    drop((scheduler, ledger, source));
    door.await.context("the ledger ended badly")?;
    ran?;
    closed
}

/// What the command line asks for, with nothing opened yet.
fn work(cli: &Cli) -> Result<Work> {
    let Some(name) = &cli.target else {
        let state = match &cli.state_dir {
            Some(path) => StateDir::open(path)?,
            None => StateDir::for_demo()?,
        };
        let (target, agent) = demo::prepare(&state)?;
        return Ok(Work { target, agent_command: cli.agent_command.clone().or(Some(agent)), state });
    };
    let target_id = TargetId::new(name).context("--target must not be empty")?;
    let (target, agent) = match &cli.repo {
        Some(repo) => {
            let default_branch = cli.branch.clone().unwrap_or_else(|| "main".to_owned());
            let complete_on = CompleteOn::Pushed;
            let (repo_url, limits) = (absolute(repo)?, TargetLimits::default());
            let forge = ForgeConfig::of_repository(&repo_url);
            (TargetConfig { target_id, repo_url, default_branch, complete_on, limits, forge }, None)
        }
        None => target_file(&cli.targets, name)?,
    };
    let agent_command = cli.agent_command.clone().or(agent).filter(|command| !command.trim().is_empty());
    ensure!(
        agent_command.is_some(),
        "there is no agent: --agent-command gives the command line to run as one"
    );
    let state = StateDir::open(cli.state_dir.as_deref().unwrap_or(&Path::new(".leviathan").join(name)))?;
    Ok(Work { target, agent_command, state })
}

/// Workers run elsewhere, so a path is made absolute; a URL is left as it is.
fn absolute(repo: &str) -> Result<String> {
    let is_path = !repo.contains("://") && (Path::new(repo).exists() || !repo.contains(':'));
    Ok(if is_path { std::path::absolute(repo)?.display().to_string() } else { repo.to_owned() })
}

/// Reads `NAME.yaml` of the targets' folder.
fn target_file(folder: &Path, name: &str) -> Result<(TargetConfig, Option<String>)> {
    let path = folder.join(format!("{name}.yaml"));
    let text = std::fs::read_to_string(&path).with_context(|| {
        format!("the target file {} can't be read; --repo names a repository without one", path.display())
    })?;
    let file = TargetFile::parse(&text, &path.display().to_string())?;
    let TargetFile { name: target_id, repo_url, default_branch, complete_on, limits, forge, agent_command } =
        file;
    let repo_url = absolute(&repo_url)?;
    Ok((TargetConfig { target_id, repo_url, default_branch, complete_on, limits, forge }, agent_command))
}

async fn open_log(
    cli: &Cli,
    work: &Work,
    metrics: &Metrics,
    progress: &Progress,
) -> Result<(Log, Ledger, JoinHandle<()>)> {
    // Each demo is a log of its own.
    let own = || cli.target.clone().unwrap_or_else(|| work.state.name());
    let place = match cli.backend {
        Backend::Embedded => LogPlace::Directory(work.state.log()),
        Backend::Postgres => {
            let log = cli.log.clone().unwrap_or_else(own);
            progress.line(&format!("log     {log:?} in Postgres"));
            LogPlace::Database { url: cli.database()?, log, snapshot_every: cli.snapshot_every }
        }
    };
    let (log, torn) = Log::open(&place).await?;
    if let Some(torn) = torn {
        progress.line(&format!("log     {torn}"));
    }
    let (ledger, door) = log.open_ledger(work.target.target_id.as_str(), metrics).await?;
    Ok((log, ledger, door))
}

/// How the scheduler knows that no other does the same work.
fn leadership(cli: &Cli) -> Leadership {
    match cli.backend {
        Backend::Embedded => Leadership::Exclusive,
        Backend::Postgres => Leadership::Lease(Duration::from_secs(cli.lease.get().into())),
    }
}

fn executor(
    cli: &Cli,
    work: &Work,
    url: &str,
    worker_token: &Secret,
    artifacts: Arc<dyn ArtifactStore>,
) -> Result<ProcessExecutor> {
    let program = std::env::current_exe().context("the path of this program is not known")?.into_os_string();
    let mut config = ProcessExecutorConfig::new(
        work.state.path(),
        vec![program.clone(), SUPERVISE.into()],
        vec![program, WORKER.into()],
        artifacts,
        url,
        worker_token.clone(),
    );
    config.agent_command = work.agent_command.clone();
    config.agent_env = cli.agent_env.clone();
    config.env = checks_env(&cli.checks_env);
    config.env.extend(cli.keep_in.env()?);
    let secrets = cli.agent_env.iter().map(String::as_str).chain([worker_env::GITHUB_TOKEN]);
    let given = secrets.filter_map(|name| Some((name.to_owned(), Secret::new(std::env::var(name).ok()?))));
    config.secrets = given.collect();
    Ok(ProcessExecutor::open(config)?)
}

/// What checks may see, by value, and by name for the worker. HOME is an attempt's own, so a toolchain that rustup keeps
/// below the real one would not be found.
fn checks_env(names: &[String]) -> BTreeMap<String, String> {
    let rustup = || {
        let kept = PathBuf::from(std::env::var_os("HOME")?).join(".rustup");
        kept.is_dir().then(|| kept.display().to_string())
    };
    let value = |name: &String| match name.as_str() {
        "RUSTUP_HOME" => std::env::var(name).ok().or_else(rustup),
        _ => std::env::var(name).ok(),
    };
    let values = names.iter().filter_map(|name| Some((name.clone(), value(name)?)));
    values.chain([(worker_env::CHECKS_ENV.to_owned(), names.join(","))]).collect()
}

fn api_state(
    state: &StateDir,
    ledger: &Ledger,
    artifacts: Arc<dyn ArtifactStore>,
    worker_token: Secret,
) -> Result<ApiState> {
    let operator = state.token("LEVIATHAN_CONTROL_PLANE_TOKEN", "operator-token")?;
    let operators = Tokens::listed(operator.expose());
    let tokens = Tokens::new(operators, vec![worker_token])?.with_keys(state.token_keys()?);
    Ok(ApiState::new(ledger.clone(), artifacts, tokens))
}

/// What is recorded before anything starts.
fn opening_commands(cli: &Cli, ledger: &Ledger, target: &TargetConfig) -> Vec<Command> {
    let mut commands = vec![Command::RegisterTarget(target.clone())];
    if let Some(max_running) = cli.max_running {
        let limits = ledger.read(|graph| Limits { max_running, ..*graph.limits() });
        commands.push(Command::ChangeLimits { limits, reason: "--max-running".to_owned() });
    }
    if cli.resume {
        let reason = "--resume".to_owned();
        commands.push(Command::ResumeTarget { target: target.target_id.clone(), reason });
    }
    commands
}

fn until(cli: &Cli) -> Until {
    match (cli.once, cli.watch) {
        (true, _) => Until::Once,
        (_, true) => Until::Stopped,
        _ => Until::Idle,
    }
}

/// Ends when the host is told to stop.
async fn told_to_stop(interrupted: impl Future<Output = ()>, progress: &Progress) {
    interrupted.await;
    progress.line("stopping; what runs goes on, and the same command adopts it");
}

/// The closing words: table, head, export, and whether the log verifies.
async fn close(cli: &Cli, work: &Work, ledger: &Ledger, log: &Log, progress: &Progress) -> Result<()> {
    let target = &work.target.target_id;
    let (table, pause, head) = ledger.read(|graph| {
        let pause = graph.target(target).and_then(|target| target.paused.clone());
        (closing::table(graph, target, SystemClock.now()), pause, graph.head())
    });
    progress.line(&format!("\n{table}\n"));
    if let Some(pause) = pause {
        progress.line(&format!(
            "paused  {}\n        set that right, then start again with --resume\n",
            pause.reason
        ));
    }
    closing::verify(log.store().as_ref(), head).await?;
    progress.line(&format!("log     verified {} events", head.position));
    progress.line(&format!("head    {head}"));
    if let Some(path) = &cli.export {
        export::export(log.store().as_ref(), head, path).await?;
        progress.line(&format!("export  {}", path.display()));
    }
    Ok(())
}
