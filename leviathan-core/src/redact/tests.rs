//! No form of a secret gets through, wherever it stands and however it comes.

use super::Redactor;
use crate::Secret;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use proptest::prelude::*;

#[test]
fn every_occurrence_of_every_known_secret_goes_and_the_rest_stays() {
    let redactor = Redactor::new(["token-1", "token-1-longer", "abc"].map(Secret::new));
    assert_eq!(redactor.text("token-1token-1-longer abc \u{1f40b}"), "[secret][secret] abc \u{1f40b}");
    assert_eq!(redactor.bytes(b"\xfftoken-1\xff".to_vec()), b"\xff[secret]\xff");
    assert_eq!(Redactor::default().text("as it is … so"), "as it is … so");
    let overlapping = Redactor::new(["abcdef", "defghi"].map(Secret::new));
    assert_eq!(overlapping.text("<abcdefghi>"), "<[secret]>");
}

#[test]
fn a_key_of_many_lines_goes_as_a_whole_line_by_line_and_in_json() {
    let key = "-----BEGIN KEY-----\nMIIEpAIBAAKCAQ\n\"quoted\\line\"\n-----END KEY-----\n";
    let redactor = Redactor::new([Secret::new(key)]);
    let json = serde_json::json!({ "key": key }).to_string();
    for text in [key.to_owned(), key.replace('\n', "\r\n"), key.replace('\n', "\n+"), json] {
        let left = redactor.text(&text);
        assert!(!left.contains("MIIE") && !left.contains("quoted") && !left.contains("KEY"), "{left}");
    }
    assert_eq!(redactor.text("line MIIEpAIBAAKCAQ alone"), "line [secret] alone");
}

#[test]
fn neither_debug_output_nor_that_of_a_stream_shows_a_secret() {
    let redactor = Redactor::new([Secret::new("t0ken-s3cret")]);
    let mut stream = redactor.stream();
    assert!(stream.push(b"t0ken-s3cret").is_empty());
    assert!(!format!("{redactor:?}").contains("t0ken"), "{redactor:?}");
    // Not yet given, and so not shown either.
    assert_eq!(stream.finish(), b"[secret]");
}

#[test]
fn what_is_told_of_work_holds_a_whole_secret_or_none() {
    let redactor = Redactor::new([Secret::new("t0ken-s3cret")]);
    assert!(redactor.finds(b"a t0ken-s3cret") && redactor.finds(b"dDBrZW4t\nczNjcmV0"));
    assert!(!redactor.finds(b"a t0ken\xe2\x80\xa6") && !Redactor::default().finds(b"anything"));
}

/// Secrets of letters that no other text here has, so that any of them that is left is seen.
fn secrets() -> impl Strategy<Value = String> {
    "[G-Zg-z!?~]{6,90}"
}

fn surroundings() -> impl Strategy<Value = String> {
    "[0-9 .,:;\n%…]{0,40}"
}

/// A secret in one of its forms, as bytes, each byte in percent form or not.
#[derive(Debug, Clone)]
enum Printed {
    Plain,
    Base64 { before: String, after: String, engine: usize, width: usize, sign: &'static str },
    Percent(Vec<bool>),
}

fn printed() -> impl Strategy<Value = Printed> {
    let sign = prop::sample::select(vec!["", "+", " ", "-"]);
    let in_base64 = ("[a-z:]{0,20}", "[a-z:]{0,20}", 0..4usize, 1..80usize, sign).prop_map(
        |(before, after, engine, width, sign)| Printed::Base64 { before, after, engine, width, sign },
    );
    let percent = prop::collection::vec(any::<bool>(), 90).prop_map(Printed::Percent);
    prop_oneof![Just(Printed::Plain), in_base64, percent]
}

impl Printed {
    /// The text, and the part of it that nobody may see.
    fn of(&self, secret: &str) -> (String, String) {
        match self {
            Self::Plain => (secret.to_owned(), secret.to_owned()),
            Self::Percent(which) => {
                let form = |(byte, escape): (u8, &bool)| match (escape, byte % 2) {
                    (false, _) => char::from(byte).to_string(),
                    (true, 0) => format!("%{byte:02X}"),
                    (true, _) => format!("%{byte:02x}"),
                };
                let text: String = secret.bytes().zip(which).map(form).collect();
                (text.clone(), text)
            }
            Self::Base64 { before, after, engine, width, sign } => {
                let engine = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD][*engine].clone();
                let text = engine.encode(format!("{before}{secret}{after}"));
                let (from, to) = ((before.len() * 8).div_ceil(6), (before.len() + secret.len()) * 8 / 6);
                let hidden = text[from..to].to_owned();
                let lines: Vec<&str> =
                    text.as_bytes().chunks(*width).map(|line| std::str::from_utf8(line).unwrap()).collect();
                (lines.join(&format!("\n{sign}")), hidden)
            }
        }
    }
}

/// Whether eight signs in a row of what is hidden are left.
fn shows(text: &[u8], hidden: &str) -> bool {
    let text: Vec<u8> = text.iter().copied().filter(|byte| !b"\r\n".contains(byte)).collect();
    hidden
        .as_bytes()
        .windows(8.min(hidden.len()))
        .any(|part| text.windows(part.len()).any(|window| window == part))
}

proptest! {
    #[test]
    fn no_form_of_a_secret_is_left_and_what_stands_around_it_is(
        secret in secrets(), printed in printed(), before in surroundings(), after in surroundings(),
    ) {
        let redactor = Redactor::new([Secret::new(secret.as_str())]);
        let (text, hidden) = printed.of(&secret);
        let left = redactor.bytes(format!("{before} {text} {after}").into_bytes());
        prop_assert!(!shows(&left, &hidden), "{}", String::from_utf8_lossy(&left));
        let left = String::from_utf8(left).unwrap();
        prop_assert!(left.starts_with(before.as_str()) && left.ends_with(after.as_str()), "{left}");
        prop_assert!(left.contains("[secret]"));
    }

    #[test]
    fn a_secret_that_is_cut_anywhere_leaves_no_piece(
        secret in secrets(), printed in printed(), before in surroundings(), after in surroundings(),
        at in any::<prop::sample::Index>(), more in any::<prop::sample::Index>(), plain in any::<bool>(),
    ) {
        let redactor = Redactor::new([Secret::new(secret.as_str())]);
        let text = printed.of(&secret).0;
        // The surroundings may hold marks of their own; nothing of the secret stands at them.
        let whole = format!("{before} {text} {after}");
        let from = before.len() + 1 + at.index(text.len() + 1);
        let to = from + more.index(before.len() + 1 + text.len() - from + 1);
        let note = if plain { "…".to_owned() } else { format!("\n[… {} bytes left out …]\n", to - from) };
        let cut = [&whole.as_bytes()[..from], note.as_bytes(), &whole.as_bytes()[to..]].concat();
        let left = redactor.bytes(cut);
        if matches!(printed, Printed::Plain | Printed::Percent(_)) {
            let mut pieces = left.split(|byte| !secret.as_bytes().contains(byte));
            let noise = ["bytes", "left", "out", "secret"].map(str::as_bytes);
            let piece = pieces.find(|piece| {
                piece.len() > 2 && !noise.iter().any(|word| word.windows(piece.len()).any(|part| part == *piece))
            });
            prop_assert_eq!(piece, None, "{}", String::from_utf8_lossy(&left));
        }
    }

    #[test]
    fn in_pieces_it_is_the_same_as_in_one(
        secret in secrets(), texts in prop::collection::vec((surroundings(), printed()), 0..6),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6), filler in 0..3usize,
    ) {
        let redactor = Redactor::new([Secret::new(secret.as_str())]);
        let filler = "0123 %41\n".repeat(filler * 9_000);
        let mut text: Vec<u8> = Vec::new();
        for (around, printed) in &texts {
            text.extend(format!("{around}{}{filler}", printed.of(&secret).0).bytes());
        }
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).chain([0, text.len()]).collect();
        places.sort_unstable();
        let mut stream = redactor.stream();
        let mut given: Vec<u8> = places.windows(2).flat_map(|part| stream.push(&text[part[0]..part[1]])).collect();
        given.extend(stream.finish());
        prop_assert!(given == redactor.bytes(text), "they differ");
    }

    #[test]
    fn what_holds_no_secret_stays_as_it_is(text in prop::collection::vec(any::<u8>(), 0..300)) {
        let redactor = Redactor::new([Secret::new("a-secret-that-is-not-there")]);
        let around = [text.as_slice(), b"\n%0".as_slice()].concat();
        prop_assert_eq!(redactor.bytes(around.clone()), around);
    }
}
