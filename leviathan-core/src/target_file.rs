//! `TargetFile`: a target repository as `targets/<name>.yaml` describes it.

mod read_forge;
mod read_limits;

use crate::ForgeConfig;
use crate::backlog::Backlog;
use crate::id::TargetId;
use crate::limits::TargetLimits;
use crate::policy::Policy;
use crate::target::CompleteOn;
use crate::yaml::{BadFile, Document, Entry, Faults, Fields};
use read_forge::read_forge;
use read_limits::read_limits;

/// What a target file may hold and this version knows.
const FIELDS: [&str; 10] = [
    "name",
    "repo_url",
    "default_branch",
    "complete_on",
    "agent_command",
    "backlog_path",
    "policy_path",
    "contract_path",
    "limits",
    "forge",
];
/// The longest name in bytes.
const MAX_NAME_BYTES: usize = 100;

/// A target repository as its file describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetFile {
    /// Its name, which is also its id.
    pub name: TargetId,
    /// Where the repository is: a URL without credentials, or a path.
    pub repo_url: String,
    /// The branch that work starts from.
    pub default_branch: String,
    /// When a task counts as completed.
    pub complete_on: CompleteOn,
    /// Its own limits.
    pub limits: TargetLimits,
    /// Who keeps its pull requests; if the file does not say, whoever follows from where the repository is.
    pub forge: ForgeConfig,
    /// The command line that is the agent; else the host's.
    pub agent_command: Option<String>,
}

impl TargetFile {
    /// Reads the text of a target file; `file` names it in messages.
    ///
    /// What the file asks for and this version cannot do is a fault, and so is a field that is not known: neither is
    /// passed over in silence.
    ///
    /// # Errors
    /// [`BadFile`] with every fault in it.
    pub fn parse(text: &str, file: &str) -> Result<Self, BadFile> {
        let document = Document::read(file, text)?;
        let mut faults = Faults::new(file);
        let target = document.root().fields(&mut faults).and_then(|fields| read(&fields, &mut faults));
        faults.or(target)
    }
}

fn read(fields: &Fields<'_>, faults: &mut Faults) -> Option<TargetFile> {
    refuse_unsupported(fields, faults);
    let name = fields.require("name", faults).and_then(|entry| read_name(entry, faults));
    let repo_url = fields.require("repo_url", faults).and_then(|entry| read_url(entry, faults));
    let default_branch = match fields.get("default_branch") {
        Some(entry) => read_branch(entry, faults),
        None => Some("main".to_owned()),
    };
    let complete_on = fields.get("complete_on").and_then(|entry| read_complete_on(entry, faults));
    let limits = fields.get("limits").and_then(|entry| read_limits(entry, faults));
    let forge = match fields.get("forge") {
        Some(entry) => read_forge(entry, repo_url.as_deref(), faults),
        None => Some(repo_url.as_deref().map(ForgeConfig::of_repository).unwrap_or_default()),
    };
    let agent_command = fields.get("agent_command").and_then(|entry| entry.words(faults));
    Some(TargetFile {
        name: name?,
        repo_url: repo_url?,
        default_branch: default_branch?,
        complete_on: complete_on.unwrap_or_default(),
        limits: limits.unwrap_or_default(),
        forge: forge?,
        agent_command,
    })
}

fn refuse_unsupported(fields: &Fields<'_>, faults: &mut Faults) {
    fields.only(&FIELDS, faults);
    for (name, standard) in [("backlog_path", Backlog::PATH), ("policy_path", Policy::PATH)] {
        let Some(entry) = fields.get(name) else { continue };
        if entry.words(faults).is_some_and(|path| path != standard) {
            entry.fault(
                faults,
                format!("this version reads `{standard}` only; move the file there, or remove the line"),
            );
        }
    }
    if let Some(entry) = fields.get("contract_path") {
        entry.fault(faults, "is not supported by this version: no contract is read; remove the line");
    }
}

fn read_name(entry: &Entry<'_>, faults: &mut Faults) -> Option<TargetId> {
    let name = entry.words(faults)?;
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if !plain || name.len() > MAX_NAME_BYTES || name.starts_with('.') {
        let what = "expected letters, digits, `-`, `_` and `.`, not starting with `.`, at most 100 bytes";
        entry.fault(faults, what);
        return None;
    }
    TargetId::new(name).ok()
}

/// The URL is recorded and shown, so it must not carry a secret. The message does not repeat it.
fn read_url(entry: &Entry<'_>, faults: &mut Faults) -> Option<String> {
    let url = entry.words(faults)?;
    let authority =
        url.split_once("://").map(|(scheme, rest)| (scheme, rest.split('/').next().unwrap_or_default()));
    let holds_secret = authority
        .and_then(|(scheme, host)| Some((scheme, host.rsplit_once('@')?.0)))
        .is_some_and(|(scheme, user)| user.contains(':') || scheme.to_ascii_lowercase().starts_with("http"));
    if holds_secret {
        entry.fault(faults, "holds a user or token; remove it, and give the token in GITHUB_TOKEN");
        return None;
    }
    if url.contains(char::is_control) {
        entry.fault(faults, "expected a URL or a path on one line");
        return None;
    }
    Some(url)
}

fn read_branch(entry: &Entry<'_>, faults: &mut Faults) -> Option<String> {
    let branch = entry.words(faults)?;
    let odd = |c: char| c.is_whitespace() || c.is_control() || "~^:?*[\\".contains(c);
    if branch.starts_with(['-', '/']) || branch.contains("..") || branch.contains(odd) {
        entry.fault(faults, "expected the name of a branch, such as `main`");
        return None;
    }
    Some(branch)
}

fn read_complete_on(entry: &Entry<'_>, faults: &mut Faults) -> Option<CompleteOn> {
    entry.choice(faults, &[("pushed", CompleteOn::Pushed), ("merged", CompleteOn::Merged)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        let error = TargetFile::parse(text, "t.yaml").unwrap_err();
        error.faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_name_and_a_url_are_enough() {
        let target =
            TargetFile::parse("name: radix\nrepo_url: https://example.com/radix.git\n", "t.yaml").unwrap();
        assert_eq!(
            target,
            TargetFile {
                name: TargetId::new("radix").unwrap(),
                repo_url: "https://example.com/radix.git".to_owned(),
                default_branch: "main".to_owned(),
                complete_on: CompleteOn::Pushed,
                limits: TargetLimits::default(),
                forge: ForgeConfig::None,
                agent_command: None,
            }
        );
    }

    #[test]
    fn all_that_is_known_is_read() {
        let text = "\
name: radix
repo_url: git@example.com:a/radix.git
default_branch: release/1.x
backlog_path: .leviathan/backlog.yaml
policy_path: .leviathan/policy.yaml
complete_on: pushed
agent_command: agent --yes
";
        let target = TargetFile::parse(text, "t.yaml").unwrap();
        assert_eq!(target.default_branch, "release/1.x");
        assert_eq!(target.agent_command.as_deref(), Some("agent --yes"));
    }

    #[test]
    fn what_this_version_cannot_do_is_refused_with_what_to_do() {
        let text = "\
name: radix
repo_url: /srv/radix
backlog_path: backlog.yaml
contract_path: c.yaml
complete_on: merged
nmae: x
";
        let found = faults(text);
        let expected = [
            "t.yaml:3: backlog_path: this version reads `.leviathan/backlog.yaml` only",
            "t.yaml:4: contract_path: is not supported by this version: no contract is read",
            "t.yaml:6: nmae: is no known field",
        ];
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{found}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(
            faults("default_branch: main"),
            ["t.yaml:1: name: is missing", "t.yaml:1: repo_url: is missing"]
        );
        assert_eq!(faults(""), ["t.yaml:1: expected a mapping, found nothing"]);
    }

    #[test]
    fn a_url_with_a_secret_is_refused_and_not_repeated() {
        for url in
            ["https://s3cret@example.com/x", "https://u:s3cret@example.com/x", "ssh://u:s3cret@example.com/x"]
        {
            let found = faults(&format!("name: x\nrepo_url: {url}"));
            assert_eq!(found.len(), 1);
            assert!(found[0].starts_with("t.yaml:2: repo_url: holds a user or token"), "{found:?}");
            assert!(!found[0].contains("s3cret"));
        }
        assert!(TargetFile::parse("name: x\nrepo_url: ssh://git@example.com/x", "t").is_ok());
    }

    #[test]
    fn names_that_are_no_folder_and_odd_branches_are_refused() {
        for name in ["a/b", "..", ".hidden", "a b"] {
            assert!(
                faults(&format!("name: {name}\nrepo_url: x"))[0]
                    .starts_with("t.yaml:1: name: expected letters")
            );
        }
        for branch in ["-x", "a..b", "a b", "a~1"] {
            let found = faults(&format!("name: x\nrepo_url: x\ndefault_branch: {branch}"));
            assert!(
                found[0].starts_with("t.yaml:3: default_branch: expected the name of a branch"),
                "{found:?}"
            );
        }
    }
}
