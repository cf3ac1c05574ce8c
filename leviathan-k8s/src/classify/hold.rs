//! `Hold`: what keeps an attempt from going on, or from being called ended.

use super::Ended;
use crate::config::Patience;
use std::time::Duration;

/// What keeps an attempt from going on, or from being called ended. If it stays so for as long as the patience for its
/// kind lasts, it has ended like this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) kind: HoldKind,
    pub(crate) ends_as: Ended,
}

/// What kind of thing it is. Each has a patience of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum HoldKind {
    NoPod,
    Unschedulable,
    ImagePull,
    Configuration,
    Starting,
    Node,
    Settling,
}

impl HoldKind {
    pub(super) fn ends_as(self, ends_as: Ended) -> Option<Hold> {
        Some(Hold { kind: self, ends_as })
    }

    pub(crate) fn patience(self, patience: &Patience) -> Duration {
        match self {
            Self::NoPod => patience.no_pod,
            Self::Unschedulable => patience.unschedulable,
            Self::ImagePull => patience.image_pull,
            Self::Configuration => patience.configuration,
            Self::Starting => patience.starting,
            Self::Node => patience.node,
            Self::Settling => patience.settling,
        }
    }

    /// The same counted from when the cluster says that it [`began`](super::began()). When a pod that has a node came to be
    /// held up so, it does not say: then that has the patience of all that may have come before.
    pub(crate) fn patience_in_all(self, patience: &Patience) -> Duration {
        match self {
            Self::ImagePull | Self::Configuration => {
                patience.starting + patience.image_pull + patience.configuration
            }
            _ => self.patience(patience),
        }
    }

    /// Whether an event may say more than the pod does.
    pub(crate) fn is_told_by_events(self) -> bool {
        matches!(self, Self::NoPod | Self::Starting)
    }
}
