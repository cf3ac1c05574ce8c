//! The demo: a small repository with a backlog, and a script that plays the agent.

use super::state_dir::StateDir;
use anyhow::{Context, Result};
use git2::build::TreeUpdateBuilder;
use git2::{FileMode, Repository, RepositoryInitOptions, Signature};
use leviathan_core::id::TargetId;
use leviathan_core::{CompleteOn, TargetConfig};
use std::fs;
use std::path::{Path, PathBuf};

const FILES: [(&str, &str); 4] = [
    ("README.md", include_str!("demo/README.md")),
    ("checks.sh", include_str!("demo/checks.sh")),
    (".leviathan/backlog.yaml", include_str!("demo/backlog.yaml")),
    (".leviathan/policy.yaml", include_str!("demo/policy.yaml")),
];
const AGENT: &str = include_str!("demo/agent.sh");

/// Makes the demo's repository in the state directory, unless an earlier run did. Tells the target and the agent's command
/// line.
pub(crate) fn prepare(state: &StateDir) -> Result<(TargetConfig, String)> {
    let origin = state.path().join("origin.git");
    if !origin.exists() {
        make_origin(&origin)
            .with_context(|| format!("the demo's repository {} can't be made", origin.display()))?;
    }
    let target = TargetConfig {
        target_id: TargetId::new("demo")?,
        repo_url: origin.display().to_string(),
        default_branch: "main".to_owned(),
        complete_on: CompleteOn::Pushed,
        limits: Default::default(),
        forge: Default::default(),
    };
    Ok((target, AGENT.to_owned()))
}

/// A bare repository with one commit. It appears whole or not at all.
fn make_origin(origin: &Path) -> Result<()> {
    let new = PathBuf::from(format!("{}.new", origin.display()));
    if new.exists() {
        fs::remove_dir_all(&new)?;
    }
    let options = &mut RepositoryInitOptions::new();
    let repository = Repository::init_opts(&new, options.bare(true).initial_head("main"))?;
    let empty = repository.find_tree(repository.treebuilder(None)?.write()?)?;
    let mut files = TreeUpdateBuilder::new();
    for (path, text) in FILES {
        files.upsert(path, repository.blob(text.as_bytes())?, FileMode::Blob);
    }
    let tree = repository.find_tree(files.create_updated(&repository, &empty)?)?;
    let author = Signature::now("Leviathan demo", "demo@leviathan.invalid")?;
    repository.commit(Some("refs/heads/main"), &author, &author, "Begin", &tree, &[])?;
    fs::rename(&new, origin)?;
    Ok(())
}
