//! Reading the YAML files of a repository so that every fault in them is told with its file, line and field.
//!
//! A file is read into a tree of [`Node`]s that know where they stand; [`Entry`] walks it, and says in [`Faults`] what
//! it did not find as expected. Nothing stops at the first fault.

mod bad_file;
mod document;
mod entry;
mod fault;
mod faults;
mod fields;
mod node;

pub use bad_file::BadFile;
pub(crate) use document::Document;
pub(crate) use entry::Entry;
pub use fault::Fault;
pub(crate) use faults::Faults;
pub(crate) use fields::Fields;
pub(crate) use node::{Node, Value};

/// The largest YAML file that is read, in bytes (4 MiB).
pub(crate) const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;
