//! `FakePull`: a pull request.

use serde_json::{Value, json};

/// Whether a pull request waits, and if not, what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullState {
    /// It waits.
    Open,
    /// It was merged.
    Merged,
    /// It was turned down.
    Closed,
}

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FakePull {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// The owner of the repository that the branch is in; another than the repository's own is a fork's.
    pub head_owner: String,
    /// The branch to merge.
    pub head: String,
    /// That branch's tip, as it was last seen.
    pub head_sha: String,
    /// The branch to merge it into.
    pub base: String,
    /// How it stands.
    pub state: PullState,
}

impl FakePull {
    /// As the API writes it.
    pub(crate) fn json(&self, url: &str, owner: &str, name: &str) -> Value {
        let closed = self.state != PullState::Open;
        let merged = self.state == PullState::Merged;
        let time = "2026-01-24T10:00:05Z";
        let repo = |owner: &str| json!({"id": 1, "name": name, "full_name": format!("{owner}/{name}"), "private": true});
        json!({
            "id": 1000 + self.number,
            "number": self.number,
            "html_url": format!("{url}/{owner}/{name}/pull/{}", self.number),
            "state": if closed { "closed" } else { "open" },
            "title": self.title,
            "body": self.body,
            "user": {"login": "leviathan-bot"},
            "draft": false,
            "created_at": time,
            "updated_at": time,
            "closed_at": closed.then_some(time),
            "merged_at": merged.then_some(time),
            "head": {
                "label": format!("{}:{}", self.head_owner, self.head),
                "ref": self.head,
                "sha": self.head_sha,
                "repo": repo(&self.head_owner),
            },
            "base": {"label": format!("{owner}:{}", self.base), "ref": self.base, "sha": "0", "repo": repo(owner)},
        })
    }
}
