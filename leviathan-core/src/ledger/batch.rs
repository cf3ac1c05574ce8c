//! `Batch`: commands that become one append.

use super::handle::{Receipt, Submitted};
use super::{MAX_BATCH_BYTES, MAX_BATCH_EVENTS, SubmitError};
use crate::Timestamp;
use crate::decide::{Key, decide};
use crate::event::EventDraft;
use crate::graph::Graph;
use crate::log::{EventBody, Head, SealedEvent};
use crate::safeguard::{self, Safeguard};
use std::collections::{BTreeSet, VecDeque};

/// Commands that were decided on one state, and what they came to.
#[derive(Default)]
pub(super) struct Batch {
    members: Vec<Member>,
    /// The fingerprints of what its bundles bring, which counts as seen.
    brought: BTreeSet<[u8; 16]>,
}

/// One command of a batch.
struct Member {
    submitted: Submitted,
    taken_at: Timestamp,
    staged: VecDeque<(EventDraft, EventBody)>,
    /// The fingerprints of what it brings, until the batch has them.
    brought: BTreeSet<[u8; 16]>,
    duplicates: usize,
}

impl Batch {
    /// Takes commands from the front of `waiting` and decides them on `graph`.
    ///
    /// A command whose keys exclude those of one before it, taken or passed over, waits for the next batch, so that nothing is
    /// decided on a state that is about to change and none overtakes another. At most one command opens an attempt, since
    /// all that do share the limits, and only as the first. A refused command is answered at once and touches no other.
    pub(super) fn gather(waiting: &mut VecDeque<Submitted>, graph: &Graph, now: Timestamp) -> Self {
        let mut batch = Self::default();
        let mut touched = BTreeSet::<Key>::new();
        let mut passed_over = VecDeque::new();
        if let Some(index) = waiting.iter().position(|submitted| submitted.command.starts_attempt())
            && !shares_key_with_earlier(waiting, index)
            && let Some(start) = waiting.remove(index)
        {
            waiting.push_front(start);
        }
        let mut sizes = (0, 0);
        while let Some(submitted) = waiting.pop_front() {
            let keys = submitted.command.keys();
            let shares = keys.iter().flat_map(Key::excludes).any(|key| touched.contains(key));
            touched.extend(keys);
            if shares {
                passed_over.push_back(submitted);
                continue;
            }
            let mut member = Member::new(submitted, now);
            match member.decide(graph, &batch) {
                Err(refusal) => member.answer(Err(refusal)),
                Ok(()) => {
                    let (events, bytes) = member.size();
                    if !batch.members.is_empty() && over(sizes, (events, bytes)) {
                        waiting.push_front(member.submitted);
                        break;
                    }
                    sizes = (sizes.0 + events, sizes.1 + bytes);
                    batch.add(member);
                }
            }
        }
        passed_over.append(waiting);
        *waiting = passed_over;
        batch
    }

    /// Decides everything afresh on a state that moved on. Bodies that come out unchanged keep their bytes and the time at
    /// which they were taken.
    pub(super) fn decide_again(&mut self, graph: &Graph) {
        let mut decided = Self::default();
        for mut member in self.members.drain(..) {
            match member.decide(graph, &decided) {
                Err(refusal) => member.answer(Err(refusal)),
                Ok(()) => decided.add(member),
            }
        }
        *self = decided;
    }

    /// Links all bodies behind `head`.
    pub(super) fn seal(&self, head: Head) -> Vec<SealedEvent> {
        let bodies = self.members.iter().flat_map(|member| &member.staged).map(|(_, body)| body.clone());
        SealedEvent::chain(head, bodies)
    }

    /// Answers every caller: all is durable up to the end of `sealed`, which was sealed behind `head`.
    pub(super) fn recorded(self, head: Head, sealed: &[SealedEvent]) {
        let mut end = 0;
        for member in self.members {
            end += member.staged.len();
            let head = end.checked_sub(1).and_then(|last| sealed.get(last)).map_or(head, |event| event.head);
            let receipt = Receipt { recorded: member.staged.len(), duplicates: member.duplicates, head };
            member.answer(Ok(receipt));
        }
    }

    /// Tells every caller that nothing was recorded.
    pub(super) fn refused(self, error: &SubmitError) {
        for member in self.members {
            member.answer(Err(error.clone()));
        }
    }

    fn add(&mut self, mut member: Member) {
        if safeguard::is_on(Safeguard::Fingerprint) {
            self.brought.append(&mut member.brought);
        }
        self.members.push(member);
    }
}

impl Member {
    fn new(submitted: Submitted, taken_at: Timestamp) -> Self {
        Self { submitted, taken_at, staged: VecDeque::new(), brought: BTreeSet::new(), duplicates: 0 }
    }

    fn decide(&mut self, graph: &Graph, earlier: &Batch) -> Result<(), SubmitError> {
        let mut decided = decide(graph, &self.submitted.command, self.taken_at)?;
        if !earlier.brought.is_disjoint(&decided.fingerprints) {
            let before = decided.events.len();
            decided.events.retain(|draft| !earlier.brought.contains(&draft.fingerprint()));
            decided.duplicates += before - decided.events.len();
        }
        let mut known = std::mem::take(&mut self.staged);
        let taken_at = self.taken_at;
        let stage = |draft: EventDraft| {
            let before = known.iter().position(|(other, _)| *other == draft);
            before.and_then(|index| known.remove(index)).unwrap_or_else(|| {
                let body = EventBody::write(&draft, taken_at);
                (draft, body)
            })
        };
        self.staged = decided.events.into_iter().map(stage).collect();
        self.brought = decided.fingerprints;
        self.duplicates = decided.duplicates;
        Ok(())
    }

    fn size(&self) -> (usize, usize) {
        (self.staged.len(), self.staged.iter().map(|(_, body)| body.bytes().len()).sum())
    }

    fn answer(self, answer: Result<Receipt, SubmitError>) {
        // A caller that went away leaves its command recorded or refused all the same.
        let _ = self.submitted.answer.send(answer);
    }
}

fn shares_key_with_earlier(waiting: &VecDeque<Submitted>, index: usize) -> bool {
    let keys = waiting[index].command.keys();
    let excluded: BTreeSet<&Key> = keys.iter().flat_map(Key::excludes).collect();
    waiting.iter().take(index).flat_map(|earlier| earlier.command.keys()).any(|key| excluded.contains(&key))
}

fn over(so_far: (usize, usize), more: (usize, usize)) -> bool {
    so_far.0 + more.0 > MAX_BATCH_EVENTS || so_far.1 + more.1 > MAX_BATCH_BYTES
}
