//! `FakeGitHub`: one repository on a GitHub of the test's own.

use crate::fault::Fault;
use crate::gate::Gate;
use crate::git::BareRepository;
use crate::pull::{FakePull, PullState};
use crate::routes;
use crate::serving::serve;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

/// One repository on a GitHub of the test's own. It serves until the test's process ends.
#[derive(Debug, Clone)]
pub struct FakeGitHub {
    url: Arc<OnceLock<String>>,
    pub(crate) owner: String,
    pub(crate) name: String,
    pub(crate) token: String,
    pub(crate) git: BareRepository,
    state: Arc<Mutex<State>>,
}

/// What changes.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) pulls: Vec<FakePull>,
    pub(crate) faults: VecDeque<Option<Fault>>,
    pub(crate) always: Option<Fault>,
    pub(crate) requests: Vec<String>,
    pub(crate) violations: Vec<String>,
    pub(crate) page_size: Option<usize>,
}

impl FakeGitHub {
    /// Serves `owner/name`, whose branches are those of the bare repository, to whoever knows the token.
    ///
    /// # Panics
    /// If no port can be listened on.
    pub fn start(owner: &str, name: &str, repository: &Path, token: &str) -> Self {
        Self::start_behind(&Gate::default(), owner, name, repository, token)
    }

    /// The same behind a gate, which notes its requests as those of `forge`.
    ///
    /// # Panics
    /// If no port can be listened on.
    pub fn start_behind(gate: &Gate, owner: &str, name: &str, repository: &Path, token: &str) -> Self {
        let shared = Arc::<OnceLock<String>>::default();
        let fake = Self {
            url: shared.clone(),
            owner: owner.to_owned(),
            name: name.to_owned(),
            token: token.to_owned(),
            git: BareRepository(repository.to_owned()),
            state: Arc::default(),
        };
        let serving = serve(gate.before("forge", routes::router(fake.clone())));
        shared.set(serving.url()).unwrap();
        fake
    }

    /// Where the API is.
    ///
    /// # Panics
    /// Never: it is known once the server was started.
    pub fn url(&self) -> String {
        self.url.get().unwrap().clone()
    }

    /// The next requests fail like this, one after the other; `None` is one that does not fail.
    pub fn fail_next(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.state().faults.extend(faults);
    }

    /// Every request fails like this, until there is none.
    pub fn fail_always(&self, fault: Option<Fault>) {
        self.state().always = fault;
    }

    /// No page holds more than this.
    pub fn limit_pages_to(&self, size: usize) {
        self.state().page_size = Some(size);
    }

    /// A pull request by somebody else, from a repository of `head_owner`.
    pub fn open_by_hand(&self, head_owner: &str, head: &str, base: &str) -> u64 {
        let number = self.next_number();
        let head_sha = self.git.tip(head).unwrap_or_else(|| "f".repeat(40));
        self.state().pulls.push(FakePull {
            number,
            title: format!("By hand: {head}"),
            body: String::new(),
            head_owner: head_owner.to_owned(),
            head: head.to_owned(),
            head_sha,
            base: base.to_owned(),
            state: PullState::Open,
        });
        number
    }

    /// Somebody merges it: its branch of the repository too.
    ///
    /// # Panics
    /// If it can't be merged.
    pub fn merge(&self, number: u64) {
        let pull = self.pull(number);
        self.git.merge(&pull.base, &pull.head, &format!("Merge pull request #{number}"));
        self.settle(number, PullState::Merged);
    }

    /// Somebody closes it, or opens it again.
    pub fn settle(&self, number: u64, state: PullState) {
        let mut all = self.state();
        all.pulls.iter_mut().find(|pull| pull.number == number).unwrap().state = state;
    }

    /// All pull requests, by number.
    pub fn pulls(&self) -> Vec<FakePull> {
        self.state().pulls.clone()
    }

    /// One pull request.
    ///
    /// # Panics
    /// If there is none of this number.
    pub fn pull(&self, number: u64) -> FakePull {
        self.pulls().into_iter().find(|pull| pull.number == number).unwrap()
    }

    /// Method and path of each request that came, in order.
    pub fn requests(&self) -> Vec<String> {
        self.state().requests.clone()
    }

    /// What of the requests was not as the API wants it.
    pub fn violations(&self) -> Vec<String> {
        self.state().violations.clone()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn next_number(&self) -> u64 {
        // Issues have numbers of the same row.
        self.state().pulls.last().map_or(7, |pull| pull.number + 2)
    }
}
