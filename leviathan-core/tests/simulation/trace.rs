//! `Trace`: what happened, for people, and a hash of all of it, to see that a seed repeats itself.

use leviathan_core::log::Hash;
use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::time::Duration;

/// How many lines are kept to be shown with a failure.
const KEPT: usize = 150;

#[derive(Clone)]
pub(crate) struct Trace {
    lines: VecDeque<String>,
    dropped: usize,
    /// Over the hash before and all lines since.
    hash: Hash,
    unhashed: String,
    verbose: bool,
}

impl Trace {
    pub(crate) fn new(verbose: bool) -> Self {
        Self { lines: VecDeque::new(), dropped: 0, hash: Hash::ZERO, unhashed: String::new(), verbose }
    }

    #[expect(clippy::print_stdout, reason = "who asks for one seed wants to see it")]
    pub(crate) fn say(&mut self, now: Duration, what: fmt::Arguments<'_>) {
        let mut line = String::with_capacity(80);
        // Writing into a String does not fail.
        let _ = write!(line, "{:>9}.{:03} {what}", now.as_secs(), now.subsec_millis());
        if self.verbose {
            println!("{line}");
        }
        self.unhashed.push_str(&line);
        if self.unhashed.len() > 1 << 14 {
            self.hash = self.hash();
            self.unhashed.clear();
        }
        if self.lines.len() == KEPT {
            self.lines.pop_front();
            self.dropped += 1;
        }
        self.lines.push_back(line);
    }

    pub(crate) fn hash(&self) -> Hash {
        Hash::of_parts(&[self.hash.as_bytes(), self.unhashed.as_bytes()])
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  ({} lines before)", self.dropped)?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
