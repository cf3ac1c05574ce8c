//! The forms in which a program may print a secret.

use super::folded::Fold;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::collections::BTreeSet;

/// Shorter texts are left alone: they occur by chance.
const SHORTEST: usize = 6;

/// A text to look for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Form {
    pub(super) text: Vec<u8>,
    /// How many digits of Base64 before it and behind it hold some bits of the secret too.
    pub(super) shared: [usize; 2],
}

/// All forms of a secret: as it is, as JSON writes it, each of its lines, Base64 in both alphabets wherever in a longer text
/// it stands, and each of these as a fold of the text leaves it. Percent signs are the folds' business.
pub(super) fn forms_of(secret: &str) -> BTreeSet<Form> {
    let mut forms = BTreeSet::new();
    let mut add = |text: &[u8], shared: [usize; 2]| {
        for text in [text.to_vec(), Fold::Lines.of(text).bytes, Fold::Patch.of(text).bytes] {
            if text.len() >= SHORTEST {
                forms.insert(Form { text, shared });
            }
        }
    };
    // A key of many lines is shown line by line.
    for text in std::iter::once(secret).chain(secret.lines().map(str::trim)) {
        add(text.as_bytes(), [0, 0]);
        let json = serde_json::Value::from(text).to_string();
        add(&json.as_bytes()[1..json.len() - 1], [0, 0]);
        // As forms send it.
        add(text.replace(' ', "+").as_bytes(), [0, 0]);
        for before in (0..3).filter(|_| text.len() >= SHORTEST) {
            let shared = [before, before + text.len()].map(|bytes| usize::from(bytes * 8 % 6 > 0));
            in_base64(text.as_bytes(), before).iter().for_each(|form| add(form, shared));
        }
    }
    forms
}

/// The digits that are sure to stand in the Base64 of any text in which `before` bytes, modulo three, precede the secret.
fn in_base64(secret: &[u8], before: usize) -> [Vec<u8>; 2] {
    let text = [&[0, 0][..before], secret].concat();
    // Six bits a digit: those that a neighbour's bits share are not sure.
    let (first, end) = ((before * 8).div_ceil(6), text.len() * 8 / 6);
    [STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|engine| engine.encode(&text).into_bytes()[first..end].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_that_are_sure_stand_in_every_text_around_the_secret() {
        let secret = b"s\xfb\xff\xfecret?>";
        for (before, after) in [("", ""), ("a", "bc"), ("ab", "c"), ("abc", ""), ("user:", "\n")] {
            let text = [before.as_bytes(), secret, after.as_bytes()].concat();
            let forms = in_base64(secret, before.len() % 3);
            for (form, engine) in forms.iter().zip([STANDARD_NO_PAD, URL_SAFE_NO_PAD]) {
                let (encoded, form) = (engine.encode(&text), std::str::from_utf8(form).unwrap());
                assert!(encoded.contains(form), "{form} is not in {encoded}");
                assert!(form.len() * 6 > secret.len() * 8 - 12, "no more than two digits are unsure");
            }
        }
    }

    #[test]
    fn a_short_secret_has_no_form() {
        assert!(forms_of("12345").is_empty() && forms_of("").is_empty());
        assert!(!forms_of("123456").is_empty());
    }
}
