//! `Shortfall`: what this kernel does not offer for keeping programs in.

use landlock::{ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, Scope};
use std::fmt;

/// What the kernel lacks of a [`Fence`](super::fence::Fence).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shortfall {
    files: bool,
    network: bool,
    signals: bool,
}

impl Shortfall {
    /// Asks the kernel. None if nothing lacks.
    pub(crate) fn find() -> Option<Self> {
        let strict = || Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
        let files = strict().handle_access(AccessFs::from_all(ABI::V1));
        let network = strict().handle_access(AccessNet::from_all(ABI::V4));
        let signals = strict().scope(Scope::from_all(ABI::V6));
        let lacks = |asked: Result<Ruleset, _>| asked.and_then(|ruleset| ruleset.create()).is_err();
        let found = Self { files: lacks(files), network: lacks(network), signals: lacks(signals) };
        (found != Self { files: false, network: false, signals: false }).then_some(found)
    }

    /// Whether secrets of the worker can be read by what it starts, if that runs as root.
    pub(crate) fn bares_root(self) -> bool {
        self.files
    }
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lacks = [
            (
                self.files,
                "agent and checks can read and write whatever this user can (wants Landlock, Linux 5.13)",
            ),
            (self.network, "checks reach the network (wants Linux 6.7)"),
            (self.signals, "agent and checks can signal this user's other processes (wants Linux 6.12)"),
        ];
        let lacks: Vec<_> = lacks.iter().filter(|(lacks, _)| *lacks).map(|(_, what)| *what).collect();
        f.write_str(&lacks.join("; "))
    }
}
