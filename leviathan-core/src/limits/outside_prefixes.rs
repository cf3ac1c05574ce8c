//! `OutsidePrefixes`: a task that may touch more than its target's limits let it.

use super::TargetLimits;
use crate::policy::check_path;
use std::fmt;

/// Why a task is outside the prefixes that its target's limits allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutsidePrefixes {
    /// It names no paths, and so may touch any.
    NamesNone,
    /// This one of its `allowed_paths` leads elsewhere.
    Path(String),
}

impl fmt::Display for OutsidePrefixes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NamesNone => write!(f, "the task names no allowed_paths"),
            Self::Path(path) => write!(f, "`{path}` of the task's allowed_paths"),
        }
    }
}

impl TargetLimits {
    /// What of a task's `allowed_paths` lies outside the prefixes, if there are prefixes.
    ///
    /// A pattern counts by its parts before the first that holds a wildcard: `docs/*.md` is below `docs`, `do*` is not.
    pub fn outside_prefixes(&self, allowed_paths: &[String]) -> Option<OutsidePrefixes> {
        if self.allowed_prefixes.is_empty() {
            return None;
        }
        if allowed_paths.is_empty() {
            return Some(OutsidePrefixes::NamesNone);
        }
        let inside = |path: &&String| self.allowed_prefixes.iter().any(|prefix| is_below(path, prefix));
        allowed_paths.iter().find(|path| !inside(path)).map(|path| OutsidePrefixes::Path(path.clone()))
    }
}

/// Whether everything that `pattern` can match is `prefix` or below it.
fn is_below(pattern: &str, prefix: &str) -> bool {
    let plain = |path: &str| path.strip_prefix("./").unwrap_or(path).trim_end_matches('/').to_owned();
    let (pattern, prefix) = (plain(pattern), plain(prefix));
    if check_path(&pattern).is_err() {
        return false;
    }
    let mut fixed = pattern.split('/').take_while(|part| !part.contains(['*', '?', '[', '{', '\\']));
    prefix.split('/').all(|part| fixed.next() == Some(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(prefix: &str, inside: &[&str], outside: &[&str]) {
        let limits = TargetLimits { allowed_prefixes: vec![prefix.to_owned()], ..TargetLimits::default() };
        for path in inside {
            assert_eq!(limits.outside_prefixes(&[(*path).to_owned()]), None, "{path} is below {prefix}");
        }
        for path in outside {
            let expected = Some(OutsidePrefixes::Path((*path).to_owned()));
            assert_eq!(limits.outside_prefixes(&[(*path).to_owned()]), expected, "{path}");
        }
    }

    #[test]
    fn a_path_is_below_a_prefix_by_whole_parts() {
        for docs in ["docs", "docs/", "./docs"] {
            let inside = ["docs", "docs/", "./docs/", "docs/a", "docs/*.md", "docs/**", "docs/a/[xy]"];
            check(docs, &inside, &["docsx/a", "x/docs", "README.md", "", "/docs/a"]);
        }
        check("docs/a", &["docs/a/b", "docs/a/"], &["docs/", "docs/ab", "docs/*"]);
        check("README.md", &["README.md"], &["README", "README.md.orig"]);
    }

    #[test]
    fn what_may_lead_elsewhere_is_outside() {
        check("docs", &[], &["docs/../src", "*", "**", "do*", "{docs,src}/a", "docs\\..\\src", "doc[s]/a"]);
    }

    #[test]
    fn one_path_outside_is_enough_and_no_path_at_all_is_any() {
        let limits = TargetLimits {
            allowed_prefixes: vec!["docs".to_owned(), "site".to_owned()],
            ..TargetLimits::default()
        };
        let outside = |paths: &[&str]| {
            limits.outside_prefixes(&paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(outside(&["docs/a", "site/b"]), None);
        assert_eq!(outside(&["docs/a", "src/b"]), Some(OutsidePrefixes::Path("src/b".to_owned())));
        assert_eq!(outside(&[]), Some(OutsidePrefixes::NamesNone));
        assert_eq!(TargetLimits::default().outside_prefixes(&[]), None);
    }
}
