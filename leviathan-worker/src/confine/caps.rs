//! Giving up what a superuser's program may do beyond its own files.

use rustix::io::Errno;
use rustix::thread::{CapabilitySet, CapabilitySets, remove_capability_from_bounding_set, set_capabilities};
use std::io;

/// How many capabilities a kernel may know.
const MOST: u64 = 64;

/// Gives up every capability, also for what is started as root from here on. Does nothing where there are none.
pub(super) fn drop_all() -> io::Result<()> {
    for bit in 0..MOST {
        match remove_capability_from_bounding_set(CapabilitySet::from_bits_retain(1 << bit)) {
            Ok(()) => {}
            // Not ours to give up, or not known to this kernel.
            Err(Errno::PERM | Errno::INVAL) => break,
            Err(error) => return Err(error.into()),
        }
    }
    let none = CapabilitySet::empty();
    Ok(set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?)
}
