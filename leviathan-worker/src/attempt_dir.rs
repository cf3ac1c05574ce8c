//! `AttemptDir`: the folder that an attempt lives in.

use crate::Failure;
use leviathan_core::executor::Cause;
use std::path::{Path, PathBuf};
use std::{collections::BTreeMap, ffi::OsString, fs, io};
use tempfile::TempDir;

/// A folder of its own for one attempt, for its owner only, removed when this is dropped.
///
/// The bare clone, which knows the remote, stands beside the checkout and not in it. Agent and checks have a HOME and a
/// folder for temporary files each, so that what a tool of the agent keeps at home is not there for the checks.
#[derive(Debug)]
pub(crate) struct AttemptDir {
    dir: TempDir,
}

/// Who starts programs in the checkout.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tenant {
    Agent,
    Checks,
}

impl Tenant {
    fn folder(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Checks => "checks",
        }
    }
}

impl AttemptDir {
    /// Makes the folder below `parent`.
    ///
    /// # Errors
    /// `config_error` if it cannot be made.
    pub(crate) fn make(parent: &Path) -> Result<Self, Failure> {
        let make = || -> io::Result<Self> {
            fs::create_dir_all(parent)?;
            // A link on the way would make paths that git and the tools see differ.
            let dir = tempfile::Builder::new().prefix("attempt-").tempdir_in(parent.canonicalize()?)?;
            let made = Self { dir };
            for tenant in [Tenant::Agent, Tenant::Checks] {
                fs::create_dir_all(made.home(tenant))?;
                fs::create_dir_all(made.tmp(tenant))?;
            }
            fs::create_dir(made.scratch())?;
            Ok(made)
        };
        make().map_err(|error| {
            let summary = format!(
                "no workspace can be made in {}: {error}; LEVIATHAN_WORKSPACE_DIR names another folder",
                parent.display()
            );
            Failure::new(Cause::ConfigError, summary)
        })
    }

    /// Where the bare clone goes.
    pub(crate) fn origin(&self) -> PathBuf {
        self.dir.path().join("origin.git")
    }

    /// Where the agent works and the checks run.
    pub(crate) fn checkout(&self) -> PathBuf {
        self.dir.path().join("checkout")
    }

    /// Where the agent's task is written down.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.dir.path().join("task")
    }

    fn home(&self, tenant: Tenant) -> PathBuf {
        self.dir.path().join(tenant.folder()).join("home")
    }

    fn tmp(&self, tenant: Tenant) -> PathBuf {
        self.dir.path().join(tenant.folder()).join("tmp")
    }

    /// Where a tenant's programs may write.
    pub(crate) fn writable(&self, tenant: Tenant) -> [PathBuf; 3] {
        [self.checkout(), self.home(tenant), self.tmp(tenant)]
    }

    /// The whole environment that a tenant's programs start with: `base`, and places of their own.
    pub(crate) fn env(
        &self,
        base: &BTreeMap<String, String>,
        tenant: Tenant,
    ) -> BTreeMap<OsString, OsString> {
        let places = [("HOME", self.home(tenant)), ("TMPDIR", self.tmp(tenant))];
        let base = base.iter().map(|(name, value)| (name.into(), value.into()));
        base.chain(places.map(|(name, path)| (name.into(), path.into()))).collect()
    }
}
