//! `Forge`: where pull requests are. Workers open them, people merge and close them, and hosts ask how they stand.

use super::client::Client;
use super::sim::Sim;
use leviathan_core::decide::{Command, SeenPullRequest};
use leviathan_core::graph::PullRequestState;
use leviathan_core::id::{TargetId, TaskId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Clone)]
pub(crate) struct Forge {
    sim: Sim,
    targets: Arc<Mutex<BTreeMap<TargetId, Vec<SeenPullRequest>>>>,
}

impl Forge {
    pub(crate) fn new(sim: Sim) -> Self {
        Self { sim, targets: Arc::default() }
    }

    /// The number of the open pull request of a task's branch, which is opened if there is none.
    pub(crate) fn open(&self, target: &TargetId, task: &TaskId) -> u64 {
        let mut targets = self.targets.lock().unwrap();
        let requests = targets.entry(target.clone()).or_default();
        let branch = Some(format!("agent/{task}"));
        let open =
            |request: &&SeenPullRequest| request.branch == branch && request.state == PullRequestState::Open;
        if let Some(open) = requests.iter().find(open) {
            return open.number;
        }
        let number = requests.len() as u64 + 1;
        let state = PullRequestState::Open;
        requests.push(SeenPullRequest { number, state, url: None, title: None, branch, commit: None });
        self.sim.say(format_args!("forge: #{number} of {target} is opened for {task}"));
        number
    }

    /// Somebody merges or closes a pull request, or reopens one. Tells which.
    fn touch(&self, target: &TargetId) -> Option<SeenPullRequest> {
        let mut targets = self.targets.lock().unwrap();
        let requests = targets.get_mut(target)?;
        let reopens = !self.sim.is_calm() && self.sim.one_in(12);
        let wanted = if reopens { PullRequestState::Closed } else { PullRequestState::Open };
        let mut wanted: Vec<_> = requests.iter_mut().filter(|request| request.state == wanted).collect();
        let drawn = self.sim.below(wanted.len());
        let request = wanted.get_mut(drawn)?;
        request.state = match self.sim.below(5) {
            _ if reopens => PullRequestState::Open,
            0 => PullRequestState::Closed,
            _ => PullRequestState::Merged,
        };
        self.sim.say(format_args!("forge: #{} of {target} is {}", request.number, request.state.name()));
        Some(request.clone())
    }

    fn answer(&self, target: &TargetId) -> Command {
        let pull_requests = self.targets.lock().unwrap().get(target).cloned().unwrap_or_default();
        Command::ForgeAnswered { target: target.clone(), pull_requests }
    }

    /// A target's forge is asked each minute or so, people see to its pull requests, and sometimes it is not there.
    pub(crate) async fn serve(self, client: Client, target: TargetId) {
        loop {
            self.sim.sleep(Duration::from_secs(30) + self.sim.span(Duration::from_secs(60))).await;
            let touched = if self.sim.one_in(4) && !self.sim.is_calm() { None } else { self.touch(&target) };
            if let Some(pull_request) = touched.filter(|_| self.sim.one_in(2)) {
                client.send(Command::ForgeTold { target: target.clone(), pull_request }).await;
            }
            let is_silent = !self.sim.is_calm() && self.sim.one_in(10);
            let command = if is_silent {
                let (since, reason) = (super::clock::timestamp(self.sim.now()), "no answer".to_owned());
                Command::ForgeSilent { target: target.clone(), since, reason }
            } else {
                self.answer(&target)
            };
            client.send(command).await;
        }
    }

    /// Whether nothing is open any more, and so nothing waits to be merged.
    pub(crate) fn is_quiet(&self) -> bool {
        let is_open = |request: &SeenPullRequest| request.state == PullRequestState::Open;
        !self.targets.lock().unwrap().values().flatten().any(is_open)
    }
}
