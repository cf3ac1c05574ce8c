//! Reading the `forge` of a target file.

use crate::ForgeConfig;
use crate::yaml::{Entry, Faults};

#[derive(Clone, Copy)]
enum Kind {
    None,
    Github,
}

/// Reads `forge`. Without an `api_url` it is the one that follows from where the repository is, if that is known.
pub(super) fn read_forge(
    entry: &Entry<'_>,
    repo_url: Option<&str>,
    faults: &mut Faults,
) -> Option<ForgeConfig> {
    let fields = entry.fields(faults)?;
    fields.only(&["kind", "api_url"], faults);
    let kind = fields.require("kind", faults);
    let kind = kind.and_then(|kind| kind.choice(faults, &[("github", Kind::Github), ("none", Kind::None)]));
    match (kind?, fields.get("api_url")) {
        (Kind::None, None) => Some(ForgeConfig::None),
        (Kind::None, Some(api_url)) => {
            api_url.fault(faults, "is of no use with `kind: none`; remove one of the two");
            None
        }
        (Kind::Github, Some(api_url)) => {
            read_api_url(api_url, faults).map(|api_url| ForgeConfig::Github { api_url })
        }
        (Kind::Github, None) => {
            let derived = ForgeConfig::of_repository(repo_url?);
            if derived.is_none() {
                let what = "needs api_url, since repo_url is none of github.com: for GitHub Enterprise it is \
                            `https://HOST/api/v3`";
                entry.fault(faults, what);
            }
            Some(derived)
        }
    }
}

/// The URL is recorded and shown, so it must not carry a secret. No message repeats it.
fn read_api_url(entry: &Entry<'_>, faults: &mut Faults) -> Option<String> {
    let url = entry.words(faults)?;
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split('/').next()).filter(|host| !host.is_empty());
    let what = match host {
        None => "expected a URL of https or http, such as `https://api.github.com`",
        Some(host) if host.contains('@') => {
            "holds a user or token; remove it, and give the token in GITHUB_TOKEN"
        }
        Some(_) if url.contains(['?', '#', '\\']) || url.contains(char::is_whitespace) => {
            "expected a URL without query, fragment or white space"
        }
        Some(_) if url.contains(char::is_control) => "expected a URL on one line",
        Some(_) => return Some(url.trim_end_matches('/').to_owned()),
    };
    entry.fault(faults, what);
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TargetFile;

    fn read(repo_url: &str, forge: &str) -> Result<ForgeConfig, Vec<String>> {
        let text = format!("name: radix\nrepo_url: {repo_url}\n{forge}");
        match TargetFile::parse(&text, "t.yaml") {
            Ok(file) => Ok(file.forge),
            Err(error) => Err(error.faults.iter().map(ToString::to_string).collect()),
        }
    }

    const GITHUB: &str = "https://github.com/acme/radix.git";

    #[test]
    fn the_forge_is_the_one_that_is_named_else_the_one_of_the_repository() {
        let github = |api_url: &str| Ok(ForgeConfig::Github { api_url: api_url.to_owned() });
        assert_eq!(read(GITHUB, ""), github("https://api.github.com"));
        assert_eq!(read(GITHUB, "forge: {kind: github}"), github("https://api.github.com"));
        assert_eq!(read(GITHUB, "forge: {kind: none}"), Ok(ForgeConfig::None));
        assert_eq!(read("/srv/acme/radix.git", ""), Ok(ForgeConfig::None));
        let own = "forge: {kind: github, api_url: https://git.example.com/api/v3/}";
        assert_eq!(read("/srv/acme/radix.git", own), github("https://git.example.com/api/v3"));
    }

    #[test]
    fn what_can_not_be_used_is_told_with_its_place_and_never_repeated() {
        for (forge, expected) in [
            ("forge: {kind: github}", "forge: needs api_url"),
            ("forge: {kind: gitea}", "forge.kind: expected one of github, none"),
            ("forge: {api_url: https://x}", "forge.kind: is missing"),
            ("forge: {kind: none, api_url: https://x}", "forge.api_url: is of no use"),
            ("forge: {kind: github, api_url: s3cret}", "forge.api_url: expected a URL of https or http"),
            ("forge: {kind: github, api_url: 'https:///s3cret'}", "forge.api_url: expected a URL of https"),
            ("forge: {kind: github, api_url: https://s3cret@x}", "forge.api_url: holds a user or token"),
            ("forge: {kind: github, api_url: https://x/?s3cret}", "forge.api_url: expected a URL without"),
            ("forge: {kind: github, api_url: https://x, token: s3cret}", "forge.token: is no known field"),
            ("forge: github", "forge: expected a mapping"),
        ] {
            let found = read("/srv/acme/radix.git", forge).unwrap_err();
            assert!(found[0].starts_with(&format!("t.yaml:3: {expected}")), "{forge}: {found:?}");
            assert!(!found.concat().contains("s3cret"), "{found:?}");
        }
    }
}
