//! `Repository`: a bare repository made with git itself.

use std::path::{Path, PathBuf};
use std::process::Command;

const BACKLOG: &str = "
- {id: first, title: Describe the first, scope: docs, ready: true, priority: high, allowed_paths: [docs/]}
- {id: second, title: Describe the second, scope: docs, ready: true, allowed_paths: [docs/], dependencies: [first]}
- {id: later, title: Not yet, scope: docs, allowed_paths: [docs/]}
";
const POLICY: &str = "
forbidden_paths: [\".leviathan/**\"]
checks: [\"grep -rq about docs\"]
safety_rules: {max_attempts_per_task: 1}
";

/// A bare repository in a temporary folder.
pub(crate) struct Repository {
    path: PathBuf,
}

impl Repository {
    /// With two tasks that can be done and a policy.
    pub(crate) fn small(dir: &Path) -> Self {
        let files = [
            ("docs/index.md", "about this\n"),
            (".leviathan/backlog.yaml", BACKLOG),
            (".leviathan/policy.yaml", POLICY),
        ];
        Self::make(dir, &files)
    }

    /// With these files in one commit on `main`.
    pub(crate) fn make(dir: &Path, files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir_in(dir).expect("a temporary folder").keep();
        let (work, path) = (dir.join("work"), dir.join("origin.git"));
        for (name, text) in files {
            let file = work.join(name);
            std::fs::create_dir_all(file.parent().expect("it lies in a folder")).expect("the folder is made");
            std::fs::write(file, text).expect("the file is written");
        }
        git(&work, &["init", "--quiet", "--initial-branch=main"]);
        git(&work, &["add", "--all"]);
        git(
            &work,
            &[
                "-c",
                "user.name=Test",
                "-c",
                "user.email=test@leviathan.invalid",
                "commit",
                "--quiet",
                "-m",
                "Begin",
            ],
        );
        git(&dir, &["clone", "--quiet", "--bare", "work", "origin.git"]);
        Self { path }
    }

    pub(crate) fn path(&self) -> String {
        self.path.display().to_string()
    }

    /// Runs git in it.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(&self.path, arguments)
    }

    pub(crate) fn branches(&self) -> Vec<String> {
        self.lines(&["for-each-ref", "--format=%(refname:short)", "refs/heads"])
    }

    /// The paths in which two branches differ.
    pub(crate) fn changed(&self, from: &str, to: &str) -> Vec<String> {
        self.lines(&["diff", "--name-only", from, to])
    }

    pub(crate) fn message(&self, branch: &str) -> String {
        self.git(&["log", "-1", "--format=%B", branch])
    }

    /// A checkout of a branch.
    pub(crate) fn check_out(&self, branch: &str, dir: &Path) -> PathBuf {
        let checkout = dir.join(branch.replace('/', "-"));
        git(dir, &["clone", "--quiet", "--branch", branch, &self.path(), &checkout.display().to_string()]);
        checkout
    }

    fn lines(&self, arguments: &[&str]) -> Vec<String> {
        self.git(arguments).lines().map(str::to_owned).collect()
    }
}

fn git(dir: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").current_dir(dir).args(arguments).output().expect("git is needed");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("git prints text")
}
