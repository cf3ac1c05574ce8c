//! `judge`: whether a diff stays within the policy.

use super::fence::FenceLine;
use super::tests_named::names_a_test;
use super::{Change, ChangeKind, Policy, Rule, TreeEntry, Violation, check_path, symlink};
use crate::event::payload::TaskFields;

const BYTES_PER_MB: u64 = 1024 * 1024;

/// The file that tells git where submodules come from.
const SUBMODULES: &str = ".gitmodules";
/// How many files a task may change where the policy says no number for its scope.
const MAX_FILES: usize = 5_000;
/// How much changed files may have in all.
const MAX_TOTAL_MB: u64 = 512;

/// Says whether what `task` changed stays within `policy`.
///
/// Each change is judged by both of its paths. `forbidden_paths` win over everything that allows; a path that
/// [`check_path`] refuses, `.gitmodules`, a submodule and a link that may leave the tree are never allowed. To forbidden_paths
/// case does not matter. More than 5,000 files, where the policy has no number for the scope, and more than 512 MiB in all are
/// too much. Nothing changed breaks no rule.
///
/// # Errors
/// Every [`Violation`], in the order of the changes, those of the whole diff last.
pub fn judge(policy: &Policy, task: &TaskFields, changes: &[Change]) -> Result<(), Vec<Violation>> {
    let fence = FenceLine::of(policy, task);
    let mut violations = Vec::new();
    for change in changes {
        for path in std::iter::once(&change.path).chain(&change.old_path) {
            if let Err(rule) = judge_path(policy, &fence, path) {
                violations.push(Violation { path: Some(lossy(path)), rule });
            }
        }
        if let Err(rule) = judge_entry(policy, change) {
            violations.push(Violation { path: Some(lossy(&change.path)), rule });
        }
    }
    if let Err(rule) = judge_whole(policy, task, changes) {
        violations.extend(rule.into_iter().map(|rule| Violation { path: None, rule }));
    }
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

fn judge_path(policy: &Policy, fence: &FenceLine, path: &[u8]) -> Result<(), Rule> {
    let path = std::str::from_utf8(path).map_err(|_| Rule::NotUtf8)?;
    // A slash at the end is how a diff shows a folder, which the entry is judged for.
    let path = path.strip_suffix('/').unwrap_or(path);
    check_path(path).map_err(Rule::BadPath)?;
    if path.eq_ignore_ascii_case(SUBMODULES) {
        return Err(Rule::Submodules);
    }
    if let Some(pattern) = policy.forbidden_paths.iter().find(|pattern| pattern.matches_in_any_case(path)) {
        return Err(Rule::Forbidden { pattern: pattern.to_string() });
    }
    if fence.allows(path) { Ok(()) } else { Err(Rule::NotAllowed(fence.fence.clone())) }
}

fn judge_entry(policy: &Policy, change: &Change) -> Result<(), Rule> {
    match &change.entry {
        TreeEntry::Submodule => return Err(Rule::Submodule),
        TreeEntry::Folder => return Err(Rule::Folder),
        TreeEntry::Symlink { target }
            if change.kind != ChangeKind::Deleted && leaves(&change.path, target) =>
        {
            return Err(Rule::SymlinkLeaves { target: lossy(target) });
        }
        _ if change.path.ends_with(b"/") => return Err(Rule::Folder),
        _ => {}
    }
    match policy.safety_rules.max_artifact_size_mb {
        Some(limit) if change.size > u64::from(limit.get()) * BYTES_PER_MB => {
            Err(Rule::TooLarge { bytes: change.size, limit_mb: limit.get() })
        }
        _ => Ok(()),
    }
}

fn judge_whole(policy: &Policy, task: &TaskFields, changes: &[Change]) -> Result<(), Vec<Rule>> {
    let constraints = policy.scope_constraints.get(&task.scope).copied().unwrap_or_default();
    let mut rules = Vec::new();
    let (files, scope) = (changes.len(), || task.scope.clone());
    match constraints.max_files_per_task {
        Some(limit) if files > limit.get() as usize => {
            rules.push(Rule::TooManyFiles { files, limit: limit.get(), scope: scope() });
        }
        None if files > MAX_FILES => rules.push(Rule::FarTooManyFiles { files, limit: MAX_FILES }),
        _ => {}
    }
    let bytes = changes.iter().fold(0, |sum: u64, change| sum.saturating_add(change.size));
    if bytes > MAX_TOTAL_MB * BYTES_PER_MB {
        rules.push(Rule::TooMuch { bytes, limit_mb: MAX_TOTAL_MB });
    }
    let is_test = |change: &Change| {
        change.kind != ChangeKind::Deleted && std::str::from_utf8(&change.path).is_ok_and(names_a_test)
    };
    if constraints.requires_tests && !changes.is_empty() && !changes.iter().any(is_test) {
        rules.push(Rule::TestsMissing { scope: scope() });
    }
    if rules.is_empty() { Ok(()) } else { Err(rules) }
}

fn leaves(link: &[u8], target: &[u8]) -> bool {
    !std::str::from_utf8(link).is_ok_and(|link| symlink::stays_inside(link, target))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::TaskId;
    use crate::policy::{BadPath, Fence};

    fn task(scope: &str, allowed: &[&str]) -> TaskFields {
        TaskFields {
            task_id: TaskId::new("t").unwrap(),
            target_id: None,
            title: String::new(),
            description: String::new(),
            scope: scope.to_owned(),
            priority: Default::default(),
            estimated_size: String::new(),
            allowed_paths: allowed.iter().map(ToString::to_string).collect(),
            acceptance_criteria: Vec::new(),
            dependencies: Vec::new(),
            labels: Vec::new(),
            ready: true,
            status: Default::default(),
            order: 0,
        }
    }

    fn change(path: &str) -> Change {
        Change {
            path: path.into(),
            old_path: None,
            kind: ChangeKind::Modified,
            entry: TreeEntry::File,
            size: 10,
        }
    }

    fn policy(text: &str) -> Policy {
        Policy::parse(text, "policy.yaml").unwrap()
    }

    #[track_caller]
    fn allowed(policy: &Policy, task: &TaskFields, changes: &[Change]) {
        assert_eq!(judge(policy, task, changes), Ok(()));
    }

    /// The violations, each as path and rule.
    #[track_caller]
    fn refused(policy: &Policy, task: &TaskFields, changes: &[Change]) -> Vec<(String, Rule)> {
        let violations = judge(policy, task, changes).unwrap_err();
        violations.into_iter().map(|v| (v.path.unwrap_or_default(), v.rule)).collect()
    }

    #[test]
    fn a_task_may_change_what_it_names_and_nothing_else() {
        let task = task("docs", &["docs/", "README.md", "src/*.rs"]);
        let policy = policy("allowed_paths: {docs: [other/]}");
        allowed(&policy, &task, &[change("docs/a/b.md"), change("README.md"), change("src/a.rs")]);
        assert_eq!(
            refused(&policy, &task, &[change("docs/a"), change("src/a/b.rs"), change("other/x")]),
            [
                ("src/a/b.rs".to_owned(), Rule::NotAllowed(Fence::Task)),
                ("other/x".to_owned(), Rule::NotAllowed(Fence::Task))
            ]
        );
    }

    #[test]
    fn a_task_that_names_nothing_has_its_scopes_paths() {
        let policy = policy("allowed_paths: {docs: [docs/], core: []}");
        allowed(&policy, &task("docs", &[]), &[change("docs/a")]);
        for (scope, fence) in [
            ("docs", Fence::Scope("docs".to_owned())),
            ("core", Fence::Scope("core".to_owned())),
            ("ops", Fence::UnknownScope("ops".to_owned())),
            ("", Fence::UnknownScope(String::new())),
        ] {
            assert_eq!(
                refused(&policy, &task(scope, &[]), &[change("src/a")]),
                [("src/a".to_owned(), Rule::NotAllowed(fence))]
            );
        }
    }

    #[test]
    fn without_any_fence_all_but_leviathans_own_files_is_open() {
        let policy = Policy::default();
        allowed(&policy, &task("", &[]), &[change("src/a"), change("Cargo.toml"), change("x/.leviathan/y")]);
        for path in [".leviathan/policy.yaml", ".Leviathan/x", ".leviathan"] {
            assert_eq!(
                refused(&policy, &task("", &[]), &[change(path)]),
                [(path.to_owned(), Rule::NotAllowed(Fence::Open))]
            );
        }
        allowed(&policy, &task("", &[".leviathan/backlog.yaml"]), &[change(".leviathan/backlog.yaml")]);
    }

    #[test]
    fn forbidden_wins_over_allowed() {
        let policy = policy("forbidden_paths: ['**/secrets/**', Cargo.lock]");
        let found =
            refused(&policy, &task("", &["**"]), &[change("a/secrets/b"), change("Cargo.lock"), change("c")]);
        let forbidden = |pattern: &str| Rule::Forbidden { pattern: pattern.to_owned() };
        assert_eq!(
            found,
            [
                ("a/secrets/b".to_owned(), forbidden("**/secrets/**")),
                ("Cargo.lock".to_owned(), forbidden("Cargo.lock"))
            ]
        );
    }

    #[test]
    fn what_is_forbidden_is_so_in_any_case_and_what_is_allowed_is_not() {
        let policy = policy("forbidden_paths: [Secrets/, '**/*.KEY', ÄRGER.md]");
        let task = task("", &["docs/", "secrets/", "ärger.md"]);
        for path in ["secrets/a", "docs/a.key", "docs/a.Key", "ärger.md"] {
            let found = refused(&policy, &task, &[change(path)]);
            assert!(matches!(found[0].1, Rule::Forbidden { .. }), "{found:?}");
        }
        let found = refused(&policy, &task, &[change("DOCS/a")]);
        assert_eq!(found, [("DOCS/a".to_owned(), Rule::NotAllowed(Fence::Task))]);
    }

    #[test]
    fn where_submodules_come_from_is_nothing_that_a_task_may_change() {
        for path in [".gitmodules", ".GitModules"] {
            let found = refused(&Policy::default(), &task("", &["**"]), &[change(path)]);
            assert_eq!(found, [(path.to_owned(), Rule::Submodules)]);
        }
        allowed(&Policy::default(), &task("", &["**"]), &[change("docs/.gitmodules.md")]);
    }

    #[test]
    fn no_task_changes_thousands_of_files_unless_its_scope_may_or_more_than_half_a_gibibyte() {
        let many: Vec<Change> = (0..5_001).map(|number| change(&format!("docs/{number}"))).collect();
        let task = task("docs", &["docs/"]);
        allowed(&Policy::default(), &task, &many[1..]);
        let found = refused(&Policy::default(), &task, &many);
        assert_eq!(found, [(String::new(), Rule::FarTooManyFiles { files: 5_001, limit: 5_000 })]);
        allowed(&policy("scope_constraints: {docs: {max_files_per_task: 6000}}"), &task, &many);
        let large = |bytes| Change { size: bytes, ..change("docs/a") };
        let half = 256 * 1024 * 1024;
        allowed(&Policy::default(), &task, &[large(half), large(half)]);
        let found = refused(&Policy::default(), &task, &[large(half), large(half), large(1)]);
        assert_eq!(found, [(String::new(), Rule::TooMuch { bytes: 2 * half + 1, limit_mb: 512 })]);
    }

    #[test]
    fn both_names_of_a_rename_are_judged() {
        let moved = |from: &str, to: &str| Change {
            old_path: Some(from.into()),
            kind: ChangeKind::Renamed,
            ..change(to)
        };
        let task = task("", &["docs/"]);
        let policy = policy("forbidden_paths: [docs/keep.md]");
        allowed(&policy, &task, &[moved("docs/a", "docs/b")]);
        for (from, to, wrong) in [
            ("src/a", "docs/a", "src/a"),
            ("docs/a", "src/a", "src/a"),
            ("docs/keep.md", "docs/a", "docs/keep.md"),
        ] {
            let found = refused(&policy, &task, &[moved(from, to)]);
            assert_eq!(found.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), [wrong]);
        }
    }

    #[test]
    fn paths_that_lead_elsewhere_are_refused_whatever_is_allowed() {
        let task = task("", &["**", "docs/"]);
        for (path, why) in [
            ("docs/../x", BadPath::Dots),
            ("/etc/passwd", BadPath::Absolute),
            ("docs/.git/config", BadPath::Git),
            (".GIT /hooks/x", BadPath::Git),
        ] {
            let found = refused(&Policy::default(), &task, &[change(path)]);
            assert_eq!(found, [(path.to_owned(), Rule::BadPath(why))]);
        }
    }

    #[test]
    fn submodules_hidden_folders_and_links_out_of_the_tree_are_refused() {
        let task = task("", &["docs/"]);
        let with = |entry: TreeEntry, kind: ChangeKind| Change { entry, kind, ..change("docs/a") };
        let link = |target: &str, kind| with(TreeEntry::Symlink { target: target.into() }, kind);
        let policy = Policy::default();
        for (change, rule) in [
            (with(TreeEntry::Submodule, ChangeKind::Added), Rule::Submodule),
            (with(TreeEntry::Submodule, ChangeKind::Deleted), Rule::Submodule),
            (with(TreeEntry::Folder, ChangeKind::Added), Rule::Folder),
            (Change { path: b"docs/nest/".to_vec(), ..change("") }, Rule::Folder),
            (
                link("../../etc", ChangeKind::TypeChanged),
                Rule::SymlinkLeaves { target: "../../etc".to_owned() },
            ),
        ] {
            let found = refused(&policy, &task, &[change]);
            assert_eq!(found.into_iter().map(|(_, rule)| rule).collect::<Vec<_>>(), [rule]);
        }
        allowed(&policy, &task, &[link("../src", ChangeKind::Added), link("/etc", ChangeKind::Deleted)]);
        allowed(&policy, &task, &[with(TreeEntry::Executable, ChangeKind::ModeChanged)]);
    }

    #[test]
    fn a_name_that_is_not_utf8_is_refused_and_told_as_far_as_it_can_be() {
        let odd = Change { path: b"docs/\xff\n".to_vec(), ..change("") };
        let violations = judge(&Policy::default(), &task("", &["**"]), &[odd]).unwrap_err();
        assert_eq!(violations[0].rule, Rule::NotUtf8);
        assert_eq!(violations[0].to_string(), "`docs/\u{fffd}\\n` has a name that is not UTF-8");
    }

    #[test]
    fn a_scope_may_bound_the_files_and_ask_for_tests() {
        let policy = policy("scope_constraints: {core: {max_files_per_task: 2, requires_tests: true}}");
        let core = task("core", &[]);
        allowed(&policy, &core, &[change("src/a.rs"), change("tests/a.rs")]);
        allowed(&policy, &core, &[]);
        allowed(&policy, &task("docs", &[]), &[change("a"), change("b"), change("c")]);
        let gone = Change { kind: ChangeKind::Deleted, ..change("tests/a.rs") };
        assert_eq!(
            refused(&policy, &core, &[change("a"), change("b"), gone]),
            [
                (String::new(), Rule::TooManyFiles { files: 3, limit: 2, scope: "core".to_owned() }),
                (String::new(), Rule::TestsMissing { scope: "core".to_owned() }),
            ]
        );
    }

    #[test]
    fn a_file_that_is_too_large_is_refused() {
        let policy = policy("safety_rules: {max_artifact_size_mb: 1}");
        let of = |size| Change { size, ..change("a") };
        allowed(&policy, &task("", &[]), &[of(1024 * 1024)]);
        let found = refused(&policy, &task("", &[]), &[of(1024 * 1024 + 1)]);
        assert_eq!(found, [("a".to_owned(), Rule::TooLarge { bytes: 1024 * 1024 + 1, limit_mb: 1 })]);
    }

    #[test]
    fn a_pattern_of_a_task_that_is_none_allows_nothing() {
        let found = refused(&Policy::default(), &task("", &["/docs/", "docs/[a"]), &[change("docs/a")]);
        assert_eq!(found, [("docs/a".to_owned(), Rule::NotAllowed(Fence::Task))]);
    }

    #[test]
    fn each_violation_is_a_sentence() {
        let policy =
            policy("allowed_paths: {docs: [docs/]}\nscope_constraints: {docs: {requires_tests: true}}");
        let text = judge(&policy, &task("docs", &[]), &[change("src/a")]).unwrap_err();
        let text: Vec<String> = text.iter().map(ToString::to_string).collect();
        assert_eq!(text[0], "`src/a` is not among the policy's allowed_paths for scope `docs`");
        assert!(
            text[1].starts_with("no test was changed or added; the policy requires tests for scope `docs`")
        );
    }
}
