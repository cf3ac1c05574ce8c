//! `Tokens`: who may speak to the control plane.

use super::{Caller, Role};
use crate::{BadToken, TokenKey};
use constant_time_eq::constant_time_eq_32;
use leviathan_core::log::Hash;
use leviathan_core::{Secret, Timestamp};
use std::fmt;

/// The tokens that are valid. Several of one role may be valid at once, so that they can be changed without a gap.
///
/// Only their SHA-256 is kept, and of attempts' tokens the keys that sign them.
#[derive(Clone)]
pub struct Tokens {
    operator: Vec<Hash>,
    worker: Vec<Hash>,
    keys: Vec<TokenKey>,
}

/// Tokens that the control plane cannot be guarded with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadTokens {
    /// Nobody could steer the control plane, or everybody.
    #[error("there is no operator's token: the control plane is not opened without one")]
    NoOperator,
    /// A token that no header can carry.
    #[error("{role:?} token {number} must be visible ASCII characters without white space, and at least one")]
    Unusable {
        /// Whose it is.
        role: Role,
        /// Which of them, counted from 1.
        number: usize,
    },
    /// A worker would be an operator.
    #[error("a worker's token is an operator's token too: give workers another one")]
    Shared,
}

impl Tokens {
    /// The tokens of operators, at least one, and of workers. Without any of these, workers use an operator's.
    ///
    /// # Errors
    /// [`BadTokens`], which does not repeat them.
    pub fn new(operator: Vec<Secret>, worker: Vec<Secret>) -> Result<Self, BadTokens> {
        if operator.is_empty() {
            return Err(BadTokens::NoOperator);
        }
        let operator = digests(Role::Operator, &operator)?;
        let worker = digests(Role::Worker, &worker)?;
        if worker.iter().any(|token| operator.contains(token)) {
            return Err(BadTokens::Shared);
        }
        Ok(Self { operator, worker, keys: Vec::new() })
    }

    /// Takes also what these keys sign for attempts.
    #[must_use]
    pub fn with_keys(self, keys: Vec<TokenKey>) -> Self {
        Self { keys, ..self }
    }

    /// Who bears this token. Takes as long for a wrong token as for a right one.
    ///
    /// # Errors
    /// [`BadToken`]: nobody does, or an attempt did whose time is over at `now`.
    pub fn caller(&self, token: &str, now: Timestamp) -> Result<Caller, BadToken> {
        let digest = Hash::of(token.as_bytes());
        let operator = is_one_of(&digest, &self.operator);
        let worker = is_one_of(&digest, &self.worker);
        let unknown = Err(BadToken::Unknown);
        let attempt = self.keys.iter().map(|key| key.check(token, now)).find(|checked| *checked != unknown);
        match (operator, worker) {
            (true, _) => Ok(Caller::Operator),
            (_, true) => Ok(Caller::Worker),
            _ => attempt.unwrap_or(unknown).map(Caller::Attempt),
        }
    }

    /// The tokens of a comma separated list, as the environment has them: two while one takes over from the other.
    pub fn listed(list: &str) -> Vec<Secret> {
        list.split(',').map(str::trim).filter(|token| !token.is_empty()).map(Secret::new).collect()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operator, worker, keys } = self;
        write!(f, "Tokens({} of operators, {} of workers, keys {keys:?})", operator.len(), worker.len())
    }
}

fn digests(role: Role, tokens: &[Secret]) -> Result<Vec<Hash>, BadTokens> {
    let digest = |(index, token): (usize, &Secret)| {
        let text = token.expose().as_bytes();
        let usable = !text.is_empty() && text.iter().all(u8::is_ascii_graphic);
        usable.then(|| Hash::of(text)).ok_or(BadTokens::Unusable { role, number: index + 1 })
    };
    tokens.iter().enumerate().map(digest).collect()
}

/// Compares with every token, whether or not one before it fits.
fn is_one_of(digest: &Hash, tokens: &[Hash]) -> bool {
    tokens.iter().fold(false, |found, token| found | constant_time_eq_32(token.as_bytes(), digest.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use leviathan_core::executor::AttemptTokens;
    use leviathan_core::id::AttemptId;
    use std::time::Duration;

    fn tokens(operator: &[&str], worker: &[&str]) -> Result<Tokens, BadTokens> {
        let secrets = |list: &[&str]| list.iter().map(|text| Secret::new(*text)).collect();
        Tokens::new(secrets(operator), secrets(worker))
    }

    fn now() -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    #[test]
    fn each_of_several_tokens_has_its_bearer_and_no_other_text_has_any() {
        let tokens = tokens(&["old", "new"], &["hand"]).unwrap();
        for (text, caller) in [
            ("old", Ok(Caller::Operator)),
            ("new", Ok(Caller::Operator)),
            ("hand", Ok(Caller::Worker)),
            ("", Err(BadToken::Unknown)),
            ("ol", Err(BadToken::Unknown)),
            ("oldnew", Err(BadToken::Unknown)),
            ("OLD", Err(BadToken::Unknown)),
        ] {
            assert_eq!(tokens.caller(text, now()), caller, "{text:?}");
        }
    }

    #[test]
    fn what_any_of_several_keys_signed_speaks_for_its_attempt_until_it_expires() {
        let key = |text: &str| TokenKey::new(&Secret::new(text.repeat(32))).unwrap();
        let tokens = tokens(&["op"], &[]).unwrap().with_keys(vec![key("a"), key("b")]);
        let attempt = AttemptId::new("attempt-1").unwrap();
        let until = |seconds| now() + Duration::from_secs(seconds);
        for signed_by in ["a", "b"] {
            let token = key(signed_by).token_for(&attempt, until(60));
            assert_eq!(tokens.caller(token.expose(), now()), Ok(Caller::Attempt(attempt.clone())));
            let expired = Err(BadToken::Expired { at: until(60) });
            assert_eq!(tokens.caller(token.expose(), until(61)), expired);
        }
        let foreign = key("c").token_for(&attempt, until(60));
        assert_eq!(tokens.caller(foreign.expose(), now()), Err(BadToken::Unknown));
    }

    #[test]
    fn a_list_has_its_tokens_without_the_space_around_them() {
        let exposed =
            |list| Tokens::listed(list).iter().map(|token| token.expose().to_owned()).collect::<Vec<_>>();
        assert_eq!(exposed("one"), ["one"]);
        assert_eq!(exposed(" one, two ,"), ["one", "two"]);
        assert_eq!(exposed(" "), [""; 0]);
    }

    #[test]
    fn tokens_that_guard_nothing_are_refused() {
        assert_eq!(tokens(&[], &["hand"]).unwrap_err(), BadTokens::NoOperator);
        assert_eq!(
            tokens(&["a", ""], &[]).unwrap_err(),
            BadTokens::Unusable { role: Role::Operator, number: 2 }
        );
        assert_eq!(
            tokens(&["a"], &["b\n"]).unwrap_err(),
            BadTokens::Unusable { role: Role::Worker, number: 1 }
        );
        assert_eq!(tokens(&["a"], &["a"]).unwrap_err(), BadTokens::Shared);
    }

    #[test]
    fn tokens_are_not_shown() {
        let said = format!("{:?}", tokens(&["hunter2"], &["hunter3"]).unwrap());
        assert_eq!(said, "Tokens(1 of operators, 1 of workers, keys [])");
    }
}
