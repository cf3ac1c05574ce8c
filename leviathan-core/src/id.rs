//! The names of things: one newtype for each kind, so that a task can never stand where an attempt is meant.

mod attempt;
mod log_id;

pub use attempt::AttemptId;
pub use log_id::LogId;

/// A text that is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadId {
    /// It says nothing.
    #[error("an id must not be empty")]
    Empty,
    /// It holds what no payload may hold, so that nothing in a log can name it.
    #[error("an id must not hold U+0000")]
    Nul,
}

/// Declares a text id that orders by its text. One of at most 24 bytes, such as an attempt's, stands in the
/// value itself: reading and cloning it takes no memory of its own.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $name(compact_str::CompactString);

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.0.as_bytes().cmp(other.0.as_bytes())
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl $name {
            /// Takes any text but the empty one and those with U+0000: producers elsewhere choose their own shapes.
            ///
            /// # Errors
            /// [`BadId`](crate::id::BadId) for those.
            pub fn new(text: impl AsRef<str>) -> Result<Self, $crate::id::BadId> {
                let text = text.as_ref();
                match text {
                    "" => Err($crate::id::BadId::Empty),
                    _ if text.contains('\0') => Err($crate::id::BadId::Nul),
                    _ => Ok(Self(text.into())),
                }
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::text::read(from, |text| Self::new(text))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::id::BadId;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{:?}", self.as_str())
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}
pub(crate) use text_id;

text_id! {
    /// Names a target repository, for instance `radix`.
    TargetId
}
text_id! {
    /// Names a task within its target's backlog, for instance `docs-guide`.
    TaskId
}
text_id! {
    /// Names an event. Whoever makes the event chooses it; the log tells events apart by it and their content.
    EventId
}
text_id! {
    /// Names who caused an event, for instance `scheduler` or `worker-attempt-1a2b3c4d`.
    ActorId
}
text_id! {
    /// Names an executor by what one `watch` of it covers: a state directory's id, or cluster, namespace and fleet.
    ExecutorName
}

impl ActorId {
    /// The scheduler, and through it the executor.
    pub fn scheduler() -> Self {
        Self("scheduler".into())
    }

    /// The forge, as its client or its webhooks tell.
    pub fn forge() -> Self {
        Self("forge".into())
    }

    /// A person who steers the control plane.
    pub fn operator() -> Self {
        Self("operator".into())
    }

    /// The control plane itself: backlog syncs and housekeeping.
    pub fn control_plane() -> Self {
        Self("control-plane".into())
    }

    /// The worker that runs `attempt`.
    pub fn worker(attempt: &AttemptId) -> Self {
        Self(format!("worker-{attempt}").into())
    }
}

impl EventId {
    /// An id that follows from the event's content, for events that the control plane decides: nothing is drawn by chance,
    /// so deciding the same thing twice gives the same id.
    pub(crate) fn derived(parts: &[&[u8]]) -> Self {
        let digest = crate::log::Hash::of_parts(parts).to_string();
        Self(format!("ev-{}", &digest[..32]).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_names_something_but_the_empty_one_and_those_that_no_payload_could_hold() {
        for text in ["a", "ü/ß", " ", "\n", "attempt-1a2b3c4d"] {
            assert_eq!(TaskId::new(text).unwrap().as_str(), text);
        }
        assert_eq!(TaskId::new(""), Err(BadId::Empty));
        assert_eq!(TaskId::new("a\0"), Err(BadId::Nul));
        assert!(serde_json::from_str::<TaskId>(r#""\u0000""#).unwrap_err().to_string().contains("U+0000"));
    }
}
