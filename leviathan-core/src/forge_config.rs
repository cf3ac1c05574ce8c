//! `ForgeConfig`: who keeps a target's pull requests.

use serde::{Deserialize, Serialize};

/// Who keeps a target's pull requests. It holds no secret: the token is its host's and its workers' own affair.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ForgeConfig {
    /// Nobody: work ends with the pushed branch.
    #[default]
    None,
    /// GitHub, or a server that speaks its API.
    Github {
        /// Where the API is, for instance `https://api.github.com`.
        api_url: String,
    },
}

impl ForgeConfig {
    /// GitHub's own API.
    pub const GITHUB_API: &str = "https://api.github.com";

    /// The forge that follows from where a repository is: GitHub for one of github.com, else none.
    pub fn of_repository(repo_url: &str) -> Self {
        let after_scheme = repo_url.split_once("://").map_or(repo_url, |(_, rest)| rest);
        let host_and_path = after_scheme.strip_prefix("git@").unwrap_or(after_scheme);
        let host = host_and_path.split([':', '/']).next().unwrap_or_default();
        // A path of this name is no server: only a URL has a scheme, and only the short form of ssh a user.
        let is_url = host_and_path.len() < repo_url.len();
        if is_url && host.eq_ignore_ascii_case("github.com") {
            Self::Github { api_url: Self::GITHUB_API.to_owned() }
        } else {
            Self::None
        }
    }

    /// Whether nobody does.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// Its kind as target files and workers' environments name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Github { .. } => "github",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_of_github_has_its_forge_and_any_other_has_none() {
        for url in [
            "https://github.com/acme/radix",
            "https://GitHub.com/acme/radix.git",
            "git@github.com:acme/radix.git",
            "ssh://git@github.com/acme/radix.git",
        ] {
            let github = ForgeConfig::Github { api_url: ForgeConfig::GITHUB_API.to_owned() };
            assert_eq!(ForgeConfig::of_repository(url), github, "{url}");
        }
        for url in [
            "https://github.com.example/acme/radix",
            "https://example.com/github.com/radix",
            "/srv/github.com/radix.git",
            "github.com/acme/radix",
            "git@example.com:acme/radix.git",
        ] {
            assert_eq!(ForgeConfig::of_repository(url), ForgeConfig::None, "{url}");
        }
    }

    #[test]
    fn it_is_recorded_by_kind() {
        let json = |forge: &ForgeConfig| serde_json::to_string(forge).unwrap();
        assert_eq!(json(&ForgeConfig::None), r#"{"kind":"none"}"#);
        let github = ForgeConfig::of_repository("https://github.com/acme/radix");
        assert_eq!(json(&github), r#"{"kind":"github","api_url":"https://api.github.com"}"#);
        assert_eq!(serde_json::from_str::<ForgeConfig>(&json(&github)).unwrap(), github);
    }
}
