//! `SecretRefs`: where workers find their secrets. No secret itself is known here.

/// The Secret in the executor's namespace, and the keys within it.
#[derive(Debug, Clone)]
pub(crate) struct SecretRefs {
    pub(crate) name: String,
    pub(crate) control_plane_token: String,
    pub(crate) github_token: Option<String>,
    pub(crate) claude_api_key: Option<String>,
}

impl Default for SecretRefs {
    fn default() -> Self {
        Self {
            name: "leviathan-secrets".to_owned(),
            control_plane_token: DEFAULT_TOKEN_KEY.to_owned(),
            github_token: Some("github-token".to_owned()),
            claude_api_key: Some("claude-api-key".to_owned()),
        }
    }
}

/// Holds an operator's token in the manifests of old, with which a worker may do everything.
pub(crate) const DEFAULT_TOKEN_KEY: &str = "control-plane-token";
