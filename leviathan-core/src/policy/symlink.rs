//! Where symbolic links lead.

use super::bad_path::check_path;

/// Whether a link at `path` that points to `target` stays in the tree, whatever other links the tree holds.
///
/// `..` counts only at the start of the target, where it climbs folders that a tree has for certain: behind a name it
/// would climb from wherever that name, itself a link perhaps, leads.
pub(super) fn stays_inside(path: &str, target: &[u8]) -> bool {
    let Ok(target) = std::str::from_utf8(target) else { return false };
    let mut folders: Vec<&str> = path.split('/').collect();
    folders.pop();
    let mut rest = target.strip_suffix('/').unwrap_or(target);
    while let Some(upwards) = rest.strip_prefix("..") {
        if folders.pop().is_none() {
            return false;
        }
        match upwards.strip_prefix('/') {
            Some(below) => rest = below,
            None if upwards.is_empty() => return true,
            None => return false,
        }
    }
    check_path(rest).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_within_the_tree_stay_inside() {
        for (path, target) in
            [("a", "b"), ("docs/a", "../src/b"), ("a/b/c", "../../d"), ("a/b/c", "../.."), ("docs/a", "sub/")]
        {
            assert!(stays_inside(path, target.as_bytes()), "{path} -> {target}");
        }
    }

    #[test]
    fn links_that_may_lead_out_do_not() {
        for (path, target) in [
            ("a", "/etc/passwd"),
            ("a", ".."),
            ("a", "../x"),
            ("docs/a", "../../x"),
            ("docs/a", "sub/../../x"),
            ("docs/a", "../.git/config"),
            ("docs/a", "../.GIT"),
            ("docs/a", "..x/../y"),
            ("a", ""),
            ("a", "."),
        ] {
            assert!(!stays_inside(path, target.as_bytes()), "{path} -> {target}");
        }
        assert!(!stays_inside("a", b"\xff"));
    }
}
