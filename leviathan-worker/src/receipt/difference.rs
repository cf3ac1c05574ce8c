//! `Difference`: where a receipt is not what the repository says.

use std::fmt;

/// Where a receipt is not what the repository says. Shown as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field of the receipt.
    pub field: &'static str,
    /// What the receipt says.
    pub said: String,
    /// What the repository says.
    pub found: String,
}

impl Difference {
    /// Nothing where the two are equal.
    pub(super) fn between(field: &'static str, said: impl ToString, found: impl ToString) -> Option<Self> {
        let (said, found) = (said.to_string(), found.to_string());
        (said != found).then_some(Self { field, said, found })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, said, found } = self;
        let said = said.escape_debug();
        write!(f, "{field}: the receipt says {said}, the repository {}", found.escape_debug())
    }
}
