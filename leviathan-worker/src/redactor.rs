//! `Redactor`: takes known secrets out of what leaves the worker.

use leviathan_core::Secret;

/// Shorter texts are left alone: they occur by chance.
const SHORTEST: usize = 6;
const MARK: &[u8] = b"[secret]";

/// Replaces known secrets, in artifacts before they are hashed and in sentences before they are told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Redactor {
    secrets: Vec<Secret>,
}

impl Redactor {
    /// Knows these secrets. Of two that overlap the longer one is looked for first.
    pub(crate) fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        let mut secrets: Vec<_> =
            secrets.into_iter().filter(|secret| secret.expose().len() >= SHORTEST).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
        Self { secrets }
    }

    /// The bytes without any known secret.
    pub(crate) fn bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        self.secrets.iter().fold(bytes, |bytes, secret| replace(bytes, secret.expose().as_bytes()))
    }

    /// The text without any known secret.
    pub(crate) fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(text.as_bytes().to_vec())).into_owned()
    }
}

fn replace(bytes: Vec<u8>, secret: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.as_slice();
    while let Some(at) = rest.windows(secret.len()).position(|window| window == secret) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(MARK);
        rest = &rest[at + secret.len()..];
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_occurrence_of_every_known_secret_goes_and_the_rest_stays() {
        let redactor = Redactor::new(["token-1", "token-1-longer", "abc"].map(Secret::new));
        assert_eq!(redactor.text("token-1token-1-longer abc \u{1f40b}"), "[secret][secret] abc \u{1f40b}");
        assert_eq!(redactor.bytes(b"\xfftoken-1\xff".to_vec()), b"\xff[secret]\xff");
        assert_eq!(Redactor::default().text("as it is"), "as it is");
    }
}
