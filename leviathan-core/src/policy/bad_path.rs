//! `BadPath`: paths that never match, whatever a policy allows.

/// The longest path in bytes.
const MAX_PATH_BYTES: usize = 4096;

/// Why a path is refused before any pattern is asked. The sentence follows the path's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadPath {
    /// There is nothing, or nothing between two slashes.
    #[error("has an empty part")]
    Empty,
    /// It does not start at the repository's root.
    #[error("is absolute; paths start at the repository's root")]
    Absolute,
    /// It holds `.`, `..` or another part of which some file system makes one of them.
    #[error("holds a part such as `..` that leads elsewhere")]
    Dots,
    /// It leads into `.git`, at any depth, also by a name that only some file systems take for it.
    #[error("leads into `.git`")]
    Git,
    /// It is longer than 4,096 bytes.
    #[error("is longer than {MAX_PATH_BYTES} bytes")]
    Long,
    /// It holds a NUL character.
    #[error("holds a NUL character")]
    Nul,
}

/// Checks that a path, written with `/` from the repository's root, stays in the tree and out of `.git` on every file
/// system that the tree may be checked out on.
///
/// # Errors
/// [`BadPath`] says why not.
pub fn check_path(path: &str) -> Result<(), BadPath> {
    let drive = matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if path.len() > MAX_PATH_BYTES {
        return Err(BadPath::Long);
    }
    if path.contains('\0') {
        return Err(BadPath::Nul);
    }
    if path.starts_with(['/', '\\']) || drive {
        return Err(BadPath::Absolute);
    }
    if path.split('/').any(str::is_empty) {
        return Err(BadPath::Empty);
    }
    // Windows takes a backslash for a slash.
    path.split(['/', '\\']).filter(|part| !part.is_empty()).try_for_each(check_part)
}

/// Whether the first part of `path` is the folder `name`, also on file systems that do not tell cases apart.
pub(super) fn is_below(path: &str, name: &str) -> bool {
    path.split(['/', '\\']).next().is_some_and(|part| folded(part) == name)
}

fn check_part(part: &str) -> Result<(), BadPath> {
    let name = folded(part);
    if name.is_empty() {
        return Err(BadPath::Dots);
    }
    let short = name.strip_prefix("git~").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    if name == ".git" || short { Err(BadPath::Git) } else { Ok(()) }
}

/// A part of a path as the laxest file system reads it: HFS+ drops some characters and the case, NTFS drops the case,
/// dots and spaces at the end, and what follows a colon.
fn folded(part: &str) -> String {
    let ignored = |c: &char| matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}');
    let name: String = part.chars().filter(|c| !ignored(c)).collect();
    let name = name.split(':').next().unwrap_or_default();
    name.trim_end_matches(['.', ' ']).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_paths_pass() {
        for path in [
            "README.md",
            "docs/a b.md",
            ".github/x.yml",
            ".gitignore",
            "src/.hidden",
            "a..b",
            "gitx/.gitkeep",
            "é",
        ] {
            assert_eq!(check_path(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn paths_that_lead_elsewhere_are_told_apart_by_why() {
        for (path, why) in [
            ("", BadPath::Empty),
            ("docs//x", BadPath::Empty),
            ("docs/", BadPath::Empty),
            ("/etc/passwd", BadPath::Absolute),
            ("\\\\host\\x", BadPath::Absolute),
            ("C:/x", BadPath::Absolute),
            ("docs/../x", BadPath::Dots),
            ("docs\\..\\x", BadPath::Dots),
            ("./x", BadPath::Dots),
            ("docs/.\u{200d}./x", BadPath::Dots),
            ("docs/.. /x", BadPath::Dots),
            ("a\0b", BadPath::Nul),
            (&"x/".repeat(3000), BadPath::Long),
        ] {
            assert_eq!(check_path(path), Err(why), "{path:?}");
        }
    }

    #[test]
    fn every_spelling_of_the_git_folder_is_refused() {
        for path in [
            ".git",
            ".git/config",
            "docs/.git/hooks/x",
            ".GIT/config",
            ".Git ",
            ".git./x",
            ".git . .",
            ".g\u{200c}it/x",
            "\u{feff}.git",
            "git~1/config",
            "GIT~1",
            ".git::$INDEX_ALLOCATION/x",
            "docs\\.git\\x",
        ] {
            assert_eq!(check_path(path), Err(BadPath::Git), "{path:?}");
        }
    }
}
