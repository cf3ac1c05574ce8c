//! `Head`: the end of a log as its chain knows it.

use super::{Hash, Position};
use serde::{Deserialize, Serialize};

/// The last position and its hash. Two logs with the same head hold the same events. Its text form is `position:hash`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Head {
    /// The last position, 0 for an empty log.
    pub position: Position,
    /// The hash there.
    pub hash: Hash,
}

/// Text that is no head.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a log head as POSITION:HASH, the hash in 64 lower-case hex digits")]
pub struct BadHead;

impl Head {
    /// The head of an empty log.
    pub const EMPTY: Head = Head { position: Position::START, hash: Hash::ZERO };

    /// The head once an event with this leaf stands behind it.
    pub fn then(&self, leaf: Hash) -> Head {
        let position = self.position.next();
        Head { position, hash: Hash::link(self.hash, position, leaf) }
    }
}

impl Default for Head {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl std::fmt::Display for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.position, self.hash)
    }
}

impl std::str::FromStr for Head {
    type Err = BadHead;
    fn from_str(text: &str) -> Result<Self, BadHead> {
        let (position, hash) = text.split_once(':').ok_or(BadHead)?;
        Ok(Head {
            position: Position::new(position.parse().map_err(|_| BadHead)?),
            hash: hash.parse().map_err(|_| BadHead)?,
        })
    }
}
