//! `Settings`: what the environment says of the API.

use crate::artifacts::{self, ArtifactsPlace};
use crate::environment::{Environment, Faults};
use crate::log::{LogPlace, check_built_in};
use leviathan_core::Secret;
use leviathan_http::TokenKey;
use leviathan_http::checkpoint::CheckpointKey;
use leviathan_http::server::{BadTokens, Role, Tokens};
use std::num::NonZeroU64;
use std::path::PathBuf;

const OPERATORS: &str = "LEVIATHAN_CONTROL_PLANE_TOKEN";
const WORKERS: &str = "LEVIATHAN_WORKER_TOKEN";
const TOKEN_KEY: &str = "LEVIATHAN_TOKEN_KEY";
const BACKEND: &str = "LEVIATHAN_BACKEND";
const STATE_DIR: &str = "LEVIATHAN_STATE_DIR";
const POSTGRES_URL: &str = "LEVIATHAN_POSTGRES_URL";
const LOG: &str = "LEVIATHAN_LOG";
const HOST: &str = "LEVIATHAN_API_HOST";
const PORT: &str = "LEVIATHAN_API_PORT";
const CHECKPOINT_KEY: &str = "LEVIATHAN_CHECKPOINT_KEY";
const CHECKPOINT_KEY_FILE: &str = "LEVIATHAN_CHECKPOINT_KEY_FILE";

/// How many tokens or keys may be valid at once: two, while one replaces the other.
const AT_ONCE: usize = 2;
const DEFAULT_STATE_DIR: &str = ".leviathan/api";
const DEFAULT_HOST: &str = "127.0.0.1";
const DEFAULT_PORT: u16 = 8000;
/// Events by which a log in Postgres must have grown before the next snapshot of its graph is kept.
const SNAPSHOT_EVERY: NonZeroU64 = NonZeroU64::MIN.saturating_add(9_999);

/// All that the API is served by.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) tokens: Tokens,
    pub(crate) log: LogPlace,
    pub(crate) log_name: String,
    pub(crate) artifacts: ArtifactsPlace,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) checkpoint_key: Option<CheckpointKey>,
}

impl Settings {
    /// What the environment of this process says.
    pub(crate) fn read() -> Result<Self, Faults> {
        Self::of(&|name| std::env::var_os(name))
    }

    fn of(get: &dyn Fn(&str) -> Option<std::ffi::OsString>) -> Result<Self, Faults> {
        let mut env = Environment::new(get);
        let tokens = tokens(&mut env);
        let log = log(&mut env);
        let artifacts = artifacts(&mut env);
        let host = env.text(HOST).unwrap_or_else(|| DEFAULT_HOST.to_owned());
        let port = env
            .parsed(PORT, |text| text.parse().map_err(|_| "is not a port: expected a number from 0 to 65535"))
            .unwrap_or(DEFAULT_PORT);
        let checkpoint_key = checkpoint_key(&mut env);
        let whole = tokens.zip(log).zip(artifacts);
        env.finish(whole.map(|((tokens, (log, log_name)), artifacts)| Self {
            tokens,
            log,
            log_name,
            artifacts,
            host,
            port,
            checkpoint_key,
        }))
    }
}

fn tokens(env: &mut Environment<'_>) -> Option<Tokens> {
    let operators = listed(env, OPERATORS);
    let workers = listed(env, WORKERS);
    let mut keys = Vec::new();
    for key in listed(env, TOKEN_KEY) {
        match TokenKey::new(&key) {
            Ok(key) => keys.push(key),
            Err(bad) => env.fault(TOKEN_KEY, format_args!("is too short: {bad}")),
        }
    }
    match Tokens::new(operators, workers) {
        Ok(tokens) => Some(tokens.with_keys(keys)),
        Err(bad) => {
            match bad {
                BadTokens::NoOperator => env.fault(OPERATORS, format_args!("is missing: {bad}")),
                BadTokens::Unusable { role: Role::Operator, .. } => {
                    env.fault(OPERATORS, format_args!("can't be used: {bad}"));
                }
                _ => env.fault(WORKERS, format_args!("can't be used: {bad}")),
            }
            None
        }
    }
}

/// One secret, or two while one replaces the other.
fn listed(env: &mut Environment<'_>, name: &str) -> Vec<Secret> {
    let listed = env.text(name).map(|list| Tokens::listed(&list)).unwrap_or_default();
    if listed.len() > AT_ONCE {
        env.fault(name, format_args!("holds {}, and at most {AT_ONCE} may be valid at once", listed.len()));
    }
    listed
}

fn is_in_postgres(env: &mut Environment<'_>) -> Option<bool> {
    match env.text(BACKEND).as_deref() {
        None | Some("embedded") => Some(false),
        Some("postgres") => Some(true),
        Some(_) => None,
    }
}

fn state_dir(env: &mut Environment<'_>) -> PathBuf {
    env.text(STATE_DIR).unwrap_or_else(|| DEFAULT_STATE_DIR.to_owned()).into()
}

/// Where the log is, and the name that it begins under.
fn log(env: &mut Environment<'_>) -> Option<(LogPlace, String)> {
    match is_in_postgres(env) {
        None => {
            env.fault(BACKEND, "is neither `embedded` nor `postgres`");
            None
        }
        Some(false) => Some((LogPlace::Directory(state_dir(env).join("log")), "leviathan".to_owned())),
        Some(true) => {
            if let Err(error) = check_built_in() {
                env.fault(BACKEND, format_args!("can't be `postgres`: {error}"));
            }
            let (url, log) = (env.text(POSTGRES_URL), env.text(LOG));
            if url.is_none() {
                env.fault(POSTGRES_URL, "is missing: it says where the log is kept");
            }
            if log.is_none() {
                env.fault(LOG, "is missing: it says which log of the database is served");
            }
            let (url, log) = (Secret::new(url?), log?);
            Some((LogPlace::Database { url, log: log.clone(), snapshot_every: SNAPSHOT_EVERY }, log))
        }
    }
}

fn artifacts(env: &mut Environment<'_>) -> Option<ArtifactsPlace> {
    // Where that is not known, what is said of artifacts is judged all the same.
    let in_postgres = is_in_postgres(env);
    match artifacts::said(env, in_postgres == Some(true))? {
        Some(place) => Some(place),
        None if in_postgres? => {
            env.fault(artifacts::URL, "is missing: it says where all who serve the log keep artifacts");
            None
        }
        None => Some(ArtifactsPlace::Directory(state_dir(env).join("artifacts"))),
    }
}

fn checkpoint_key(env: &mut Environment<'_>) -> Option<CheckpointKey> {
    let (key, file) = (env.text(CHECKPOINT_KEY), env.text(CHECKPOINT_KEY_FILE));
    let (name, text) = match (key, file) {
        (None, None) => return None,
        (Some(_), Some(_)) => {
            env.fault(CHECKPOINT_KEY, format_args!("and {CHECKPOINT_KEY_FILE} are both given: give one"));
            return None;
        }
        (Some(key), None) => (CHECKPOINT_KEY, key),
        (None, Some(file)) => match std::fs::read_to_string(&file) {
            Ok(key) => (CHECKPOINT_KEY_FILE, key),
            Err(error) => {
                env.fault(CHECKPOINT_KEY_FILE, format_args!("names {file}, which can't be read: {error}"));
                return None;
            }
        },
    };
    CheckpointKey::parse(&Secret::new(text))
        .map_err(|bad| env.fault(name, format_args!("holds no key: {bad}")))
        .ok()
}
