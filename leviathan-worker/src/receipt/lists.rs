//! The lists of a receipt, as far as there is room.

use leviathan_core::policy::Change;
use std::collections::BTreeSet;

/// How many bytes of paths a receipt lists. An event has room for four times as much.
const PATHS: usize = 64 * 1024;
/// How many bytes of violations it lists.
const VIOLATIONS: usize = 32 * 1024;

/// The paths that differ, in order, both of what was renamed; those that are no UTF-8 lossily.
pub(super) fn changed_paths(changes: &[Change]) -> Vec<String> {
    let both = changes.iter().flat_map(|change| std::iter::once(&change.path).chain(&change.old_path));
    let ordered: BTreeSet<&Vec<u8>> = both.collect();
    ordered.into_iter().map(|path| String::from_utf8_lossy(path).into_owned()).collect()
}

/// As many paths as there is room for, and how many more there are.
pub(super) fn paths_shown(paths: Vec<String>) -> (Vec<String>, u64) {
    shown(paths, PATHS)
}

/// As many violations as there is room for, and how many more there are.
pub(super) fn violations_shown(violations: Vec<String>) -> (Vec<String>, u64) {
    shown(violations, VIOLATIONS)
}

fn shown(mut all: Vec<String>, mut room: usize) -> (Vec<String>, u64) {
    let fits = |text: &String| {
        // What stands around each of them in JSON.
        let size = text.len() + 3;
        let fits = size <= room;
        room = room.saturating_sub(size);
        fits
    };
    let kept = all.iter().map(fits).take_while(|fits| *fits).count();
    let left_out = all.len() - kept;
    all.truncate(kept);
    (all, left_out as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_room_is_counted() {
        let all = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(shown(all(&["abc", "d"]), 10), (all(&["abc", "d"]), 0));
        assert_eq!(shown(all(&["abc", "d", "e"]), 10), (all(&["abc", "d"]), 1));
        assert_eq!(shown(all(&["long", "a"]), 6), (all(&[]), 2), "in order, and none passed over");
    }
}
