//! `Repository`: a repository's name on a forge.

/// Owner and name, as the forge's API names a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Repository {
    pub(super) owner: String,
    pub(super) name: String,
}

impl Repository {
    /// Reads it from the repository's URL or path: the last two parts of its path. None if there are no two.
    pub(super) fn of_url(url: &str) -> Option<Self> {
        let path = match url.split_once("://") {
            Some((_, rest)) => rest.split_once('/')?.1,
            // The short form of ssh; in a path a slash comes before any colon.
            None => match url.split_once(':') {
                Some((host, path)) if !host.contains('/') => path,
                _ => url,
            },
        };
        let path = path.trim_end_matches('/');
        let mut parts = path.strip_suffix(".git").unwrap_or(path).rsplit('/');
        let (name, owner) = (parts.next()?, parts.next()?);
        // Parts that a URL's path would lose.
        let usable = |part: &str| !matches!(part, "" | "." | "..");
        (usable(owner) && usable(name)).then(|| Self { owner: owner.to_owned(), name: name.to_owned() })
    }

    /// Whether the forge's `owner/name` is this; its letters' case does not matter.
    pub(super) fn is(&self, full_name: &str) -> bool {
        let same = |(owner, name): (&str, &str)| {
            owner.eq_ignore_ascii_case(&self.owner) && name.eq_ignore_ascii_case(&self.name)
        };
        full_name.split_once('/').is_some_and(same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owner_and_name_are_the_last_two_parts_of_any_address() {
        for url in [
            "https://github.com/acme/radix",
            "https://github.com/acme/radix.git",
            "https://github.com/acme/radix/",
            "git@github.com:acme/radix.git",
            "ssh://git@github.com/acme/radix.git",
            "/srv/acme/radix.git",
            "file:///srv/acme/radix",
        ] {
            let found = Repository::of_url(url).unwrap();
            assert_eq!((found.owner.as_str(), found.name.as_str()), ("acme", "radix"), "{url}");
            assert!(found.is("Acme/Radix") && !found.is("acme/radix2") && !found.is("radix"));
        }
        for url in
            ["https://github.com/radix", "https://github.com", "radix.git", "https://x/../radix", "/radix"]
        {
            assert_eq!(Repository::of_url(url), None, "{url}");
        }
    }
}
