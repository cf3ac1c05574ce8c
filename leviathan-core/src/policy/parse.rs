//! Reading `.leviathan/policy.yaml`.

use super::{PathPattern, Policy, SafetyRules, ScopeConstraints};
use crate::log::Hash;
use crate::yaml::{BadFile, Document, Entry, Faults, Fields};
use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroU64};

/// Thirty days: no wait and no deadline is longer.
const MAX_SECONDS: u64 = 30 * 24 * 60 * 60;
/// Fields that stand for themselves or for people, beside those that are read.
const FIELDS: [&str; 11] = [
    "version",
    "description",
    "allowed_paths",
    "forbidden_paths",
    "scope_constraints",
    "safety_rules",
    "checks",
    "setup",
    "checks_network",
    "setup_network",
    "deadline_seconds",
];

impl Policy {
    /// Reads the text of a policy file; `file` names it in messages. An empty file asks for nothing.
    ///
    /// A field that is not known is a fault: a rule that is misspelt must not pass for one that holds.
    ///
    /// # Errors
    /// [`BadFile`] with every fault in it.
    pub fn parse(text: &str, file: &str) -> Result<Self, BadFile> {
        let document = Document::read(file, text)?;
        let mut faults = Faults::new(file);
        let sha256 = Some(Hash::of(text.as_bytes()));
        let root = document.root();
        if root.is_null() {
            return Ok(Self { sha256, ..Self::default() });
        }
        let policy = root.fields(&mut faults).map(|fields| Self { sha256, ..read(&fields, &mut faults) });
        faults.or(policy)
    }
}

fn read(fields: &Fields<'_>, faults: &mut Faults) -> Policy {
    fields.only(&FIELDS, faults);
    // Whoever leaves nothing of a fence may mean that it is open or that it is shut.
    fields.not_empty(
        "allowed_paths",
        "holds nothing; write `{}` if nothing may be changed, or remove the line",
        faults,
    );
    fields.get("version").map(|entry| entry.whole(faults, 1..=1));
    Policy {
        allowed_paths: fields
            .get("allowed_paths")
            .map(|entry| by_scope(entry, faults, PathPattern::read_list)),
        forbidden_paths: fields
            .get("forbidden_paths")
            .map(|entry| PathPattern::read_list(entry, faults))
            .unwrap_or_default(),
        scope_constraints: fields
            .get("scope_constraints")
            .map(|entry| by_scope(entry, faults, constraints))
            .unwrap_or_default(),
        safety_rules: fields.get("safety_rules").map(|entry| safety(entry, faults)).unwrap_or_default(),
        checks: fields.get("checks").map(|entry| entry.texts(faults)).unwrap_or_default(),
        setup: fields.get("setup").map(|entry| entry.texts(faults)).unwrap_or_default(),
        checks_network: flag(fields, "checks_network", faults),
        setup_network: flag(fields, "setup_network", faults),
        deadline_seconds: fields
            .get("deadline_seconds")
            .and_then(|entry| entry.whole(faults, 1..=MAX_SECONDS))
            .and_then(NonZeroU64::new),
        sha256: None,
    }
}

/// A mapping from scopes to what `read` makes of their values.
fn by_scope<T>(
    entry: &Entry<'_>,
    faults: &mut Faults,
    read: fn(&Entry<'_>, &mut Faults) -> T,
) -> BTreeMap<String, T> {
    let Some(fields) = entry.fields(faults) else { return BTreeMap::new() };
    fields.iter().map(|(scope, entry)| (scope.to_owned(), read(entry, faults))).collect()
}

fn constraints(entry: &Entry<'_>, faults: &mut Faults) -> ScopeConstraints {
    let Some(fields) = mapping(entry, &["max_files_per_task", "requires_tests"], faults) else {
        return ScopeConstraints::default();
    };
    ScopeConstraints {
        max_files_per_task: number(&fields, "max_files_per_task", faults),
        requires_tests: flag(&fields, "requires_tests", faults),
    }
}

fn safety(entry: &Entry<'_>, faults: &mut Faults) -> SafetyRules {
    let known = ["max_attempts_per_task", "backoff_seconds", "max_artifact_size_mb"];
    let Some(fields) = mapping(entry, &known, faults) else { return SafetyRules::default() };
    SafetyRules {
        max_attempts_per_task: number(&fields, "max_attempts_per_task", faults),
        backoff_seconds: fields.get("backoff_seconds").and_then(|entry| entry.whole(faults, 0..=MAX_SECONDS)),
        max_artifact_size_mb: number(&fields, "max_artifact_size_mb", faults),
    }
}

/// The fields of a mapping that may hold `known` and nothing else.
fn mapping<'d>(entry: &Entry<'d>, known: &[&str], faults: &mut Faults) -> Option<Fields<'d>> {
    let fields = entry.fields(faults)?;
    fields.only(known, faults);
    Some(fields)
}

fn flag(fields: &Fields<'_>, name: &str, faults: &mut Faults) -> bool {
    fields.get(name).and_then(|entry| entry.flag(faults)).unwrap_or_default()
}

fn number(fields: &Fields<'_>, name: &str, faults: &mut Faults) -> Option<NonZeroU32> {
    let number = fields.get(name)?.whole(faults, 1..=u64::from(u32::MAX))?;
    u32::try_from(number).ok().and_then(NonZeroU32::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_policy_is_read() {
        let text = "\
allowed_paths:
  docs: [docs/, '*.md']
  core: [src/**]
forbidden_paths: ['**/*.pem']
scope_constraints:
  core: {max_files_per_task: 10, requires_tests: yes}
safety_rules: {max_attempts_per_task: 3, backoff_seconds: 0, max_artifact_size_mb: 5}
checks: [cargo test, 'cargo clippy -- -D warnings']
setup: [cargo fetch]
setup_network: true
deadline_seconds: 600
";
        let policy = Policy::parse(text, "p").unwrap();
        let pattern = |text| PathPattern::parse(text).unwrap();
        let scopes = policy.allowed_paths.clone().unwrap();
        assert_eq!(scopes["docs"], [pattern("docs/"), pattern("*.md")]);
        assert_eq!(scopes["core"], [pattern("src/**")]);
        assert_eq!(policy.forbidden_paths, [pattern("**/*.pem")]);
        let core = ScopeConstraints { max_files_per_task: NonZeroU32::new(10), requires_tests: true };
        assert_eq!(policy.scope_constraints, BTreeMap::from([("core".to_owned(), core)]));
        assert_eq!(policy.checks, ["cargo test", "cargo clippy -- -D warnings"]);
        assert_eq!(policy.setup, ["cargo fetch"]);
        assert_eq!((policy.checks_network, policy.setup_network), (false, true));
        assert_eq!(policy.sha256, Some(Hash::of(text.as_bytes())));
        let target = policy.target_policy();
        assert_eq!(
            (target.max_attempts, target.backoff_seconds, target.deadline_seconds),
            (Some(3), Some(0), Some(600))
        );
        assert_eq!(policy.safety_rules.max_artifact_size_mb, NonZeroU32::new(5));
    }

    #[test]
    fn an_empty_file_asks_for_nothing() {
        for text in ["", "# nothing\n", "{}"] {
            let policy = Policy::parse(text, "p").unwrap();
            assert_eq!(policy, Policy { sha256: Some(Hash::of(text.as_bytes())), ..Policy::default() });
        }
    }

    #[test]
    fn every_fault_is_told_in_one_go_with_line_and_field() {
        let text = "\
allowed_paths:
  docs: [docs/, /etc/]
  core: src/
forbiden_paths: [x]
forbidden_paths: [.git/, 'a/[b']
scope_constraints: {docs: {max_files_per_task: 0, require_tests: true}}
safety_rules: {max_attempts_per_task: -1}
checks: cargo test
checks: [x]
checks_network: maybe
deadline_seconds: 1.5
version: 2
";
        let faults = Policy::parse(text, "p.yaml").unwrap_err().to_string();
        let expected = [
            "p.yaml:2: allowed_paths.docs[1]: the pattern is absolute",
            "p.yaml:3: allowed_paths.core: expected a list, found `src/`",
            "p.yaml:4: forbiden_paths: is no known field; expected one of version, ",
            "p.yaml:5: forbidden_paths[0]: the pattern leads into `.git`",
            "p.yaml:5: forbidden_paths[1]: the pattern is no glob: ",
            "p.yaml:6: scope_constraints.docs.max_files_per_task: expected a whole number from 1 to 4294967295, found `0`",
            "p.yaml:6: scope_constraints.docs.require_tests: is no known field",
            "p.yaml:7: safety_rules.max_attempts_per_task: expected a whole number from 1 to 4294967295, found `-1`",
            "p.yaml:8: checks: expected a list, found `cargo test`",
            "p.yaml:9: checks: stands here again; the first is in line 8",
            "p.yaml:10: checks_network: expected `true` or `false`, found `maybe`",
            "p.yaml:11: deadline_seconds: expected a whole number from 1 to 2592000, found `1.5`",
            "p.yaml:12: version: expected a whole number from 1 to 1, found `2`",
        ];
        let lines: Vec<&str> = faults.lines().collect();
        assert_eq!(lines.len(), expected.len(), "{faults}");
        for (line, expected) in lines.iter().zip(expected) {
            assert!(line.starts_with(expected), "{line}\nshould start with\n{expected}");
        }
    }

    #[test]
    fn a_fence_of_nothing_must_say_so() {
        let error = Policy::parse("allowed_paths:\nchecks: [x]\n", "p").unwrap_err().to_string();
        assert!(error.starts_with("p:1: allowed_paths: holds nothing; write `{}`"), "{error}");
        assert_eq!(Policy::parse("allowed_paths: {}", "p").unwrap().allowed_paths, Some(BTreeMap::new()));
    }

    #[test]
    fn what_is_no_mapping_is_no_policy() {
        for text in ["- a", "text", "3"] {
            assert!(Policy::parse(text, "p").unwrap_err().to_string().starts_with("p:1: expected a mapping"));
        }
    }
}
