//! What to do next, decided purely: [`admit`] judges one task, [`next`] names the starts, [`reconcile`] holds the graph
//! against what an executor holds.

mod admit;
mod blocked;
mod held;
mod next;
mod reconcile;
mod retry_policy;

pub use admit::admit;
pub use blocked::Blocked;
pub use held::Held;
pub use next::{Start, next, next_due, next_of};
pub use reconcile::{Decision, reconcile};
pub use retry_policy::RetryPolicy;
