//! Whatever was acknowledged is in the log, once: no fact of a worker is lost, and none is told twice.

use crate::author::Author;
use crate::disk::Disk;
use crate::fact::Fact;
use crate::sim::Sim;
use crate::violation::{Invariant, Violation};
use leviathan_core::Receipt;
use leviathan_core::decide::Command;
use leviathan_core::event::Origin;
use leviathan_core::log::{Head, Position};
use std::collections::BTreeMap;

/// That no claim stands in the log twice.
#[derive(Default)]
pub(crate) struct ToldOnce(BTreeMap<[u8; 16], Position>);

impl ToldOnce {
    pub(super) fn see(&mut self, fact: &Fact) -> Result<(), Violation> {
        if fact.origin != Origin::Claimed {
            return Ok(());
        }
        match self.0.insert(fact.fingerprint, fact.position) {
            None => Ok(()),
            Some(first) => Invariant::AcknowledgedOnce
                .violated(format_args!("what was told at {first} stands in the log again: {}", fact.line)),
        }
    }
}

/// That a receipt is true.
pub(crate) fn check(sim: &Sim, disk: &Disk, author: Author, command: &Command, receipt: &Receipt) {
    let told = |what: String| {
        sim.violated(Invariant::AcknowledgedOnce, format_args!("{author} acknowledged {command:?}: {what}"));
    };
    let Receipt { recorded, head, .. } = receipt;
    let stands = disk.at(head.position).is_some_and(|event| event.head == *head);
    if !stands && *head != Head::EMPTY {
        return told(format!("the log never had the head {head}"));
    }
    let own = (0..*recorded as u64).all(|back| disk.is_of(author, Position::new(head.position.get() - back)));
    if !own {
        told(format!("the {recorded} events up to {} are not all what it wanted to append", head.position));
    }
    if let Command::Ingest(bundle) = command
        && let Some(lost) = bundle.events.iter().find(|event| !disk.knows(&event.fingerprint()))
    {
        told(format!("{} is not in the log", lost.event_id));
    }
}
