//! `Repository`: the target, made with git itself.

use std::path::{Path, PathBuf};
use std::process::Command;

const BACKLOG: &str = "- {id: docs, title: Write the guide, description: For newcomers., allowed_paths: [docs/], ready: true,\n   \
     acceptance_criteria: [docs/GUIDE.md names the attempt]}\n";

/// A bare repository with one task.
pub(crate) struct Repository(PathBuf);

impl Repository {
    /// With these checks, in the folder `acme/radix.git` of `root`.
    pub(crate) fn make(root: &Path, checks: &str) -> Self {
        let seed = root.join("seed");
        std::fs::create_dir_all(seed.join(".leviathan")).unwrap();
        std::fs::write(seed.join(".leviathan/backlog.yaml"), BACKLOG).unwrap();
        std::fs::write(seed.join(".leviathan/policy.yaml"), policy(checks)).unwrap();
        git(&seed, &["init", "-q", "-b", "main"]);
        git(&seed, &["add", "-A"]);
        git(&seed, &["-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "Begin"]);
        git(root, &["clone", "-q", "--bare", "seed", "acme/radix.git"]);
        Self(root.join("acme/radix.git"))
    }

    pub(crate) fn backlog(&self) -> String {
        BACKLOG.to_owned()
    }

    pub(crate) fn policy(&self) -> String {
        self.git(&["show", "main:.leviathan/policy.yaml"])
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// What git prints, without the line's end.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(&self.0, arguments).trim().to_owned()
    }
}

/// Tried again at once, and up to three times.
fn policy(checks: &str) -> String {
    let checks: String = checks.lines().map(|line| format!("    {line}\n")).collect();
    format!("checks:\n  - |\n{checks}safety_rules: {{max_attempts_per_task: 3, backoff_seconds: 0}}\n")
}

fn git(dir: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").current_dir(dir).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}
