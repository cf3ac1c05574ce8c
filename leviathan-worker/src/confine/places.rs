//! What a program must be able to read to run at all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Programs, libraries, configuration and the kernel's own files. Nobody's home, nothing that services keep.
const SYSTEM: [&str; 13] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc",
    "/opt",
    "/nix/store",
    "/proc",
    "/sys",
    "/run/current-system",
    "/run/systemd/resolve",
];

pub(super) fn system() -> Vec<PathBuf> {
    SYSTEM.map(PathBuf::from).into()
}

/// The folders of `PATH`, and what the variables name that the operator lets every program see. Of a variable that holds no
/// absolute path nothing follows, and `/` is no place.
pub(super) fn named_by(env: &BTreeMap<String, String>) -> Vec<PathBuf> {
    let named = env.iter().flat_map(|(name, value)| match name.as_str() {
        "PATH" => std::env::split_paths(value).collect(),
        _ => vec![PathBuf::from(value)],
    });
    named.filter(|path| path.is_absolute() && path != Path::new("/")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_where_the_environment_says_and_nowhere_else() {
        let env = [("PATH", "/usr/bin:bin:/:/srv/tools/bin"), ("RUSTUP_HOME", "/srv/rustup"), ("LANG", "C")];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(named_by(&env), ["/usr/bin", "/srv/tools/bin", "/srv/rustup"].map(PathBuf::from));
    }
}
