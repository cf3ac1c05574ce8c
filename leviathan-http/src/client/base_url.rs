//! `BaseUrl`: where an API is.

use reqwest::Url;

/// An http or https URL without credentials, query or fragment, so that it may be printed.
#[derive(Clone)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Takes a URL as somebody configured it.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence. It never repeats the URL: what was refused may hold a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text.trim()).map_err(|error| format!("is not a URL: {error}"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("holds credentials: give the token by itself".to_owned());
        }
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err("is not an http:// or https:// URL with a host".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("has a query or a fragment: give only scheme, host, port and path".to_owned());
        }
        Ok(Self(url))
    }

    /// The URL of a path below it; each segment is encoded.
    pub fn at(&self, path: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }
}

impl std::fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_put_behind_whatever_path_the_base_has() {
        for base in ["http://api:8000", "http://api:8000/", " http://api:8000\n"] {
            assert_eq!(
                BaseUrl::parse(base).unwrap().at(&["v1", "a b/c"]).as_str(),
                "http://api:8000/v1/a%20b%2Fc"
            );
        }
        let below = BaseUrl::parse("https://host/leviathan/").unwrap();
        assert_eq!(below.at(&["healthz"]).as_str(), "https://host/leviathan/healthz");
    }

    #[test]
    fn a_url_that_is_refused_is_not_repeated() {
        for (text, fault) in [
            ("http://me:hunter2@api:8000", "credentials"),
            ("http://hunter2@api:8000", "credentials"),
            ("api hunter2", "not a URL"),
            ("ftp://hunter2", "http://"),
            ("data:hunter2", "http://"),
            ("http://api/?token=hunter2", "query"),
            ("http://api/#hunter2", "fragment"),
        ] {
            let error = BaseUrl::parse(text).unwrap_err();
            assert!(error.contains(fault), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
