//! `Remote`: where the target's repository is, and who may see the token for it.

use super::Authority;
use crate::Failure;
use git2::{Cred, ErrorClass, ErrorCode, RemoteCallbacks};
use leviathan_core::Secret;
use leviathan_core::executor::Cause;
use std::{cell::Cell, path::PathBuf, rc::Rc};

/// The target's repository.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    place: Place,
    token: Option<Secret>,
}

/// How a repository is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A folder of this machine.
    Path(PathBuf),
    /// A server.
    Http { url: String, authority: Authority },
}

/// Why a server's question for credentials was not answered, for the one operation that the callbacks were made for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Refusal(Rc<Cell<Option<&'static str>>>);

impl Refusal {
    /// What was refused, if anything was.
    pub(crate) fn reason(&self) -> Option<&'static str> {
        self.0.get()
    }
}

impl Remote {
    /// Reads where the repository is: a path, or a URL of `file`, `http` or `https`. Where a token is given, GitHub's
    /// ssh forms are taken as https, which is what tokens are for.
    ///
    /// # Errors
    /// `config_error` for anything else, for https in a build without it, and for a URL that holds credentials.
    pub(crate) fn new(url: &str, token: Option<Secret>) -> Result<Self, Failure> {
        let refuse = |what: String| Err(Failure::new(Cause::ConfigError, what));
        let url = if token.is_some() { over_https(url) } else { url.to_owned() };
        if let Some(path) = url.strip_prefix("file://") {
            return Ok(Self { place: Place::Path(PathBuf::from(path)), token });
        }
        let Some((scheme, rest)) = url.split_once("://") else {
            if looks_like_ssh(&url) {
                return refuse(format!(
                    "the repository URL {url} is an ssh one; give an https URL and a token"
                ));
            }
            return match std::path::absolute(&url) {
                Ok(path) => Ok(Self { place: Place::Path(path), token }),
                Err(error) => refuse(format!("the repository's path {url:?} cannot be used: {error}")),
            };
        };
        let Some(authority) = Authority::of(&url) else {
            return refuse(format!(
                "a repository URL of {scheme} cannot be used; give a path or a URL of file, http or https, with the token as GITHUB_TOKEN"
            ));
        };
        if rest.split('/').next().is_some_and(|authority| authority.contains('@')) {
            return refuse(
                "the repository URL holds credentials; take them out, give the token as GITHUB_TOKEN"
                    .to_owned(),
            );
        }
        if authority.is_https() && !cfg!(feature = "https") {
            return refuse(format!(
                "the repository URL {url} needs TLS, and this worker was built without the feature `https` of leviathan-worker"
            ));
        }
        Ok(Self { place: Place::Http { url, authority }, token })
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// The URL as libgit2 takes it. It holds no secret.
    pub(crate) fn url(&self) -> String {
        match &self.place {
            Place::Path(path) => path.display().to_string(),
            Place::Http { url, .. } => url.clone(),
        }
    }

    /// Callbacks for one operation. They give the token once, to the repository's own authority.
    pub(crate) fn callbacks(&self) -> (RemoteCallbacks<'_>, Refusal) {
        let refusal = Refusal::default();
        let (told, mut asked) = (refusal.clone(), 0u32);
        let mut callbacks = RemoteCallbacks::new();
        callbacks.credentials(move |url, _user, _kinds| {
            asked += 1;
            let refuse = |reason| {
                told.0.set(Some(reason));
                Err(git2::Error::new(ErrorCode::Auth, ErrorClass::Callback, reason))
            };
            let Place::Http { authority, .. } = &self.place else {
                return refuse("a path asked for credentials");
            };
            match &self.token {
                _ if Authority::of(url).as_ref() != Some(authority) => {
                    refuse("another server than the target's asked for the token, it did not get it")
                }
                None => refuse("it asks for credentials and no GITHUB_TOKEN was given"),
                Some(_) if asked > 1 => refuse("it does not take the token of GITHUB_TOKEN"),
                Some(token) => Cred::userpass_plaintext("x-access-token", token.expose()),
            }
        });
        (callbacks, refusal)
    }
}

fn over_https(url: &str) -> String {
    ["git@github.com:", "ssh://git@github.com/"]
        .iter()
        .find_map(|prefix| url.strip_prefix(prefix))
        .map_or_else(|| url.to_owned(), |path| format!("https://github.com/{path}"))
}

/// `host:path` and `user@host:path`, as git takes them; a path has a slash before any colon.
fn looks_like_ssh(url: &str) -> bool {
    url.split_once(':').is_some_and(|(host, _)| !host.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str, token: Option<&str>) -> String {
        let failure = Remote::new(url, token.map(Secret::new)).unwrap_err();
        assert_eq!(failure.cause, Cause::ConfigError);
        failure.summary
    }

    #[test]
    fn paths_and_urls_are_told_apart() {
        let place = |url| Remote::new(url, None).unwrap().place;
        assert_eq!(place("file:///srv/x.git"), Place::Path("/srv/x.git".into()));
        assert_eq!(place("/srv/a:b.git"), Place::Path("/srv/a:b.git".into()));
        assert!(matches!(place("x.git"), Place::Path(path) if path.is_absolute()));
        assert!(matches!(place("http://forge/x.git"), Place::Http { .. }));
    }

    #[test]
    fn what_cannot_be_used_is_said_with_what_can() {
        assert!(refused("git@forge:x.git", None).contains("https"));
        assert!(refused("ssh://git@forge/x.git", None).contains("URL of ssh cannot be used"));
        let with_credentials = refused("http://me:s3cret@forge/x.git", None);
        assert!(with_credentials.contains("GITHUB_TOKEN") && !with_credentials.contains("s3cret"));
    }

    #[cfg(not(feature = "https"))]
    #[test]
    fn https_without_its_feature_is_an_error_that_names_the_feature() {
        assert!(refused("https://forge/x.git", None).contains("`https`"));
        assert!(refused("git@github.com:a/x.git", Some("t")).contains("https://github.com/a/x.git"));
    }

    #[test]
    fn the_token_is_in_no_debug_output() {
        let remote = Remote::new("http://forge/x.git", Some(Secret::new("s3cret"))).unwrap();
        assert!(!format!("{remote:?}").contains("s3cret"));
    }
}
