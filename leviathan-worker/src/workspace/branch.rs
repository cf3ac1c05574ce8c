//! The branch that an attempt's work goes to.

use leviathan_core::id::TaskId;
use leviathan_core::log::Hash;

/// The longest task id that is taken as it is.
const MAX_PLAIN: usize = 100;
/// How much of any other task id is kept for people.
const MAX_KEPT: usize = 80;
/// How many hex digits tell ids apart that look alike once they are made safe.
const SUFFIX: usize = 12;

/// `agent/<task_id>`, one branch for all attempts of a task.
///
/// An id that cannot stand in a ref is made safe and gets a suffix from its hash, so that two ids never share a branch.
pub(crate) fn work_branch(task: &TaskId) -> String {
    let id = task.as_str();
    if is_plain(id) {
        return format!("agent/{id}");
    }
    let safe = |character: char| if is_plain_char(character) { character } else { '-' };
    let kept: String = id.chars().take(MAX_KEPT).map(safe).collect();
    let kept = kept.replace("..", "--");
    let kept = kept.trim_matches(['.', '-']);
    let hash = Hash::of(id.as_bytes()).to_string();
    let dash = if kept.is_empty() { "" } else { "-" };
    format!("agent/{kept}{dash}{}", &hash[..SUFFIX])
}

/// Whether an id may stand as the last part of a ref. A slash may not: `a` and `a/b` cannot both be branches.
fn is_plain(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= MAX_PLAIN
        && id.chars().all(is_plain_char)
        && !id.starts_with(['.', '-'])
        && !id.ends_with('.')
        && !id.ends_with(".lock")
        && !id.contains("..")
}

fn is_plain_char(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn branch(id: &str) -> String {
        work_branch(&TaskId::new(id).unwrap())
    }

    #[test]
    fn a_plain_id_is_kept_and_any_other_is_told_apart_by_its_hash() {
        assert_eq!(branch("docs-guide"), "agent/docs-guide");
        assert!(branch("docs/guide").starts_with("agent/docs-guide-"));
        assert_ne!(branch("docs/guide"), branch("docs guide"));
        for id in ["x.lock", ".x", "-x", "a..b", "x.", "@{", "\u{1f40b}", "..", &"long".repeat(100)] {
            assert_ne!(branch(id), format!("agent/{id}"));
        }
    }

    proptest! {
        #[test]
        fn every_id_gives_a_valid_ref(id in "\\PC{1,300}|[./@{~^: -]{1,20}|[a-z]{1,5}\\.lock") {
            let name = format!("refs/heads/{}", branch(&id));
            prop_assert!(git2::Reference::is_valid_name(&name), "{}", name);
            prop_assert!(name.len() < 200);
        }

        #[test]
        fn two_ids_never_share_a_branch(one in "[a-c./ ]{1,4}", other in "[a-c./ ]{1,4}") {
            prop_assert_eq!(branch(&one) == branch(&other), one == other);
        }
    }
}
