//! `Harness`: how a suite opens what it proves.

use std::time::Duration;

/// Opens the implementation that a suite is to prove. Each test makes a harness of its own, from the expression that the
/// macro was given, and opens what it needs with it.
///
/// A harness may panic where it cannot do its part: that fails the test, and is no fault of the implementation.
pub trait Harness {
    /// The implementation, for instance a type that implements [`EventStore`](crate::store::EventStore).
    type Subject;

    /// Runs a test to its end, on the runtime that the subject needs.
    fn block_on<F: Future>(&self, test: F) -> F::Output;

    /// A subject that holds nothing yet, and shares nothing with those given before.
    fn fresh(&self) -> impl Future<Output = Self::Subject>;

    /// Closes the subject, as the end of its process would, and opens what it kept. `None` if it keeps nothing: the
    /// suite then says so and asks no further.
    fn reopen(&self, subject: Self::Subject) -> impl Future<Output = Option<Self::Subject>>;

    /// How long one test may take before it counts as hung. A minute, unless a harness
    /// says otherwise. Make it generous: only broken implementations wait it out.
    fn patience(&self) -> Duration {
        Duration::from_secs(60)
    }
}
