//! `Fence`: what a program can reach, kept by the kernel's Landlock.

use landlock::{
    ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, Scope,
    path_beneath_rules,
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The newest version of Landlock of which something is asked: 1 files, 4 TCP, 6 signals and abstract sockets.
pub(super) const ABI: ABI = ABI::V6;

/// Devices that every program may use: none of them keeps anything.
const DEVICES: [&str; 8] = [
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts",
];

/// What a program can reach, and whatever it starts. Places that do not exist are passed over.
///
/// Within the fence are also other processes within it, and nobody else: none outside can be traced, looked into by
/// `/proc`, or signalled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fence {
    /// What it may read and run.
    pub(super) readable: Vec<PathBuf>,
    /// What it may write too.
    pub(super) writable: Vec<PathBuf>,
    /// Whether it may connect and listen by TCP.
    pub(super) network: bool,
}

impl Fence {
    /// Closes it around the calling thread, for good, as far as the kernel can.
    pub(super) fn close(&self) -> Result<(), RulesetError> {
        let mut ruleset =
            Ruleset::default().handle_access(AccessFs::from_all(ABI))?.scope(Scope::from_all(ABI))?;
        if !self.network {
            ruleset = ruleset.handle_access(AccessNet::from_all(ABI))?;
        }
        ruleset
            .create()?
            .add_rules(path_beneath_rules(&self.readable, AccessFs::from_read(ABI)))?
            .add_rules(path_beneath_rules(&self.writable, AccessFs::from_all(ABI)))?
            .add_rules(path_beneath_rules(DEVICES, AccessFs::from_all(ABI)))?
            .restrict_self()
            .map(drop)
    }
}
