//! `Listing`: which lists of a kind of thing were begun, and whether one came to its end.

/// Counts the lists of one kind of thing. What a list that came to its end does not show is gone, unless it was seen in
/// another way since that list began.
#[derive(Debug, Default)]
pub(super) struct Listing {
    begun: u64,
    complete: bool,
}

impl Listing {
    pub(super) fn begins(&mut self) {
        self.begun += 1;
    }

    /// What is seen now carries this mark.
    pub(super) fn mark(&self) -> u64 {
        self.begun
    }

    /// The list came to its end: what has an older mark is gone.
    pub(super) fn ends(&mut self) -> u64 {
        self.complete = true;
        self.begun
    }

    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }
}
