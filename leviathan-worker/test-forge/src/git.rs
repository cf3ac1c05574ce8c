//! `BareRepository`: what git itself says of the repository that was pushed to.

use std::path::PathBuf;
use std::process::Command;

/// A bare repository.
#[derive(Debug, Clone)]
pub(crate) struct BareRepository(pub(crate) PathBuf);

impl BareRepository {
    /// Where a branch stands, if there is one.
    pub(crate) fn tip(&self, branch: &str) -> Option<String> {
        self.try_git(&["rev-parse", "--verify", "--quiet", &format!("refs/heads/{branch}^{{commit}}")])
    }

    /// How many commits one branch has that the other lacks.
    pub(crate) fn ahead(&self, base: &str, head: &str) -> usize {
        self.git(&["rev-list", "--count", &format!("refs/heads/{base}..refs/heads/{head}")]).parse().unwrap()
    }

    /// Merges one branch into another, as the button on a pull request's page does.
    pub(crate) fn merge(&self, base: &str, head: &str, subject: &str) {
        let (base_tip, head_tip) = (self.tip(base).unwrap(), self.tip(head).unwrap());
        let tree = self.git(&["merge-tree", "--write-tree", &base_tip, &head_tip]);
        let commit = self.git(&["commit-tree", &tree, "-p", &base_tip, "-p", &head_tip, "-m", subject]);
        self.git(&["update-ref", &format!("refs/heads/{base}"), &commit, &base_tip]);
    }

    fn git(&self, arguments: &[&str]) -> String {
        self.try_git(arguments).unwrap_or_else(|| panic!("git {arguments:?} fails in {}", self.0.display()))
    }

    fn try_git(&self, arguments: &[&str]) -> Option<String> {
        let mut git = Command::new("git");
        git.arg("--git-dir").arg(&self.0).args(arguments);
        for who in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{who}_NAME"), "Forge")
                .env(format!("GIT_{who}_EMAIL"), "forge@leviathan.invalid");
        }
        let output = git.output().expect("git is needed");
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
    }
}
