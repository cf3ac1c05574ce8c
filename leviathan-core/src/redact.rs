//! Taking known secrets out of what leaves a process: logs before they are hashed, sentences before they are told.
//!
//! [`Redactor`] knows the secrets and looks for each in all the forms that a program may print it in; [`RedactedStream`]
//! does the same to text that comes in pieces. Both are pure.

mod cuts;
mod folded;
mod forms;
mod ranges;
mod redactor;
mod stream;
#[cfg(test)]
mod tests;

pub use redactor::Redactor;
pub use stream::RedactedStream;
