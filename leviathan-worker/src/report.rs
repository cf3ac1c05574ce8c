//! The report of an attempt: the final message, the artifacts, the bundle, in this order.

mod deliver;
mod final_message;
mod report_type;

pub(crate) use deliver::deliver;
pub(crate) use final_message::write_final_message;
pub use report_type::Report;
