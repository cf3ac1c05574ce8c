//! `Attempt`: the steps of an attempt, in their order.

use super::Worker;
use super::blocking::{NETWORK_LIMIT, blocking};
use super::pull_request::PullRequestText;
use crate::Failure;
use crate::agent::AgentTurn;
use crate::attempt_dir::{AttemptDir, Tenant};
use crate::brief::{BACKLOG_FILE, Brief, POLICY_FILE};
use crate::budget::Budget;
use crate::checks::{CheckRun, CheckRunner};
use crate::confine::Confinement;
use crate::forge::{Forge, ForgeError, ForgeErrorKind, OpenPullRequest, PullRequestDraft, open_forge};
use crate::journal::Journal;
use crate::receipt::{Judgement, ReceiptOf, receipt};
use crate::text::{clip, tail};
use crate::workspace::{
    CommitMessage, Litter, Origin, Remote, Snapshot, changes, check_out, commit, patch, push, with_secrets,
    work_branch,
};
use git2::Oid;
use leviathan_core::Clock;
use leviathan_core::event::Event;
use leviathan_core::event::payload::{PullRequestFields, TestsFields};
use leviathan_core::executor::Cause;
use leviathan_core::graph::PullRequestState;
use leviathan_core::policy::Change;
use leviathan_local::SystemClock;
use leviathan_local::process::CommandExit;
use std::sync::Arc;

const MB: usize = 1024 * 1024;
/// The largest patch that is kept, in bytes, if the policy does not want a smaller one.
const PATCH_LIMIT: usize = 4 * MB;
/// What is said of a path that holds a secret.
const HOLDS_SECRET: &str = "holds a secret that the worker was given";
/// How many bytes are kept of what is wrong with work that is refused.
const VIOLATIONS_LIMIT: usize = MB;
/// How many bytes of a command line events and sentences show.
const COMMAND_SHOWN: usize = 4 * 1024;

/// Where the work is.
#[derive(Debug)]
pub(super) struct Pushed {
    pub(super) branch: String,
    pub(super) commit: String,
    pub(super) pull_request: Option<OpenPullRequest>,
    pub(super) summary: String,
}

/// An attempt that is being worked.
pub(super) struct Attempt<'a> {
    worker: &'a Worker,
    budget: Budget,
    journal: &'a mut Journal,
}

/// Where an attempt is worked, and what is asked.
struct Site {
    dir: AttemptDir,
    origin: Origin,
    brief: Brief,
    forge: Option<Arc<dyn Forge>>,
}

/// Work that passed the policy and the checks.
struct Passed {
    work: Snapshot,
    changes: Vec<Change>,
    round: u32,
    /// The command lines that failed in the rounds before.
    repaired: Vec<String>,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(worker: &'a Worker, budget: Budget, journal: &'a mut Journal) -> Self {
        Self { worker, budget, journal }
    }

    /// All of it: what it comes to is what the attempt comes to.
    pub(super) async fn run(mut self) -> Result<Pushed, Failure> {
        let site = self.open().await?;
        let mut litter = self.set_up(&site).await?;
        let passed = self.work_until_checks_pass(&site, &mut litter).await?;
        self.publish(&site, passed).await
    }

    /// Clones the target, reads what is asked, and checks the base out.
    async fn open(&self) -> Result<Site, Failure> {
        let config = &self.worker.config;
        let clock = Arc::new(SystemClock);
        let forge = open_forge(&config.forge, &config.repo_url, config.git_token.clone(), clock)
            .map_err(|error| Failure::new(Cause::ConfigError, error.to_string()))?;
        let dir = AttemptDir::make(&config.workspace_dir)?;
        let remote = Remote::new(&config.repo_url, config.git_token.clone())?;
        let (bare, checkout) = (dir.origin(), dir.checkout());
        let (branch, base, work) =
            (config.branch.clone(), config.base_commit.clone(), work_branch(&config.task));
        let task = config.task.clone();
        let limit = self.budget.work_left().min(NETWORK_LIMIT);
        let open = move || {
            let origin = Origin::clone_from(remote, bare, &branch, base.as_deref(), work)?;
            let (backlog, policy) = (origin.read(BACKLOG_FILE)?, origin.read(POLICY_FILE)?);
            let brief = Brief::read(&task, backlog.as_deref(), policy.as_deref())?;
            check_out(&origin, &checkout)?;
            Ok((origin, brief))
        };
        let (origin, brief) = blocking("cloning the target", limit, Cause::CloneFailed, open).await?;
        Ok(Site { dir, origin, brief, forge })
    }

    /// Runs the policy's `setup`, and notes what it leaves in the checkout.
    async fn set_up(&mut self, site: &Site) -> Result<Litter, Failure> {
        let mut litter = Litter::default();
        let setup = &site.brief.policy.setup;
        for (index, command) in setup.iter().enumerate() {
            let run = self.run_and_tell(site, command, 0, "log", format!("setup-{}.log", index + 1)).await?;
            if !run.passed() {
                return Err(failed_command(&run, Cause::SetupFailed, "setup"));
            }
        }
        if !setup.is_empty() {
            self.note_litter(site, &mut litter, site.origin.base_tree()?).await?;
        }
        Ok(litter)
    }

    /// Lets the agent work, and repair what the checks say, as often as it may.
    async fn work_until_checks_pass(&mut self, site: &Site, litter: &mut Litter) -> Result<Passed, Failure> {
        let rounds = self.worker.config.max_rounds.get();
        let mut failed_check: Option<CheckRun> = None;
        let mut repaired = Vec::new();
        for round in 1..=rounds {
            self.let_agent_work(site, round, failed_check.as_ref()).await?;
            let (raw, work, changes) = self.take_work(site, litter).await?;
            self.judge(site, &work, &changes).await?;
            failed_check = self.check(site, round).await?;
            match &failed_check {
                None => return Ok(Passed { work, changes, round, repaired }),
                Some(run) => repaired.push(run.command.clone()),
            }
            if round < rounds {
                self.note_litter(site, litter, raw.tree).await?;
            }
        }
        Err(match failed_check {
            Some(run) => failed_command(&run, Cause::ChecksFailed, "the check"),
            None => Failure::new(Cause::NoChanges, "the agent had no round to work in"),
        })
    }

    async fn let_agent_work(
        &mut self,
        site: &Site,
        round: u32,
        failed_check: Option<&CheckRun>,
    ) -> Result<(), Failure> {
        let config = &self.worker.config;
        let (checkout, scratch) = (site.dir.checkout(), site.dir.scratch());
        let env = site.dir.env(&config.base_env, Tenant::Agent);
        let turn = AgentTurn {
            attempt: &config.attempt,
            target: &config.target,
            task: &site.brief.task,
            round,
            failed_check,
            checkout: &checkout,
            scratch: &scratch,
            env: &env,
            // It talks to its model.
            confinement: &self.confinement(site, Tenant::Agent, true),
            time_left: self.budget.work_left(),
        };
        let (output, end) = match self.worker.agent.work(&turn).await {
            Ok(outcome) => (outcome.output, Ok(())),
            Err(error) => (error.output, Err(error.failure)),
        };
        if !output.is_empty() {
            self.journal.keep("log", format!("agent-round-{round}.log"), output);
        }
        end
    }

    /// The checkout as it is, the agent's part of it, and how that differs from the base.
    async fn take_work(
        &self,
        site: &Site,
        litter: &Litter,
    ) -> Result<(Snapshot, Snapshot, Vec<Change>), Failure> {
        let (origin, checkout, litter) = (site.origin.clone(), site.dir.checkout(), litter.clone());
        let redactor = self.journal.redactor().clone();
        let take = move || {
            let raw = Snapshot::take(&origin, &checkout)?;
            let mut work = litter.leave_out(&origin, &raw)?;
            let changes = changes(&origin, work.tree)?;
            let secrets = with_secrets(&origin, work.tree, &changes, &redactor)?;
            work.refused.extend(secrets.into_iter().map(|path| (path, HOLDS_SECRET)));
            Ok((raw, work, changes))
        };
        self.local("taking the agent's work", take).await
    }

    /// The policy's word on the work. What is refused is kept as a patch, and beside it all that is wrong with it.
    async fn judge(&mut self, site: &Site, work: &Snapshot, changes: &[Change]) -> Result<(), Failure> {
        if changes.is_empty() && work.refused.is_empty() {
            return Err(Failure::new(Cause::NoChanges, "the agent changed nothing"));
        }
        let judgement = Judgement::of(&site.brief.policy, &site.brief.task, changes).with(&work.refused);
        if judgement.is_allowed() {
            return Ok(());
        }
        self.keep_patch(site, work, "patch", "refused.patch").await?;
        let mut lines = judgement.lines();
        lines.truncate(VIOLATIONS_LIMIT);
        self.journal.keep("log", "violations.log", lines);
        self.record_receipt(site, work, changes, &judgement, None);
        Err(judgement.failure())
    }

    /// Runs the policy's checks, and gives the first that fails.
    async fn check(&mut self, site: &Site, round: u32) -> Result<Option<CheckRun>, Failure> {
        for (index, command) in site.brief.policy.checks.iter().enumerate() {
            let name = format!("check-{}-round-{round}.log", index + 1);
            let run = self.run_and_tell(site, command, round, "test_output", name).await?;
            if run.exit == CommandExit::DeadlineExceeded {
                return Err(failed_command(&run, Cause::DeadlineExceeded, "the check"));
            }
            if !run.passed() {
                return Ok(Some(run));
            }
        }
        Ok(None)
    }

    /// Runs one of the policy's commands, tells how it begins and ends, and keeps its output.
    async fn run_and_tell(
        &mut self,
        site: &Site,
        command: &str,
        round: u32,
        kind: &str,
        name: String,
    ) -> Result<CheckRun, Failure> {
        let told = TestsFields {
            attempt_id: self.worker.config.attempt.clone(),
            command: clip(command, COMMAND_SHOWN),
            exit_code: None,
            duration_ms: None,
            output_sha256: None,
            round,
        };
        self.journal.record(Event::TestsStarted(told.clone()));
        let run = self.run_command(site, command, round).await?;
        let told = TestsFields {
            exit_code: run.exit_code(),
            duration_ms: u64::try_from(run.duration.as_millis()).ok(),
            output_sha256: Some(self.journal.keep(kind, name, run.output.clone())),
            ..told
        };
        self.journal.record(if run.passed() { Event::TestsPassed(told) } else { Event::TestsFailed(told) });
        Ok(run)
    }

    async fn run_command(&self, site: &Site, command: &str, round: u32) -> Result<CheckRun, Failure> {
        let policy = &site.brief.policy;
        let network = if round == 0 { policy.setup_network } else { policy.checks_network };
        let runner = CheckRunner {
            checkout: &site.dir.checkout(),
            env: &site.dir.env(&self.worker.config.base_env, Tenant::Checks),
            confinement: &self.confinement(site, Tenant::Checks, network),
            containment: self.worker.containment,
        };
        runner.run(command, round, self.budget.work_left()).await
    }

    /// A tenant's programs reach its own places, and the agent's its task.
    fn confinement(&self, site: &Site, tenant: Tenant, network: bool) -> Confinement {
        let Some(confiner) = &self.worker.confiner else { return Confinement::none() };
        let readable = match tenant {
            Tenant::Agent => vec![site.dir.scratch()],
            Tenant::Checks => Vec::new(),
        };
        confiner.confinement(&site.dir.writable(tenant), &readable, network)
    }

    /// Notes what commands of ours left in the checkout since `before`, so that it is not taken for the agent's work.
    async fn note_litter(&self, site: &Site, litter: &mut Litter, before: Oid) -> Result<(), Failure> {
        let (origin, checkout, mut noted) = (site.origin.clone(), site.dir.checkout(), litter.clone());
        let note = move || {
            noted.note(&origin, before, &Snapshot::take(&origin, &checkout)?)?;
            Ok(noted)
        };
        *litter = self.local("looking at what setup and checks left", note).await?;
        Ok(())
    }

    /// Commits and pushes the tree that was judged, and asks for it to be merged.
    async fn publish(&mut self, site: &Site, passed: Passed) -> Result<Pushed, Failure> {
        self.keep_patch(site, &passed.work, "diff", "work.diff").await?;
        let config = &self.worker.config;
        let task = &site.brief.task;
        let title = if task.title.is_empty() { task.task_id.as_str() } else { &task.title };
        let message = CommitMessage {
            title,
            target: &config.target,
            task: &config.task,
            attempt: &config.attempt,
            log_head: config.log_head,
        }
        .text();
        let (origin, tree) = (site.origin.clone(), passed.work.tree);
        let limit = self.budget.work_left().min(NETWORK_LIMIT);
        let publish = move || {
            let commit = commit(&origin, tree, &message)?;
            push(&origin, commit)?;
            Ok(commit)
        };
        let commit = blocking("pushing the work", limit, Cause::PushFailed, publish).await?.to_string();
        let judgement = Judgement::default();
        self.record_receipt(site, &passed.work, &passed.changes, &judgement, Some(commit.clone()));
        let pull_request = match &site.forge {
            Some(forge) => Some(self.propose(forge.as_ref(), site, &commit, &passed).await?),
            None => None,
        };
        let summary = format!(
            "{title}: {} file(s) changed, {} check(s) passed in round {}",
            passed.changes.len(),
            site.brief.policy.checks.len(),
            passed.round
        );
        Ok(Pushed { branch: site.origin.work_branch().to_owned(), commit, pull_request, summary })
    }

    /// Opens the task's pull request, or has the open one say what there is to say now.
    async fn propose(
        &mut self,
        forge: &dyn Forge,
        site: &Site,
        commit: &str,
        passed: &Passed,
    ) -> Result<OpenPullRequest, Failure> {
        let config = &self.worker.config;
        let text = PullRequestText {
            target: &config.target,
            task: &site.brief.task,
            attempt: &config.attempt,
            attempt_number: config.attempt_number,
            commit,
            checks: &site.brief.policy.checks,
            round: passed.round,
            repaired: &passed.repaired,
            cost_usd: self.journal.cost_usd(),
            log_head: config.log_head,
        };
        let draft = PullRequestDraft {
            head: site.origin.work_branch().to_owned(),
            base: config.branch.clone(),
            title: self.journal.redact(&text.title()),
            body: self.journal.redact(&text.body()),
        };
        let deadline = SystemClock.now() + self.budget.work_left().min(NETWORK_LIMIT);
        let opened = forge.propose(&draft, deadline).await.map_err(|error| not_proposed(&draft, &error))?;
        self.journal.record(Event::PrCreated(PullRequestFields {
            attempt_id: Some(config.attempt.clone()),
            pr_number: opened.number,
            pr_url: Some(opened.url.clone()),
            title: Some(draft.title),
            state: Some(PullRequestState::Open.name().to_owned()),
            branch_name: Some(draft.head),
            commit_sha: Some(commit.to_owned()),
        }));
        Ok(opened)
    }

    async fn keep_patch(
        &mut self,
        site: &Site,
        work: &Snapshot,
        kind: &str,
        name: &str,
    ) -> Result<(), Failure> {
        let (origin, tree) = (site.origin.clone(), work.tree);
        let wanted = site.brief.policy.safety_rules.max_artifact_size_mb;
        let limit = wanted.map_or(PATCH_LIMIT, |mb| PATCH_LIMIT.min(mb.get() as usize * MB));
        let text = self.local("writing the patch", move || patch(&origin, tree, limit)).await?;
        self.journal.keep(kind, name, text);
        Ok(())
    }

    fn record_receipt(
        &mut self,
        site: &Site,
        work: &Snapshot,
        changes: &[Change],
        judgement: &Judgement,
        commit: Option<String>,
    ) {
        let of = ReceiptOf {
            attempt: &self.worker.config.attempt,
            task: &self.worker.config.task,
            base: site.origin.base(),
            head: commit,
            tree: work.tree,
            changes,
            policy_sha256: site.brief.policy.sha256,
            judgement,
        };
        let receipt = receipt(of, self.journal.redactor());
        self.journal.record(Event::PolicyReceipt(receipt));
    }

    async fn local<T: Send + 'static>(
        &self,
        doing: &str,
        step: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        blocking(doing, self.budget.work_left(), Cause::DeadlineExceeded, step).await
    }
}

/// The work is pushed and nobody is asked to merge it. The next attempt starts anew, and finds the branch.
fn not_proposed(draft: &PullRequestDraft, error: &ForgeError) -> Failure {
    let cause = match error.kind() {
        ForgeErrorKind::Unavailable => Cause::PushFailed,
        _ => Cause::PushDenied,
    };
    Failure::new(cause, format!("{} was pushed, and has no pull request: {error}", draft.head))
}

fn failed_command(run: &CheckRun, cause: Cause, what: &str) -> Failure {
    let cause = if run.exit == CommandExit::DeadlineExceeded { Cause::DeadlineExceeded } else { cause };
    let round = if run.round > 0 { format!(" in round {}", run.round) } else { String::new() };
    let summary = format!(
        "{what} `{}` {}{round}; its last words: {}",
        clip(&run.command, COMMAND_SHOWN),
        how(run.exit),
        tail(&run.output)
    );
    Failure::new(cause, summary)
}

fn how(exit: CommandExit) -> String {
    match exit {
        CommandExit::DeadlineExceeded => "used up the attempt's time".to_owned(),
        exit => format!("ended with {exit}"),
    }
}
