//! `Queue`: things in an order, each of which is due at a time, asked for the first of those that are due.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// Things in the order of their keys, each due at a time. It is a treap of which each part knows when the soonest of it is
/// due, so that whatever is not due yet is passed over at once, however much that is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Queue<K> {
    root: Tree<K>,
    /// How many were ever put in: balances the tree without any chance.
    puts: u64,
}

type Tree<K> = Option<Box<Node<K>>>;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Node<K> {
    key: K,
    due: Due,
    /// Keeps the tree balanced: none below has a higher one.
    height: u64,
    /// When the soonest of this and all below is due.
    soonest: Due,
    left: Tree<K>,
    right: Tree<K>,
}

/// When a thing is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Due {
    /// Whoever asks.
    pub(super) any: Timestamp,
    /// If only those that are marked are asked for; `NEVER` for the others.
    pub(super) marked: Timestamp,
}

/// Which things are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    All,
    Marked,
}

/// So deep it seldom goes: room for a path that does not grow on its way.
const USUAL_DEPTH: usize = 24;

/// Due at once.
pub(super) const AT_ONCE: Timestamp = Timestamp::MIN_UTC;
/// Not due as long as the calendar lasts.
pub(super) const NEVER: Timestamp = Timestamp::MAX_UTC;

impl Due {
    const NEVER: Self = Self { any: NEVER, marked: NEVER };

    fn of(self, which: Which) -> Timestamp {
        match which {
            Which::All => self.any,
            Which::Marked => self.marked,
        }
    }

    fn sooner(self, other: Self) -> Self {
        Self { any: self.any.min(other.any), marked: self.marked.min(other.marked) }
    }
}

impl<K> Default for Queue<K> {
    fn default() -> Self {
        Self { root: None, puts: 0 }
    }
}

impl<K: Ord> Queue<K> {
    /// Puts a thing in, that is not in it.
    pub(super) fn put(&mut self, key: K, due: Due) {
        self.puts += 1;
        let height = scramble(self.puts);
        let (left, right) = split(self.root.take(), &key);
        let node = Box::new(Node { key, due, height, soonest: due, left: None, right: None });
        self.root = join(join(left, Some(node)), right);
    }

    /// Takes a thing out.
    pub(super) fn take(&mut self, key: &K) {
        take(&mut self.root, key);
    }

    /// When the first of them is due.
    pub(super) fn soonest(&self, which: Which) -> Option<Timestamp> {
        self.root.as_ref().map(|root| root.soonest.of(which)).filter(|due| *due < NEVER)
    }

    /// Those that are due at `now`, in order.
    pub(super) fn due(&self, which: Which, now: Timestamp) -> impl Iterator<Item = &K> {
        let mut path = Vec::with_capacity(USUAL_DEPTH);
        descend(&self.root, which, now, &mut path);
        std::iter::from_fn(move || {
            while let Some(node) = path.pop() {
                descend(&node.right, which, now, &mut path);
                if node.due.of(which) <= now {
                    return Some(&node.key);
                }
            }
            None
        })
    }
}

/// Goes down on the left as long as there is anything due.
fn descend<'a, K>(mut tree: &'a Tree<K>, which: Which, now: Timestamp, path: &mut Vec<&'a Node<K>>) {
    while let Some(node) = tree.as_deref().filter(|node| node.soonest.of(which) <= now) {
        path.push(node);
        tree = &node.left;
    }
}

/// Parts a tree in what is before `key` and what is not.
fn split<K: Ord>(tree: Tree<K>, key: &K) -> (Tree<K>, Tree<K>) {
    let Some(mut node) = tree else { return (None, None) };
    if node.key < *key {
        let (before, after) = split(node.right.take(), key);
        node.right = before;
        node.settle();
        (Some(node), after)
    } else {
        let (before, after) = split(node.left.take(), key);
        node.left = after;
        node.settle();
        (before, Some(node))
    }
}

/// Makes one tree of two, of which the first is before the second.
fn join<K>(before: Tree<K>, after: Tree<K>) -> Tree<K> {
    match (before, after) {
        (Some(mut before), Some(after)) if before.height > after.height => {
            before.right = join(before.right.take(), Some(after));
            before.settle();
            Some(before)
        }
        (Some(before), Some(mut after)) => {
            after.left = join(Some(before), after.left.take());
            after.settle();
            Some(after)
        }
        (before, after) => before.or(after),
    }
}

fn take<K: Ord>(tree: &mut Tree<K>, key: &K) {
    let Some(node) = tree else { return };
    match key.cmp(&node.key) {
        std::cmp::Ordering::Less => take(&mut node.left, key),
        std::cmp::Ordering::Greater => take(&mut node.right, key),
        std::cmp::Ordering::Equal => {
            *tree = join(node.left.take(), node.right.take());
            return;
        }
    }
    node.settle();
}

impl<K> Node<K> {
    /// Says anew when the soonest is due.
    fn settle(&mut self) {
        let below = |tree: &Tree<K>| tree.as_ref().map_or(Due::NEVER, |node| node.soonest);
        self.soonest = self.due.sooner(below(&self.left)).sooner(below(&self.right));
    }
}

/// Spreads numbers evenly: the finish of SplitMix64.
fn scramble(number: u64) -> u64 {
    let mut x = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn at(seconds: u8) -> Timestamp {
        Timestamp::UNIX_EPOCH + chrono::TimeDelta::seconds(seconds.into())
    }

    proptest! {
        #[test]
        fn it_gives_those_that_are_due_in_their_order(
            changes in prop::collection::vec((0..40_u8, prop::option::of((0..20_u8, any::<bool>()))), 0..200),
            now in 0..20_u8,
        ) {
            let (mut queue, mut plain) = (Queue::default(), BTreeMap::new());
            for (key, put) in changes {
                queue.take(&key);
                plain.remove(&key);
                if let Some((due, marked)) = put {
                    let due = Due { any: at(due), marked: if marked { at(due) } else { NEVER } };
                    queue.put(key, due);
                    plain.insert(key, due);
                }
            }
            for which in [Which::All, Which::Marked] {
                let due = plain.iter().filter(|(_, due)| due.of(which) <= at(now)).map(|(key, _)| key);
                prop_assert!(queue.due(which, at(now)).eq(due));
                let soonest = plain.values().map(|due| due.of(which)).min().filter(|due| *due < NEVER);
                prop_assert_eq!(queue.soonest(which), soonest);
            }
        }
    }

    #[test]
    fn it_stays_flat_when_it_is_filled_in_order() {
        fn depth<K>(tree: &Tree<K>) -> usize {
            tree.as_ref().map_or(0, |node| 1 + depth(&node.left).max(depth(&node.right)))
        }
        let mut queue = Queue::default();
        (0..100_000_u32).for_each(|key| queue.put(key, Due { any: AT_ONCE, marked: NEVER }));
        assert!(depth(&queue.root) < 60, "{}", depth(&queue.root));
        assert_eq!(queue.due(Which::All, AT_ONCE).count(), 100_000);
    }
}
