//! The files of a repository, as strangers may write them: whatever the text, reading ends and says what it found; and
//! whatever the policy, no diff leads out of the tree.

use leviathan_core::TargetFile;
use leviathan_core::backlog::Backlog;
use leviathan_core::event::payload::TaskFields;
use leviathan_core::policy::{Change, ChangeKind, PathPattern, Policy, TreeEntry, judge};
use proptest::prelude::*;

/// Text that is YAML often enough to get behind the parser, with the words that the readers look for.
fn yaml() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("tasks:"),
        Just("- id: "),
        Just("- "),
        Just("\n"),
        Just("\n  "),
        Just("\n    "),
        Just("id: a"),
        Just("name: x"),
        Just("repo_url: "),
        Just("allowed_paths: "),
        Just("dependencies: [a, b]"),
        Just("scope_constraints: "),
        Just("safety_rules: "),
        Just("checks: "),
        Just("version: 1"),
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(", "),
        Just(": "),
        Just("&a "),
        Just("*a"),
        Just("<<: "),
        Just("\"\\u0000\""),
        Just("é\u{feff}"),
        Just("1e999"),
        Just("!!int "),
        Just("|\n"),
        Just("? "),
        Just("{a}b*/../.git"),
    ];
    prop_oneof![
        any::<String>(),
        prop::collection::vec(prop_oneof![part.prop_map(str::to_owned), "\\PC{0,3}"], 0..40)
            .prop_map(|parts| parts.concat()),
    ]
}

/// Parts of paths, dangerous ones among them.
fn path() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("docs"),
        Just("a.md"),
        Just(".."),
        Just("."),
        Just(".git"),
        Just(".GIT "),
        Just(".g\u{200c}it."),
        Just("GIT~1"),
        Just(".git::$DATA"),
        Just(".leviathan"),
        Just("c:"),
        Just(""),
        Just("x"),
    ];
    let part = prop_oneof![4 => part.prop_map(str::to_owned), 1 => "\\PC{0,4}"];
    (prop::collection::vec(part, 1..5), prop_oneof![4 => Just("/"), 1 => Just("\\")])
        .prop_map(|(parts, slash)| parts.join(slash))
}

fn task(allowed_paths: Vec<String>) -> TaskFields {
    let Ok(mut backlog) = Backlog::parse("- id: t", "b") else { panic!("a backlog of one task") };
    TaskFields { allowed_paths, ..backlog.tasks.remove(0) }
}

fn change(path: &str, old_path: Option<String>, entry: TreeEntry) -> Change {
    Change {
        path: path.as_bytes().to_vec(),
        old_path: old_path.map(String::into_bytes),
        kind: ChangeKind::Added,
        entry,
        size: 0,
    }
}

/// What must never be: written apart from the code under test, and plainer.
fn leads_elsewhere(path: &str) -> bool {
    let plain: String =
        path.chars().filter(|c| !('\u{2000}'..='\u{206f}').contains(c) && *c != '\u{feff}').collect();
    let lower = plain.to_ascii_lowercase();
    let mut parts = lower.split(['/', '\\']);
    path.starts_with('/') || parts.any(|part| part == ".." || part == "git~1" || is_git(part))
}

fn is_git(part: &str) -> bool {
    part.strip_prefix(".git")
        .is_some_and(|rest| rest.starts_with(':') || rest.chars().all(|c| c == '.' || c == ' '))
}

/// Where a link leads, followed part by part from its folder; none if above the root.
fn followed(link: &str, target: &str) -> Option<Vec<String>> {
    let mut at: Vec<String> = link.split('/').map(str::to_owned).collect();
    at.pop();
    for part in target.split('/') {
        match part {
            ".." => _ = at.pop()?,
            "" | "." => {}
            part => at.push(part.to_owned()),
        }
    }
    Some(at)
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_with_a_reason(text in yaml()) {
        match Backlog::parse(&text, "b") {
            Ok(backlog) => {
                let mut ids: Vec<_> = backlog.tasks.iter().map(|task| &task.task_id).collect();
                ids.extend(&backlog.left_out);
                let read = ids.len();
                ids.sort();
                ids.dedup();
                prop_assert_eq!(ids.len(), read, "an id stands for one task");
            }
            Err(error) => prop_assert!(!error.faults.is_empty()),
        }
        if let Err(error) = Policy::parse(&text, "p") {
            prop_assert!(!error.faults.is_empty());
        }
        if let Err(error) = TargetFile::parse(&text, "t") {
            prop_assert!(!error.faults.is_empty());
        }
    }

    #[test]
    fn a_bad_task_anywhere_leaves_the_good_ones(bad in prop::collection::vec(any::<bool>(), 0..12)) {
        let task = |(index, bad): (usize, &bool)| {
            format!("- id: t{index}\n  priority: {}\n", if *bad { "soon" } else { "low" })
        };
        let text: String = bad.iter().enumerate().map(task).collect();
        let backlog = Backlog::parse(&text, "b").unwrap();
        let read: Vec<usize> = backlog.tasks.iter().map(|task| task.order as usize).collect();
        let good: Vec<usize> = (0..bad.len()).filter(|&index| !bad[index]).collect();
        prop_assert_eq!(read, good);
        prop_assert_eq!(backlog.faults.len(), bad.iter().filter(|bad| **bad).count());
    }

    #[test]
    fn no_policy_lets_a_path_lead_elsewhere(path in path(), from in path(), own in any::<bool>(), rename in any::<bool>()) {
        let allowed = if own { vec![path.clone(), from.clone(), "**".to_owned(), "docs/".to_owned()] } else { vec![] };
        let change = change(&path, rename.then(|| from.clone()), TreeEntry::File);
        if judge(&Policy::default(), &task(allowed), &[change]).is_ok() {
            prop_assert!(!leads_elsewhere(&path), "{path:?}");
            prop_assert!(!(rename && leads_elsewhere(&from)), "{from:?}");
        }
    }

    #[test]
    fn any_pattern_is_read_or_refused_and_matches_no_path_that_leads_elsewhere(
        pattern in prop_oneof![path(), "[a-z*?{},!/\\[\\]^.-]{0,24}", "\\PC{0,16}"],
        path in path(),
    ) {
        if let Ok(pattern) = PathPattern::parse(&pattern) {
            prop_assert!(!(pattern.matches(&path) && leads_elsewhere(&path)), "{pattern} {path:?}");
        }
    }

    #[test]
    fn no_link_that_is_allowed_leads_out_of_the_tree(
        folders in prop::collection::vec("[a-c]", 0..3),
        target in prop::collection::vec(prop_oneof!["\\.\\.", "[a-c]", "\\.", "", "\\.git"], 0..6),
    ) {
        let link = folders.iter().map(|folder| format!("{folder}/")).collect::<String>() + "link";
        let target = target.join("/");
        let entry = TreeEntry::Symlink { target: target.clone().into_bytes() };
        if judge(&Policy::default(), &task(vec!["**".to_owned()]), &[change(&link, None, entry)]).is_ok() {
            prop_assert!(!target.starts_with('/'));
            let end = followed(&link, &target);
            prop_assert!(end.is_some_and(|end| !end.contains(&".git".to_owned())), "{link} -> {target}");
        }
    }
}
