//! `GitHub`: pull requests on GitHub, or on a server that speaks its API.

mod answer;
mod api;
mod fault;
mod link;
mod pull;

use super::error::Kinds;
use super::repository::Repository;
use super::{Asked, Forge, ForgeError, OpenPullRequest, PullRequestDraft};
use api::{Api, Call};
use async_trait::async_trait;
use fault::Fault;
use leviathan_core::decide::SeenPullRequest;
use leviathan_core::graph::PullRequestState;
use leviathan_core::{Clock, Secret, Timestamp};
use pull::Pull;
use reqwest::Method;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// How many pages of open pull requests are read. Those of ours beyond are asked for by number.
const MAX_PAGES: usize = 10;
/// How many times a pull request that is said to exist is looked for.
const MAX_LOOKS: u32 = 5;
/// How long to wait before it is looked for again, times the looks so far.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The pull requests of one repository on GitHub, or on a server that speaks its API.
///
/// Redirects are not followed, so the token goes nowhere but to the URL that it was given for. A rate limit is kept: while
/// it lasts, nothing is sent.
#[derive(Debug)]
pub struct GitHub {
    api: Api,
    repository: Repository,
}

impl GitHub {
    /// Makes ready to speak to the API at `api_url` about the repository at `repo_url`, whose last two parts are its owner
    /// and name. Nothing is sent yet. If the host installed no TLS provider for the process, ring is installed.
    ///
    /// # Errors
    /// `Rejected` if one of the three cannot be used; `Unavailable` if the machine's certificates or network cannot.
    pub fn new(
        api_url: &str,
        repo_url: &str,
        token: Secret,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ForgeError> {
        let repository = Repository::of_url(repo_url).ok_or_else(|| {
            ForgeError::rejected(format!("{repo_url} does not end with an owner and a repository's name"))
        })?;
        Ok(Self { api: Api::new(api_url, token, clock)?, repository })
    }

    /// How long the answer to one request may take; else 30 seconds.
    #[must_use]
    pub fn with_request_timeout(mut self, timeout: Duration) -> Self {
        self.api.request_timeout = timeout;
        self
    }

    fn call(&self, method: Method, below: &[&str]) -> Call {
        let path =
            [&["repos", self.repository.owner.as_str(), self.repository.name.as_str()], below].concat();
        Call::new(method, self.api.base.at(&path))
    }

    fn listing(&self, query: &[(&str, &str)]) -> Call {
        let call = self.call(Method::GET, &["pulls"]);
        call.query(&[query, &[("sort", "created"), ("direction", "desc"), ("per_page", "100")]].concat())
    }

    /// A branch as the API wants to hear of it; without the owner it would be passed over.
    fn head(&self, branch: &str) -> String {
        format!("{}:{branch}", self.repository.owner)
    }

    /// The pull requests of a listing, newest first, and no more of them than `pages` hold.
    async fn list(&self, listing: Call, pages: usize, deadline: Timestamp) -> Result<Vec<Pull>, Fault> {
        let mut all = Vec::new();
        let mut next = Some(listing);
        for _ in 0..pages {
            let Some(call) = next.take() else { break };
            let (page, link) = self.api.send::<Vec<Pull>>(&call, deadline).await?;
            all.extend(page);
            next = link.map(|url| Call::new(Method::GET, url));
        }
        Ok(all)
    }

    /// The open pull request of a branch.
    async fn find(&self, draft: &PullRequestDraft, deadline: Timestamp) -> Result<Option<Pull>, Fault> {
        let head = self.head(&draft.head);
        let listing = self.listing(&[("state", "open"), ("head", &head), ("base", &draft.base)]);
        let found = self.list(listing, 1, deadline).await?;
        Ok(found.into_iter().find(|pull| pull.is_open() && self.is_of(pull, &draft.head, &draft.base)))
    }

    async fn update(
        &self,
        number: u64,
        draft: &PullRequestDraft,
        deadline: Timestamp,
    ) -> Result<Pull, Fault> {
        let call = self.call(Method::PATCH, &["pulls", &number.to_string()]);
        let call = call.body(json!({"title": draft.title, "body": draft.body}));
        self.api.send(&call, deadline).await.map(|(pull, _)| pull)
    }

    async fn create(&self, draft: &PullRequestDraft, deadline: Timestamp) -> Result<Pull, Fault> {
        let call = self
            .call(Method::POST, &["pulls"])
            .body(json!({"title": draft.title, "body": draft.body, "head": draft.head, "base": draft.base}));
        self.api.send(&call, deadline).await.map(|(pull, _)| pull)
    }

    /// Whether it would merge this branch of the repository itself, and not one of the same name of a fork.
    fn is_of(&self, pull: &Pull, branch: &str, base: &str) -> bool {
        self.is_own(pull) && pull.head.name == branch && pull.base.name == base
    }

    fn is_own(&self, pull: &Pull) -> bool {
        pull.head.repo.as_ref().is_some_and(|repo| self.repository.is(&repo.full_name))
    }

    /// How it stands. One of a fork, or for another branch than `base`, is none that could bring work of ours there.
    fn seen(&self, pull: Pull, base: &str) -> SeenPullRequest {
        let brings_work = self.is_own(&pull) && pull.base.name == base;
        SeenPullRequest {
            number: pull.number,
            state: if brings_work { pull.state() } else { PullRequestState::Closed },
            url: Some(pull.html_url),
            title: pull.title,
            branch: Some(pull.head.name),
            commit: Some(pull.head.sha),
        }
    }

    async fn by_number(
        &self,
        number: u64,
        base: &str,
        deadline: Timestamp,
    ) -> Result<SeenPullRequest, Fault> {
        let call = self.call(Method::GET, &["pulls", &number.to_string()]);
        match self.api.send::<Pull>(&call, deadline).await {
            Ok((pull, _)) => Ok(self.seen(pull, base)),
            // The repository itself has just answered.
            Err(Fault::Missing(_)) => Ok(SeenPullRequest {
                number,
                state: PullRequestState::Closed,
                url: None,
                title: None,
                branch: None,
                commit: None,
            }),
            Err(fault) => Err(fault),
        }
    }

    async fn newest_of(
        &self,
        branch: &str,
        base: &str,
        deadline: Timestamp,
    ) -> Result<Option<SeenPullRequest>, Fault> {
        let head = self.head(branch);
        let listing = self.listing(&[("state", "all"), ("head", &head), ("base", base)]);
        let found = self.list(listing, 1, deadline).await?;
        let newest = found.into_iter().find(|pull| self.is_of(pull, branch, base));
        Ok(newest.map(|pull| self.seen(pull, base)))
    }
}

#[async_trait]
impl Forge for GitHub {
    async fn propose(
        &self,
        draft: &PullRequestDraft,
        deadline: Timestamp,
    ) -> Result<OpenPullRequest, ForgeError> {
        for look in 1..=MAX_LOOKS {
            if let Some(found) = self.find(draft, deadline).await? {
                let updated = self.update(found.number, draft, deadline).await?;
                if updated.is_open() {
                    return Ok(updated.opened(false));
                }
                // Somebody has just closed it: look again.
            } else {
                match self.create(draft, deadline).await {
                    Ok(created) => return Ok(created.opened(true)),
                    // Somebody was faster, or our own request had come through though its answer was lost.
                    Err(Fault::Exists(_)) => {}
                    Err(fault) => return Err(fault.into()),
                }
            }
            self.api.wait(LOOK_AGAIN * look, deadline).await?;
        }
        Err(ForgeError::unavailable(format!(
            "{} says that there is a pull request of {} and shows none",
            self.api, draft.head
        )))
    }

    async fn pull_requests(
        &self,
        asked: &Asked,
        deadline: Timestamp,
    ) -> Result<Vec<SeenPullRequest>, ForgeError> {
        let listing = self.listing(&[("state", "open"), ("base", &asked.base)]);
        let open = self.list(listing, MAX_PAGES, deadline).await?;
        let mut seen: BTreeMap<u64, SeenPullRequest> = open
            .into_iter()
            .filter(|pull| pull.is_open() && self.is_own(pull))
            .map(|pull| (pull.number, self.seen(pull, &asked.base)))
            .collect();
        for number in &asked.numbers {
            if !seen.contains_key(number) {
                seen.insert(*number, self.by_number(*number, &asked.base, deadline).await?);
            }
        }
        let known: BTreeSet<String> = seen.values().filter_map(|seen| seen.branch.clone()).collect();
        for branch in asked.branches.difference(&known) {
            if let Some(newest) = self.newest_of(branch, &asked.base, deadline).await? {
                seen.insert(newest.number, newest);
            }
        }
        Ok(seen.into_values().collect())
    }
}
