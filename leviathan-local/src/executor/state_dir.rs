//! `StateDir`: where an executor keeps its attempts and its name.

use super::attempt_dir::AttemptDir;
use super::attempt_name::attempt_name;
use super::durable_file::{about, create_exclusively, random_name, read_at_most, sync_dir};
use super::records::LaunchRecord;
use leviathan_core::id::{AttemptId, ExecutorName};
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The prefix of a directory that is being made or removed. No attempt's name begins with a dot.
const HIDDEN: char = '.';

/// `<state_dir>/attempts/` and `<state_dir>/executor-id`.
#[derive(Debug)]
pub(crate) struct StateDir {
    attempts: PathBuf,
}

impl StateDir {
    /// Opens or makes it, gives back the executor's name, and removes what an earlier host left half made or half removed.
    pub(crate) fn open(state_dir: &Path) -> io::Result<(Self, ExecutorName)> {
        let attempts = state_dir.join("attempts");
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&attempts)
            .map_err(|error| about(&attempts, error))?;
        let attempts = fs::canonicalize(&attempts).map_err(|error| about(&attempts, error))?;
        let this = Self { attempts };
        for name in this.names()?.filter(|name| name.starts_with(HIDDEN)) {
            remove_tree(&this.attempts.join(name))?;
        }
        Ok((this, executor_name(&state_dir.join("executor-id"))?))
    }

    /// The directory of an attempt, whether it exists or not.
    pub(crate) fn attempt(&self, id: &AttemptId) -> AttemptDir {
        AttemptDir::at(self.attempts.join(attempt_name(id)))
    }

    /// Every attempt that is there.
    pub(crate) fn list(&self) -> io::Result<Vec<AttemptDir>> {
        let names = self.names()?.filter(|name| !name.starts_with(HIDDEN));
        Ok(names.map(|name| AttemptDir::at(self.attempts.join(name))).collect())
    }

    /// Makes an attempt's directory, whole at once. An existing one stays as it is.
    pub(crate) fn create(&self, record: &LaunchRecord) -> io::Result<()> {
        let place = self.attempt(&record.spec.attempt_id);
        let hidden = self.hidden("new")?;
        let prepared = AttemptDir::prepare(hidden.clone(), record).and_then(|_| sync_dir(&hidden));
        let renamed = prepared.and_then(|()| match fs::rename(&hidden, place.path()) {
            Ok(()) => sync_dir(&self.attempts).map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(about(place.path(), error)),
        });
        if !matches!(renamed, Ok(true)) {
            // A failure is said by `renamed`; what cannot be removed now is removed by the next host.
            let _ = remove_tree(&hidden);
        }
        renamed.map(|_| ())
    }

    /// Takes an attempt's directory out of sight, all at once. Gives back what is to be [removed](remove_tree).
    pub(crate) fn take_away(&self, dir: &AttemptDir) -> io::Result<PathBuf> {
        let hidden = self.hidden("gone")?;
        match fs::rename(dir.path(), &hidden) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(about(dir.path(), error)),
            _ => Ok(hidden),
        }
    }

    fn hidden(&self, what: &str) -> io::Result<PathBuf> {
        Ok(self.attempts.join(format!("{HIDDEN}{what}-{}", random_name()?)))
    }

    fn names(&self) -> io::Result<impl Iterator<Item = String>> {
        let entries = fs::read_dir(&self.attempts).map_err(|error| about(&self.attempts, error))?;
        // Names of ours are text; nothing else is looked at.
        Ok(entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()))
    }
}

/// Removes a directory with all that is in it, read-only directories too. One that is not there is no error.
pub(crate) fn remove_tree(path: &Path) -> io::Result<()> {
    let gone = |result: io::Result<()>| match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    };
    gone(fs::remove_dir_all(path))
        .or_else(|_| {
            open_up(path);
            gone(fs::remove_dir_all(path))
        })
        .map_err(|error| about(path, error))
}

/// Gives the owner all rights on a directory and those below, as far as possible: package caches like to be read-only.
fn open_up(path: &Path) {
    let mut todo = vec![path.to_owned()];
    while let Some(dir) = todo.pop() {
        // What fails here makes the removal fail, which is said.
        let _ = fs::set_permissions(&dir, Permissions::from_mode(0o700));
        let entries = fs::read_dir(&dir).into_iter().flatten().flatten();
        todo.extend(
            entries
                .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
                .map(|entry| entry.path()),
        );
    }
}

/// The name that is kept in the file, drawn if there is none.
fn executor_name(path: &Path) -> io::Result<ExecutorName> {
    if read_at_most(path, 0)?.is_none() {
        create_exclusively(path, format!("local-{}\n", random_name()?).as_bytes())?;
    }
    let text = read_at_most(path, 256)?.unwrap_or_default();
    ExecutorName::new(String::from_utf8_lossy(&text).trim())
        .map_err(|error| about(path, io::Error::other(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_drawn_once_and_kept() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let name = |dir: &tempfile::TempDir| StateDir::open(dir.path()).unwrap().1;
        assert_eq!(name(&one), name(&one));
        assert_ne!(name(&one), name(&other));
        assert!(name(&one).as_str().starts_with("local-"));
    }

    #[test]
    fn what_was_half_made_or_half_removed_is_cleared_away_and_never_listed() {
        let dir = tempfile::tempdir().unwrap();
        let (state, _) = StateDir::open(dir.path()).unwrap();
        let half = dir.path().join("attempts/.new-0123");
        fs::create_dir_all(half.join("workspace")).unwrap();
        assert!(state.list().unwrap().is_empty());
        StateDir::open(dir.path()).unwrap();
        assert!(!half.exists());
    }

    #[test]
    fn read_only_directories_are_opened_up() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join("file"), "").unwrap();
        fs::set_permissions(&inner, Permissions::from_mode(0o500)).unwrap();
        // Root may remove them as they are, so the step is looked at by itself.
        open_up(dir.path());
        assert_eq!(fs::metadata(&inner).unwrap().permissions().mode() & 0o777, 0o700);
        remove_tree(&dir.path().join("a")).unwrap();
        assert!(!dir.path().join("a").exists());
    }
}
