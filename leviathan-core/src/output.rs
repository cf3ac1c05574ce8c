//! Output of bounded size: its beginning and its end are kept, and what is left out between them is said.

mod captured_output;
mod output_cap;

pub use captured_output::CapturedOutput;
pub use output_cap::{OutputCap, gap_note};
