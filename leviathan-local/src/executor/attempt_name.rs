//! The file name of an attempt.

use leviathan_core::id::AttemptId;
use leviathan_core::log::Hash;

/// The longest id that is its own file name.
const MAX_PLAIN: usize = 100;

/// The id itself where that is safe, else its safe characters and a digest. No two ids have one name.
pub(crate) fn attempt_name(id: &AttemptId) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let id = id.as_str();
    if id.len() <= MAX_PLAIN && id.chars().all(safe) && !id.starts_with('.') {
        return id.to_owned();
    }
    let shown: String = id.chars().map(|c| if safe(c) && c != '.' { c } else { '_' }).take(40).collect();
    // `~` is in no plain name.
    format!("{shown}~{}", &Hash::of(id.as_bytes()).to_string()[..32])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(id: &str) -> String {
        attempt_name(&AttemptId::new(id).unwrap())
    }

    #[test]
    fn our_ids_are_their_own_names_and_no_id_leaves_the_directory_or_takes_anothers_name() {
        assert_eq!(name("attempt-0123456789abcdef"), "attempt-0123456789abcdef");
        let long = "x".repeat(1000);
        let strange = ["..", ".", ".new-x", "a/b", "a_b", "a\u{1}b", "../../etc", "\u{1f40b}", &long];
        let mut names: Vec<String> = strange.iter().map(|id| name(id)).collect();
        for name in &names {
            assert!(!name.contains(['/', '\0']) && !name.starts_with('.') && name.len() < 200, "{name}");
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), strange.len());
    }
}
