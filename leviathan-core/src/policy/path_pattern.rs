//! `PathPattern`: a path, a folder or a glob that paths are matched against.

use super::{BadPath, check_path};
use crate::yaml::{Entry, Faults};
use globset::{GlobBuilder, GlobSet};
use std::fmt;

/// The longest pattern in bytes.
const MAX_PATTERN_BYTES: usize = 1024;

/// One entry of `allowed_paths` or `forbidden_paths`. `docs/` is everything below `docs`; `*` and `?` stop at a slash,
/// `**` does not; all else is a path from the repository's root. Case matters.
#[derive(Clone)]
pub struct PathPattern {
    text: String,
    glob: GlobSet,
    /// The same in lower case.
    lower: GlobSet,
}

/// Why a text is no pattern of paths. The sentence follows the pattern's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadPattern {
    /// No path that it names may ever be touched.
    #[error(transparent)]
    Path(BadPath),
    /// It is longer than 1,024 bytes.
    #[error("is longer than {MAX_PATTERN_BYTES} bytes")]
    Long,
    /// It starts with `!`.
    #[error("starts with `!`, which means nothing here; name what is out of bounds in forbidden_paths")]
    Negated,
    /// It is no glob.
    #[error("is no glob: {0}")]
    Glob(String),
}

impl PathPattern {
    /// Reads a pattern. A `./` at its start is dropped.
    ///
    /// # Errors
    /// [`BadPattern`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, BadPattern> {
        let path = text.strip_prefix("./").unwrap_or(text);
        if path.len() > MAX_PATTERN_BYTES {
            return Err(BadPattern::Long);
        }
        if path.starts_with('!') {
            return Err(BadPattern::Negated);
        }
        check_path(path.strip_suffix('/').unwrap_or(path)).map_err(BadPattern::Path)?;
        let glob = if path.ends_with('/') { format!("{path}**") } else { path.to_owned() };
        let build = |glob: &str| {
            GlobBuilder::new(glob)
                .literal_separator(true)
                .build()
                // A set, since a glob alone panics where its automaton grows too large.
                .and_then(|glob| GlobSet::builder().add(glob).build())
                .map_err(|error| BadPattern::Glob(error.kind().to_string()))
        };
        let lower = build(&glob.to_lowercase())?;
        Ok(Self { text: text.to_owned(), glob: build(&glob)?, lower })
    }

    /// Reads a list of patterns; what is none is left out and said.
    pub(crate) fn read_list(list: &Entry<'_>, faults: &mut Faults) -> Vec<Self> {
        let mut patterns = Vec::new();
        for item in list.list(faults) {
            let Some(text) = item.words(faults) else { continue };
            match Self::parse(&text) {
                Ok(pattern) => patterns.push(pattern),
                Err(error) => item.fault(faults, format!("the pattern {error}")),
            }
        }
        patterns
    }

    /// Whether `path` matches. A path that [`check_path`] refuses never does.
    pub fn matches(&self, path: &str) -> bool {
        check_path(path).is_ok() && self.glob.is_match(path)
    }

    /// Whether `path` matches where case does not matter, as to file systems that take `LICENSE` and `license` for one.
    pub fn matches_in_any_case(&self, path: &str) -> bool {
        check_path(path).is_ok() && self.lower.is_match(path.to_lowercase())
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl PartialEq for PathPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for PathPattern {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        let pattern = PathPattern::parse(pattern).unwrap();
        for path in yes {
            assert!(pattern.matches(path), "{pattern} matches {path}");
        }
        for path in no {
            assert!(!pattern.matches(path), "{pattern} does not match {path}");
        }
    }

    #[test]
    fn a_path_is_itself_only() {
        check("docs/GUIDE.md", &["docs/GUIDE.md"], &["docs/guide.md", "docs/GUIDE.md/x", "x/docs/GUIDE.md"]);
        check("docs", &["docs"], &["docs/x"]);
    }

    #[test]
    fn a_slash_at_the_end_is_everything_below() {
        check("docs/", &["docs/a", "docs/a/b/.c"], &["docs", "docsx/a", "x/docs/a"]);
        check("./docs/", &["docs/a"], &["a"]);
    }

    #[test]
    fn one_star_stops_at_a_slash_and_two_do_not() {
        check("src/*.rs", &["src/a.rs"], &["src/a/b.rs"]);
        check("src/**/*.rs", &["src/a.rs", "src/a/b/c.rs"], &["src/a.c"]);
        check("**", &["a", "a/b"], &[]);
        check("{a,b}/[cd].txt", &["a/c.txt", "b/d.txt"], &["a/e.txt"]);
    }

    #[test]
    fn no_glob_reaches_out_of_the_tree_or_into_git() {
        check("docs/**", &[], &["docs/../x", "docs/.git/x", "docs/.GIT/x"]);
        check("**", &[], &["/etc/passwd", "..", ".git/config", ""]);
    }

    #[test]
    fn what_could_never_match_is_refused() {
        for (text, expected) in [
            ("", "has an empty part"),
            ("/", "has an empty part"),
            ("/docs/", "is absolute"),
            ("docs/../x", "such as `..`"),
            (".", "such as `..`"),
            (".git/**", "leads into `.git`"),
            ("!docs/", "starts with `!`"),
            ("docs/[a", "is no glob"),
            (&"x".repeat(1025), "longer than 1024"),
        ] {
            let error = PathPattern::parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }
}
