//! `Check`: the forms that the API server wants of names, keys and quantities.

use super::BuildError;

/// Checks the values of one field.
pub(crate) struct Check(pub(crate) &'static str);

impl Check {
    /// A name of one label, as of a namespace.
    pub(crate) fn dns_label(&self, text: &str) -> Result<(), BuildError> {
        let fits = text.len() <= 63 && is_dns_label(text);
        self.hold(fits, text, "at most 63 lower-case letters, digits and `-`, a letter or digit at both ends")
    }

    /// A name of labels with dots between them, as of a Secret.
    pub(crate) fn dns_name(&self, text: &str) -> Result<(), BuildError> {
        let fits = text.len() <= 253 && text.split('.').all(is_dns_label);
        self.hold(fits, text, "lower-case letters, digits, `-` and `.`, a letter or digit at both ends")
    }

    /// A label's value that is not empty.
    pub(crate) fn label_value(&self, text: &str) -> Result<(), BuildError> {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let ends = [text.bytes().next(), text.bytes().last()];
        let fits = text.len() <= 63
            && text.bytes().all(inner)
            && ends.iter().all(|end| end.is_some_and(|byte| byte.is_ascii_alphanumeric()));
        self.hold(fits, text, "1 to 63 letters, digits, `-`, `_` and `.`, a letter or digit at both ends")
    }

    /// A key within a Secret.
    pub(crate) fn secret_key(&self, text: &str) -> Result<(), BuildError> {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let fits = (1..=253).contains(&text.len()) && text.bytes().all(inner);
        self.hold(fits, text, "a Secret's key: letters, digits, `-`, `_` and `.`")
    }

    /// An amount of CPU or bytes.
    pub(crate) fn quantity(&self, text: &str) -> Result<(), BuildError> {
        let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let (number, unit) = text.split_at(digits);
        let units = ["", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
        let fits = number.parse::<f64>().is_ok_and(|number| number > 0.0) && units.contains(&unit);
        self.hold(fits, text, "a positive amount such as `500m`, `2` or `4Gi`")
    }

    /// The name of a variable of a process's environment.
    pub(crate) fn env_name(&self, text: &str) -> Result<(), BuildError> {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let fits = text.bytes().all(inner) && text.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
        self.hold(fits, text, "letters, digits and `_`, and no digit first")
    }

    /// An image's name.
    pub(crate) fn image(&self, text: &str) -> Result<(), BuildError> {
        let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        self.hold(fits, text, "an image's name without white space")
    }

    /// A URL that a worker can call, and that holds no secret.
    pub(crate) fn http_url(&self, text: &str) -> Result<(), BuildError> {
        let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
        let authority = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
        if authority.is_some_and(|authority| authority.contains('@')) {
            return Err(BuildError::invalid(self.0, "it holds a user name or a password"));
        }
        let fits = authority.is_some_and(|authority| !authority.is_empty())
            && text.bytes().all(|byte| byte.is_ascii_graphic());
        self.hold(fits, text, "a URL that begins with http:// or https://")
    }

    fn hold(&self, fits: bool, text: &str, expected: &str) -> Result<(), BuildError> {
        if fits {
            return Ok(());
        }
        Err(BuildError::invalid(self.0, format_args!("expected {expected}, found {text:?}")))
    }
}

fn is_dns_label(text: &str) -> bool {
    let ends = [text.bytes().next(), text.bytes().last()];
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    ends.iter().all(|end| end.is_some_and(alphanumeric))
        && text.bytes().all(|byte| alphanumeric(byte) || byte == b'-')
}
