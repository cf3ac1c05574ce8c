//! `WorkerConfig`: what a worker reads from its environment.

use crate::confine::CommandLimits;
use leviathan_core::executor::worker_env as env;
use leviathan_core::id::{AttemptId, TargetId, TaskId};
use leviathan_core::log::Head;
use leviathan_core::{ForgeConfig, Secret};
use std::num::{NonZeroU32, NonZeroU64};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};

/// Everything that one attempt needs to know.
#[derive(Debug, Clone)]
pub struct WorkerConfig {
    /// The target's name.
    pub target: TargetId,
    /// Where its repository is: a path, or a URL of file, http or https.
    pub repo_url: String,
    /// The branch that work starts from.
    pub branch: String,
    /// The commit that work starts from; else the branch's tip.
    pub base_commit: Option<String>,
    /// The task.
    pub task: TaskId,
    /// The attempt.
    pub attempt: AttemptId,
    /// Which attempt of its task it is, if that was told: 1 for the first.
    pub attempt_number: Option<NonZeroU32>,
    /// Time for the whole attempt, the report included; none is no limit.
    pub deadline: Option<Duration>,
    /// Where the attempt's `attempt.created` stands in the log, for the commit's trailer.
    pub log_head: Option<Head>,
    /// The control plane's API.
    pub control_plane_url: String,
    /// Its token.
    pub control_plane_token: Secret,
    /// Who keeps the target's pull requests.
    pub forge: ForgeConfig,
    /// The token for fetching and pushing over http(s), and for the forge.
    pub git_token: Option<Secret>,
    /// The command line to run as the agent.
    pub agent_command: Option<String>,
    /// The variables that the agent may see beside the scrubbed environment, by name and value.
    pub agent_env: Vec<(String, Secret)>,
    /// Secrets of the worker's environment that it makes no use of, and keeps out of what it tells all the same.
    pub other_secrets: Vec<Secret>,
    /// What every program that the worker starts sees: `PATH`, `LANG` and `TZ`, where they are set.
    pub base_env: BTreeMap<String, String>,
    /// Where the final message goes, if anywhere.
    pub final_message: Option<PathBuf>,
    /// The folder that the attempt's own folder is made in.
    pub workspace_dir: PathBuf,
    /// How often the agent may work in all: once, and again for each repair.
    pub max_rounds: NonZeroU32,
    /// What agent, `setup` and checks may read outside the attempt's own places, beside the system.
    pub readable: Vec<PathBuf>,
    /// What they may write there.
    pub writable: Vec<PathBuf>,
    /// How much each of them may use.
    pub limits: CommandLimits,
}

/// An environment that no attempt can run from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the worker cannot start: {}", .faults.join("; "))]
pub struct ConfigError {
    faults: Vec<String>,
}

const REQUIRED: [&str; 6] = [
    env::TARGET_NAME,
    env::TARGET_REPO_URL,
    env::TASK_ID,
    env::ATTEMPT_ID,
    env::CONTROL_PLANE_URL,
    env::CONTROL_PLANE_TOKEN,
];

/// How often the agent may work unless told otherwise: once and two repairs.
const DEFAULT_MAX_ROUNDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(2);

impl WorkerConfig {
    /// Reads the variables of [`leviathan_core::executor::worker_env`]; an empty one counts as missing.
    ///
    /// # Errors
    /// One [`ConfigError`], one line, naming every required variable that is missing and every one that cannot be read.
    pub fn from_env(var: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let optional = |name: &str| var(name).filter(|value| !value.is_empty());
        let required = |name: &str| optional(name).unwrap_or_default();
        let missing: Vec<_> = REQUIRED.into_iter().filter(|name| optional(name).is_none()).collect();
        let mut faults = Vec::new();
        if !missing.is_empty() {
            faults.push(format!("missing environment variables: {}", missing.join(", ")));
        }
        let deadline: Option<NonZeroU64> =
            parsed(&optional, env::DEADLINE_SECONDS, "a whole number of seconds above 0", &mut faults);
        let attempt_number = parsed(&optional, env::ATTEMPT_NUMBER, "a whole number above 0", &mut faults);
        let max_rounds = parsed(&optional, env::MAX_ROUNDS, "a whole number of rounds above 0", &mut faults);
        let limits = read_limits(&optional, &mut faults);
        let readable = places(&optional, env::READABLE, &mut faults);
        let writable = places(&optional, env::WRITABLE, &mut faults);
        let log_head = parsed(&optional, env::LOG_HEAD, "POSITION:HASH", &mut faults);
        let forge = read_forge(&optional, &mut faults);
        let shared_env: Vec<String> = names(optional(env::CHECKS_ENV)).collect();
        let secret_names =
            [env::CONTROL_PLANE_TOKEN, env::GITHUB_TOKEN, env::CLAUDE_API_KEY].map(str::to_owned);
        let secret_names: Vec<String> = names(optional(env::AGENT_ENV)).chain(secret_names).collect();
        for name in shared_env.iter().filter(|name| secret_names.contains(name)) {
            faults.push(format!("{} names {name}, which is a secret; checks get none", env::CHECKS_ENV));
        }
        // Ids are refused only when they are empty, and then they were counted as missing above.
        let (Ok(target), Ok(task), Ok(attempt), []) = (
            TargetId::new(required(env::TARGET_NAME)),
            TaskId::new(required(env::TASK_ID)),
            AttemptId::new(required(env::ATTEMPT_ID)),
            faults.as_slice(),
        ) else {
            return Err(ConfigError { faults });
        };
        let agent_env = names(optional(env::AGENT_ENV))
            .filter_map(|name| Some((name.clone(), Secret::new(optional(&name)?))))
            .collect();
        Ok(Self {
            target,
            repo_url: required(env::TARGET_REPO_URL),
            branch: optional(env::TARGET_BRANCH).unwrap_or_else(|| "main".to_owned()),
            base_commit: optional(env::TARGET_COMMIT),
            task,
            attempt,
            attempt_number,
            deadline: deadline.map(|seconds| Duration::from_secs(seconds.get())),
            log_head,
            control_plane_url: required(env::CONTROL_PLANE_URL),
            control_plane_token: Secret::new(required(env::CONTROL_PLANE_TOKEN)),
            forge,
            git_token: optional(env::GITHUB_TOKEN).map(Secret::new),
            agent_command: optional(env::AGENT_COMMAND),
            agent_env,
            other_secrets: optional(env::CLAUDE_API_KEY).map(Secret::new).into_iter().collect(),
            base_env: base_env(optional, shared_env),
            final_message: optional(env::FINAL_MESSAGE).map(PathBuf::from).or_else(termination_log),
            workspace_dir: optional(env::WORKSPACE_DIR).map_or_else(default_workspace, PathBuf::from),
            max_rounds: max_rounds.unwrap_or(DEFAULT_MAX_ROUNDS),
            readable,
            writable,
            limits,
        })
    }

    /// Every secret that the worker was given.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let agent = self.agent_env.iter().map(|(_, value)| value.clone());
        let others = self.other_secrets.iter().cloned();
        agent.chain(others).chain(self.git_token.clone()).chain([self.control_plane_token.clone()]).collect()
    }
}

/// The forge that the worker was told of; else, if it has a token, the one that follows from where the repository is.
fn read_forge(optional: &impl Fn(&str) -> Option<String>, faults: &mut Vec<String>) -> ForgeConfig {
    let has_token = optional(env::GITHUB_TOKEN).is_some();
    let derived = ForgeConfig::of_repository(&optional(env::TARGET_REPO_URL).unwrap_or_default());
    let forge = match (optional(env::FORGE_KIND).as_deref(), optional(env::FORGE_API_URL)) {
        (Some("none"), _) => ForgeConfig::None,
        (Some("github") | None, Some(api_url)) => ForgeConfig::Github { api_url },
        (None, None) if !has_token => ForgeConfig::None,
        (None, None) => derived,
        (Some("github"), None) if !derived.is_none() => derived,
        (Some("github"), None) => {
            faults.push(format!("{} is missing, and the repository's URL tells none", env::FORGE_API_URL));
            ForgeConfig::None
        }
        (Some(other), _) => {
            faults.push(format!("{} is {other:?}, expected github or none", env::FORGE_KIND));
            ForgeConfig::None
        }
    };
    if !forge.is_none() && !has_token {
        faults.push(format!("{} is missing, which the forge wants", env::GITHUB_TOKEN));
    }
    forge
}

fn read_limits(optional: &impl Fn(&str) -> Option<String>, faults: &mut Vec<String>) -> CommandLimits {
    let mut limit = |name, default| {
        let told: Option<NonZeroU64> = parsed(optional, name, "a whole number above 0", faults);
        told.map_or(default, NonZeroU64::get)
    };
    let CommandLimits { max_processes, max_memory_mb, max_file_mb } = CommandLimits::default();
    CommandLimits {
        max_processes: limit(env::MAX_PROCESSES, max_processes),
        max_memory_mb: limit(env::MAX_MEMORY_MB, max_memory_mb),
        max_file_mb: limit(env::MAX_FILE_MB, max_file_mb),
    }
}

/// Absolute paths, separated by colons.
fn places(optional: &impl Fn(&str) -> Option<String>, name: &str, faults: &mut Vec<String>) -> Vec<PathBuf> {
    let told = optional(name).unwrap_or_default();
    let places: Vec<PathBuf> =
        std::env::split_paths(&told).filter(|path| !path.as_os_str().is_empty()).collect();
    let wrong = places.iter().find(|path| !path.is_absolute());
    faults.extend(wrong.map(|path| format!("{name} names {}, expected absolute paths", path.display())));
    places
}

/// Where programs are looked for if the worker was not told.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

fn base_env(optional: impl Fn(&str) -> Option<String>, shared: Vec<String>) -> BTreeMap<String, String> {
    let path = optional("PATH").unwrap_or_else(|| DEFAULT_PATH.to_owned());
    let more = ["LANG", "TZ"].map(str::to_owned).into_iter().chain(shared);
    let more = more.filter_map(|name| Some((name.clone(), optional(&name)?)));
    more.chain([("PATH".to_owned(), path)]).collect()
}

/// Names separated by commas.
fn names(list: Option<String>) -> impl Iterator<Item = String> {
    let list = list.unwrap_or_default();
    let names: Vec<String> =
        list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    names.into_iter()
}

fn parsed<T: std::str::FromStr>(
    optional: &impl Fn(&str) -> Option<String>,
    name: &str,
    expected: &str,
    faults: &mut Vec<String>,
) -> Option<T> {
    let text = optional(name)?;
    let value = text.parse().ok();
    if value.is_none() {
        faults.push(format!("{name} is {text:?}, expected {expected}"));
    }
    value
}

/// Kubernetes mounts this file where it reads a container's last word from.
fn termination_log() -> Option<PathBuf> {
    Some(PathBuf::from("/dev/termination-log")).filter(|path| path.exists())
}

fn default_workspace() -> PathBuf {
    let mounted = PathBuf::from("/workspace");
    if mounted.is_dir() { mounted } else { std::env::temp_dir() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[(&str, &str)] = &[
        (env::TARGET_NAME, "radix"),
        (env::TARGET_REPO_URL, "/srv/radix.git"),
        (env::TASK_ID, "docs-guide"),
        (env::ATTEMPT_ID, "attempt-1"),
        (env::CONTROL_PLANE_URL, "http://127.0.0.1:8000"),
        (env::CONTROL_PLANE_TOKEN, "s3cret"),
    ];

    fn read(more: &[(&str, &str)]) -> Result<WorkerConfig, ConfigError> {
        let vars: BTreeMap<_, _> = WHOLE.iter().chain(more).copied().collect();
        WorkerConfig::from_env(|name| vars.get(name).map(ToString::to_string))
    }

    #[test]
    fn an_empty_environment_is_one_line_that_names_every_missing_variable() {
        let error = WorkerConfig::from_env(|_| None).unwrap_err().to_string();
        for (name, _) in WHOLE {
            assert!(error.contains(name), "{name} is not in: {error}");
        }
        assert!(!error.contains(env::GITHUB_TOKEN) && !error.contains('\n'), "{error}");
    }

    #[test]
    fn a_bad_number_is_named_with_what_was_expected_beside_what_is_missing() {
        let error = read(&[(env::DEADLINE_SECONDS, "soon"), (env::TASK_ID, "")]).unwrap_err().to_string();
        assert!(error.contains("LEVIATHAN_DEADLINE_SECONDS is \"soon\", expected a whole number"), "{error}");
        assert!(error.contains("missing environment variables: TASK_ID"), "{error}");
    }

    #[test]
    fn what_is_left_out_has_its_default_and_the_agent_sees_only_named_variables() {
        let config =
            read(&[(env::AGENT_ENV, "MODEL_KEY, ABSENT"), ("MODEL_KEY", "k"), ("OTHER", "o")]).unwrap();
        assert_eq!((config.branch.as_str(), config.max_rounds.get()), ("main", 3));
        assert_eq!(config.agent_env, [("MODEL_KEY".to_owned(), Secret::new("k"))]);
        assert_eq!(config.deadline, None);
    }

    #[test]
    fn the_forge_is_the_one_that_was_told_else_follows_from_the_repository() {
        let told = |more: &[(&str, &str)]| read(more).unwrap().forge;
        let github = |api_url: &str| ForgeConfig::Github { api_url: api_url.to_owned() };
        let (token, url) =
            ((env::GITHUB_TOKEN, "gh"), (env::TARGET_REPO_URL, "https://github.com/acme/radix"));
        assert_eq!(told(&[token]), ForgeConfig::None);
        assert_eq!(told(&[url]), ForgeConfig::None, "nobody could ask it");
        assert_eq!(told(&[url, token]), github("https://api.github.com"));
        assert_eq!(told(&[url, token, (env::FORGE_KIND, "none")]), ForgeConfig::None);
        let own = (env::FORGE_API_URL, "http://forge/api");
        assert_eq!(told(&[token, own, (env::FORGE_KIND, "github")]), github("http://forge/api"));

        let refused = |more: &[(&str, &str)]| read(more).unwrap_err().to_string();
        assert!(refused(&[own, (env::FORGE_KIND, "github")]).contains("GITHUB_TOKEN is missing"));
        assert!(
            refused(&[token, (env::FORGE_KIND, "github")]).contains("LEVIATHAN_FORGE_API_URL is missing")
        );
        assert!(refused(&[(env::FORGE_KIND, "gitea")]).contains("expected github or none"));
    }

    #[test]
    fn what_a_command_may_reach_and_use_is_told_by_the_environment() {
        let config = read(&[
            (env::READABLE, "/srv/tools:/srv/more:"),
            (env::WRITABLE, "/srv/cache"),
            (env::MAX_FILE_MB, "7"),
        ])
        .unwrap();
        assert_eq!(config.readable, [PathBuf::from("/srv/tools"), PathBuf::from("/srv/more")]);
        assert_eq!(config.writable, [PathBuf::from("/srv/cache")]);
        assert_eq!(config.limits, CommandLimits { max_file_mb: 7, ..CommandLimits::default() });
        let refused = read(&[(env::WRITABLE, "cache"), (env::MAX_PROCESSES, "0")]).unwrap_err().to_string();
        assert!(refused.contains("LEVIATHAN_WRITABLE names cache, expected absolute paths"), "{refused}");
        assert!(refused.contains("LEVIATHAN_MAX_PROCESSES is \"0\", expected"), "{refused}");
    }

    #[test]
    fn debug_shows_no_secret() {
        let config = read(&[(env::GITHUB_TOKEN, "gh-s3cret"), (env::AGENT_ENV, env::GITHUB_TOKEN)]).unwrap();
        assert!(!format!("{config:?}").contains("s3cret"), "{config:?}");
    }

    #[test]
    fn variables_that_checks_may_see_are_passed_on_and_secrets_are_refused_among_them() {
        let config =
            read(&[(env::CHECKS_ENV, "RUSTUP_HOME, ABSENT"), ("RUSTUP_HOME", "/opt/rustup")]).unwrap();
        assert_eq!(config.base_env.get("RUSTUP_HOME").map(String::as_str), Some("/opt/rustup"));
        assert!(!config.base_env.contains_key("ABSENT"));
        for name in [env::GITHUB_TOKEN, env::CONTROL_PLANE_TOKEN, "MODEL_KEY"] {
            let refused = read(&[(env::CHECKS_ENV, name), (env::AGENT_ENV, "MODEL_KEY"), (name, "s3cret")]);
            let error = refused.unwrap_err().to_string();
            assert!(error.contains(name) && !error.contains("s3cret"), "{error}");
        }
    }
}
