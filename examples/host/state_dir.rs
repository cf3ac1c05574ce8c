//! `StateDir`: the folder that a host keeps everything in, so that the next one goes on from there.

use anyhow::{Context, Result};
use leviathan_core::Secret;
use leviathan_http::TokenKey;
use leviathan_http::server::Tokens;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use uuid::Uuid;

const TOKEN_KEY: &str = "LEVIATHAN_TOKEN_KEY";

/// An absolute path; what stands where below it is said here and nowhere else.
#[derive(Debug, Clone)]
pub(crate) struct StateDir(PathBuf);

impl StateDir {
    /// Makes the folder if it is not there, for nobody else to read.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let path = std::path::absolute(path)?;
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
        made.with_context(|| format!("the state directory {} can't be made", path.display()))?;
        // It may lie in somebody's checkout, and holds tokens.
        read_or_make(&path.join(".gitignore"), || "*\n".to_owned())?;
        Ok(Self(path))
    }

    /// A new folder for the demo, among the machine's temporary files.
    pub(crate) fn for_demo() -> Result<Self> {
        let name = format!("leviathan-demo-{}", &Uuid::new_v4().simple().to_string()[..8]);
        Self::open(&std::env::temp_dir().join(name))
    }

    /// Its own name, without the path to it.
    pub(crate) fn name(&self) -> String {
        self.0.file_name().unwrap_or(self.0.as_os_str()).to_string_lossy().into_owned()
    }

    /// Keeps it for this process alone, until the file is dropped. A log that is kept here does that by itself.
    pub(crate) fn hold(&self) -> Result<fs::File> {
        let path = self.0.join("lock");
        let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.with_context(|| format!("{} can't be made", path.display()))?;
        let held = file.try_lock();
        held.with_context(|| format!("another host uses the state directory {}", self.0.display()))?;
        Ok(file)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.0.join("log")
    }

    pub(crate) fn artifacts(&self) -> PathBuf {
        self.0.join("artifacts")
    }

    /// The token of the name `name`: from the environment, else kept here and made at first.
    pub(crate) fn token(&self, variable: &str, name: &str) -> Result<Secret> {
        if let Some(token) = std::env::var(variable).ok().filter(|token| !token.is_empty()) {
            return Ok(Secret::new(token));
        }
        let path = self.0.join(name);
        let draw = || format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        Ok(Secret::new(read_or_make(&path, draw)?))
    }

    /// The keys that attempts' tokens are signed with: the first signs, each checks. From the environment, else one that is
    /// kept here and made at first.
    pub(crate) fn token_keys(&self) -> Result<Vec<TokenKey>> {
        let keys = Tokens::listed(self.token(TOKEN_KEY, "token-key")?.expose());
        let keys: Result<Vec<_>, _> = keys.iter().map(TokenKey::new).collect();
        keys.with_context(|| format!("{TOKEN_KEY} can't be used"))
    }

    /// The port that the API listened on last; running workers still report there.
    pub(crate) fn port(&self) -> Result<Option<u16>> {
        let path = self.0.join("api-port");
        match fs::read_to_string(&path) {
            Ok(text) => {
                let port = text.trim().parse();
                port.map(Some).with_context(|| format!("{} does not hold a port; remove it", path.display()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} can't be read", path.display())),
        }
    }

    pub(crate) fn keep_port(&self, port: u16) -> Result<()> {
        replace(&self.0.join("api-port"), &port.to_string())
    }
}

/// The text of a file that only its owner may read, made if it is not there.
fn read_or_make(path: &Path, make: impl FnOnce() -> String) -> Result<String> {
    match fs::read_to_string(path) {
        Ok(text) => return Ok(text.trim().to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("{} can't be read", path.display())),
    }
    let text = make();
    replace(path, &text)?;
    Ok(text)
}

/// Writes a file whole or not at all.
fn replace(path: &Path, text: &str) -> Result<()> {
    let new = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().with_context(|| format!("{} can't be written", path.display()))
}
