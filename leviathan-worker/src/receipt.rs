//! Policy receipts: what was judged, by which policy, and how. The worker writes them; whoever has a clone of the repository
//! can judge again.

mod check;
mod difference;
mod judgement;
mod lists;
mod write;

pub use check::{CheckedReceipt, ReceiptError, check_receipt};
pub use difference::Difference;
pub(crate) use judgement::Judgement;
pub(crate) use write::{ReceiptOf, receipt};
