//! `Programs`: where Postgres is installed.

use crate::ServerError;
use std::path::{Path, PathBuf};

/// Folders where packages put it, each with a `*` for the version.
const USUAL: [&str; 5] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// The folder of Postgres' programs.
#[derive(Debug, Clone)]
pub(crate) struct Programs(PathBuf);

impl Programs {
    /// Finds them on the PATH, else in the usual places, the highest version first.
    pub(crate) fn find() -> Result<Self, ServerError> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path = std::env::split_paths(&path);
        let usual = USUAL.iter().flat_map(|pattern| matching(pattern));
        let is_whole = |folder: &PathBuf| {
            ["initdb", "pg_ctl", "postgres", "psql"].iter().all(|name| folder.join(name).is_file())
        };
        let found = on_path.chain(usual).find(is_whole);
        found.map(Self).ok_or_else(|| ServerError::NotInstalled(USUAL.join(", ")))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

/// The folders that a pattern with one `*` names, the highest version first.
fn matching(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else { return Vec::new() };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let Ok(entries) = std::fs::read_dir(Path::new(parent)) else { return Vec::new() };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.starts_with(prefix)).collect();
    let version = |name: &String| {
        name.chars().filter(|c| c.is_ascii_digit()).collect::<String>().parse::<u32>().unwrap_or(0)
    };
    names.sort_by_key(|name| std::cmp::Reverse(version(name)));
    names.iter().map(|name| PathBuf::from(format!("{parent}/{name}{after}"))).collect()
}
