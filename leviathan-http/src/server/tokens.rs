//! `Tokens`: who may speak to the control plane.

use super::Role;
use constant_time_eq::constant_time_eq_32;
use leviathan_core::Secret;
use leviathan_core::log::Hash;
use std::fmt;

/// The tokens that are valid. Several of one role may be valid at once, so that they can be changed without a gap.
///
/// Only their SHA-256 is kept.
#[derive(Clone)]
pub struct Tokens {
    operator: Vec<Hash>,
    worker: Vec<Hash>,
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
        Ok(Self { operator, worker })
    }

    /// What the bearer of this token may do. Takes as long for a wrong token as for a right one.
    pub fn role_of(&self, token: &str) -> Option<Role> {
        let digest = Hash::of(token.as_bytes());
        let operator = is_one_of(&digest, &self.operator);
        let worker = is_one_of(&digest, &self.worker);
        operator.then_some(Role::Operator).or(worker.then_some(Role::Worker))
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({} of operators, {} of workers)", self.operator.len(), self.worker.len())
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

    fn tokens(operator: &[&str], worker: &[&str]) -> Result<Tokens, BadTokens> {
        let secrets = |list: &[&str]| list.iter().map(|text| Secret::new(*text)).collect();
        Tokens::new(secrets(operator), secrets(worker))
    }

    #[test]
    fn each_of_several_tokens_has_its_role_and_no_other_text_has_any() {
        let tokens = tokens(&["old", "new"], &["hand"]).unwrap();
        for (text, role) in [
            ("old", Some(Role::Operator)),
            ("new", Some(Role::Operator)),
            ("hand", Some(Role::Worker)),
            ("", None),
            ("ol", None),
            ("oldnew", None),
            ("OLD", None),
        ] {
            assert_eq!(tokens.role_of(text), role, "{text:?}");
        }
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
        assert_eq!(said, "Tokens(1 of operators, 1 of workers)");
    }
}
