//! `Authority`: the part of a URL that decides who gets to see a token.

/// Scheme, host and port of an http(s) URL. A token goes to the one authority that it was given for, and to no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authority {
    scheme: String,
    host: String,
    port: u16,
}

impl Authority {
    /// Reads it from a URL. None for other schemes, and for what is no such URL; user information is no part of it.
    pub(crate) fn of(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        let authority = rest.split(['/', '?', '#', '\\']).next()?;
        let host_and_port = authority.rsplit('@').next()?;
        let (host, port) = match host_and_port.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (host_and_port, default_port),
        };
        (!host.is_empty()).then(|| Self { scheme, host: host.to_ascii_lowercase(), port })
    }

    /// Whether it speaks TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.scheme == "https"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scheme_host_and_port_count() {
        let of = |url| Authority::of(url).unwrap();
        assert_eq!(of("https://Forge.example/a/b"), of("HTTPS://forge.example:443/other?x#y"));
        assert_eq!(of("http://[::1]:8080/a"), of("http://me:pw@[::1]:8080"));
        assert_eq!(of("http://[::1]/a"), of("http://[::1]:80/a"));
        for other in [
            "http://forge.example/",
            "https://forge.example:444/",
            "https://forge.example.evil/",
            "https://forge.example@evil/",
            "https://evil\\@forge.example/",
        ] {
            assert_ne!(of("https://forge.example/"), of(other), "{other}");
        }
        for none in ["ssh://forge.example/", "/a/path", "https://", "https://:443", "https://a:port/"] {
            assert_eq!(Authority::of(none), None, "{none}");
        }
    }
}
