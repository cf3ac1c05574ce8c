//! `AttemptDir`: the files of one attempt.

use super::durable_file::{about, create_exclusively, read_json, replace, to_json, write_new};
use super::outcome::Outcome;
use super::records::{CancelRecord, LaunchRecord};
use super::supervisor_identity::SupervisorIdentity;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// An attempt's directory, whether it exists or not. [`executor`](super) says what each file is for.
#[derive(Debug, Clone)]
pub(crate) struct AttemptDir {
    path: PathBuf,
}

impl AttemptDir {
    /// `path` must be absolute: the worker runs elsewhere.
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Makes a directory that nobody looks at yet, ready to be renamed to its place.
    pub(crate) fn prepare(path: PathBuf, record: &LaunchRecord) -> io::Result<Self> {
        let dir = Self { path };
        for path in [dir.path.clone(), dir.workspace(), dir.home()] {
            // What a worker does is nobody else's to read.
            DirBuilder::new().mode(0o700).create(&path).map_err(|error| about(&path, error))?;
        }
        write_new(&dir.path.join("spec.json"), &to_json(record)?)?;
        Ok(dir)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn workspace(&self) -> PathBuf {
        self.path.join("workspace")
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.path.join("home")
    }

    pub(crate) fn final_message(&self) -> PathBuf {
        self.path.join("final_message")
    }

    pub(crate) fn output(&self) -> PathBuf {
        self.path.join("output.log")
    }

    pub(crate) fn supervisor_log(&self) -> PathBuf {
        self.path.join("supervisor.log")
    }

    /// Nothing if there is no such attempt.
    pub(crate) fn launch(&self) -> io::Result<Option<LaunchRecord>> {
        read_json(&self.path.join("spec.json"))
    }

    /// Makes `supervisor` the one supervisor of the attempt; false if it has one.
    pub(crate) fn claim(&self, supervisor: &SupervisorIdentity) -> io::Result<bool> {
        create_exclusively(&self.supervisor_path(), &to_json(supervisor)?)
    }

    pub(crate) fn supervisor(&self) -> io::Result<Option<SupervisorIdentity>> {
        read_json(&self.supervisor_path())
    }

    /// The first request counts.
    pub(crate) fn request_cancel(&self, request: &CancelRecord) -> io::Result<()> {
        create_exclusively(&self.cancel_path(), &to_json(request)?).map(|_| ())
    }

    pub(crate) fn cancel_request(&self) -> io::Result<Option<CancelRecord>> {
        read_json(&self.cancel_path())
    }

    pub(crate) fn record_outcome(&self, outcome: &Outcome) -> io::Result<()> {
        replace(&self.outcome_path(), &to_json(outcome)?)
    }

    pub(crate) fn outcome(&self) -> io::Result<Option<Outcome>> {
        read_json(&self.outcome_path())
    }

    fn supervisor_path(&self) -> PathBuf {
        self.path.join("supervisor.json")
    }

    fn cancel_path(&self) -> PathBuf {
        self.path.join("cancel.json")
    }

    fn outcome_path(&self) -> PathBuf {
        self.path.join("outcome.json")
    }
}
