//! `TokenKey`: signs the tokens by which workers speak for their attempts, and checks them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use leviathan_core::executor::AttemptTokens;
use leviathan_core::id::AttemptId;
use leviathan_core::{Secret, Timestamp, format_timestamp};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;

/// What a token begins with: its format.
const FORMAT: &str = "lva1";
/// What a signature is for, so that the key can never be made to sign anything else.
const PURPOSE: &[u8] = b"leviathan attempt token\0";
/// What the key's own name is made of.
const NAMING: &[u8] = b"leviathan token key name\0";
/// How short a key may be.
const MIN_BYTES: usize = 32;

/// The key that scheduler and API share. A token that it signs is good for one attempt, until it expires.
///
/// A token is `lva1.<payload>.<mac>`: the payload in JSON, `{"kid", "attempt", "exp"}` with the time in seconds of Unix,
/// and an HMAC-SHA256 over what stands before it, each in base64url without padding.
///
/// ```
/// # use leviathan_core::{Secret, executor::AttemptTokens, id::AttemptId, parse_timestamp};
/// # use leviathan_http::TokenKey;
/// let key = TokenKey::new(&Secret::new("0123456789abcdef0123456789abcdef")).unwrap();
/// let attempt = AttemptId::new("attempt-1a2b3c4d").unwrap();
/// let noon = parse_timestamp("2026-01-24T12:00:00Z").unwrap();
/// let before = parse_timestamp("2026-01-24T11:59:59Z").unwrap();
/// let token = key.token_for(&attempt, noon);
/// assert_eq!(key.check(token.expose(), before), Ok(attempt));
/// assert!(key.check(token.expose(), noon).is_err());
/// ```
#[derive(Clone)]
pub struct TokenKey {
    /// Tells keys apart, and says nothing of them.
    name: String,
    keyed: Hmac<Sha256>,
}

/// A key that nothing is signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the key for attempts' tokens has {bytes} bytes, and needs at least {MIN_BYTES}: draw them at random"
)]
pub struct BadTokenKey {
    /// How many it has.
    pub bytes: usize,
}

/// Why a token speaks for no attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// This key did not sign it.
    #[error("the token is not valid here")]
    Unknown,
    /// Its time is over.
    #[error("the attempt's token expired at {}", format_timestamp(*at))]
    Expired {
        /// When it ended.
        at: Timestamp,
    },
}

#[derive(Serialize, Deserialize)]
struct Payload {
    kid: String,
    attempt: AttemptId,
    exp: i64,
}

impl TokenKey {
    /// Takes a key, which must have been drawn at random.
    ///
    /// # Errors
    /// [`BadTokenKey`] if it is too short to hold 32 bytes.
    pub fn new(key: &Secret) -> Result<Self, BadTokenKey> {
        let bytes = key.expose().len();
        let short = BadTokenKey { bytes };
        let keyed = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()).map_err(|_| short)?;
        if bytes < MIN_BYTES {
            return Err(short);
        }
        let digest = keyed.clone().chain_update(NAMING).finalize().into_bytes();
        let name = digest[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { name, keyed })
    }

    /// The attempt that a token speaks for. Nothing of the token is read before its signature has been found good.
    ///
    /// # Errors
    /// [`BadToken`], which does not repeat it.
    pub fn check(&self, token: &str, now: Timestamp) -> Result<AttemptId, BadToken> {
        let (signed, mac) = token.rsplit_once('.').ok_or(BadToken::Unknown)?;
        let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| BadToken::Unknown)?;
        self.sign(signed).verify_slice(&mac).map_err(|_| BadToken::Unknown)?;
        let payload = signed.strip_prefix(FORMAT).and_then(|rest| rest.strip_prefix('.'));
        let payload = payload.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).ok_or(BadToken::Unknown)?;
        let payload: Payload = serde_json::from_slice(&payload).map_err(|_| BadToken::Unknown)?;
        let at = Timestamp::from_timestamp(payload.exp, 0).ok_or(BadToken::Unknown)?;
        if at <= now { Err(BadToken::Expired { at }) } else { Ok(payload.attempt) }
    }

    fn sign(&self, text: &str) -> Hmac<Sha256> {
        self.keyed.clone().chain_update(PURPOSE).chain_update(text)
    }
}

impl AttemptTokens for TokenKey {
    fn token_for(&self, attempt: &AttemptId, expires: Timestamp) -> Secret {
        let payload = Payload { kid: self.name.clone(), attempt: attempt.clone(), exp: expires.timestamp() };
        // Text and a number: serde_json refuses neither.
        let payload = serde_json::to_vec(&payload).unwrap_or_default();
        let signed = format!("{FORMAT}.{}", URL_SAFE_NO_PAD.encode(payload));
        let mac = self.sign(&signed).finalize().into_bytes();
        Secret::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac)))
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenKey({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leviathan_core::parse_timestamp;

    fn key(text: &str) -> TokenKey {
        TokenKey::new(&Secret::new(text.repeat(MIN_BYTES))).unwrap()
    }

    fn at(time: &str) -> Timestamp {
        parse_timestamp(&format!("2026-01-24T{time}Z")).unwrap()
    }

    fn token() -> String {
        let attempt = AttemptId::new("attempt-1a2b3c4d5e6f7a8b").unwrap();
        key("a").token_for(&attempt, at("12:00:00.9")).expose().to_owned()
    }

    #[test]
    fn a_token_is_what_it_always_was() {
        assert_eq!(
            token(),
            "lva1.eyJraWQiOiJlODBmNDQ3OSIsImF0dGVtcHQiOiJhdHRlbXB0LTFhMmIzYzRkNWU2ZjdhOGIiLCJleHAiOjE3NjkyNTYwMDB9._esL-On9SQ0cFYpS4qfBzXNrncuZi5GPGX2iOyJkvgw"
        );
    }

    #[test]
    fn it_speaks_for_its_attempt_until_it_expires() {
        let checked = key("a").check(&token(), at("11:59:59.999"));
        assert_eq!(checked.unwrap().as_str(), "attempt-1a2b3c4d5e6f7a8b");
        let expired = key("a").check(&token(), at("12:00:00")).unwrap_err();
        assert_eq!(expired, BadToken::Expired { at: at("12:00:00") });
        assert!(expired.to_string().ends_with("expired at 2026-01-24T12:00:00Z"), "{expired}");
    }

    #[test]
    fn another_key_does_not_know_it() {
        assert_eq!(key("b").check(&token(), at("11:00:00")), Err(BadToken::Unknown));
    }

    #[test]
    fn a_token_that_was_changed_anywhere_is_not_known_and_neither_is_any_other_text() {
        let token = token();
        for index in 0..token.len() {
            for other in ["A", "b", ".", "-", ""] {
                let mut changed = token.clone();
                changed.replace_range(index..=index, other);
                if changed != token {
                    assert_eq!(key("a").check(&changed, at("11:00:00")), Err(BadToken::Unknown), "{changed}");
                }
            }
        }
        for text in ["", ".", "..", "lva1..", "lva1", &format!("{token}."), &format!(".{token}")] {
            assert_eq!(key("a").check(text, at("11:00:00")), Err(BadToken::Unknown), "{text}");
        }
    }

    #[test]
    fn what_the_key_signed_for_another_purpose_is_no_token() {
        let signed = token().rsplit_once('.').unwrap().0.to_owned();
        let mac = key("a").keyed.chain_update(&signed).finalize().into_bytes();
        let forged = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac));
        assert_eq!(key("a").check(&forged, at("11:00:00")), Err(BadToken::Unknown));
    }

    #[test]
    fn any_attempt_s_token_fits_into_a_header() {
        let attempt = AttemptId::new("an attempt\n\u{2764}").unwrap();
        let token = key("a").token_for(&attempt, at("12:00:00"));
        assert!(token.expose().bytes().all(|byte| byte.is_ascii_graphic()));
        assert_eq!(key("a").check(token.expose(), at("11:00:00")), Ok(attempt));
    }

    #[test]
    fn a_short_key_is_refused_and_none_is_shown() {
        let error = TokenKey::new(&Secret::new("hunter2")).unwrap_err();
        assert_eq!(error, BadTokenKey { bytes: 7 });
        assert!(!error.to_string().contains("hunter2") && !format!("{:?}", key("a")).contains("aaaa"));
    }
}
