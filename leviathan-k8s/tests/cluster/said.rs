//! What the suite says of itself, whether or not a test fails.

use std::io::Write;

/// Says it on the error output itself, which no test runner holds back.
pub(crate) fn aloud(what: &str) {
    let _ = writeln!(std::io::stderr(), "{what}");
}

/// Says it for whoever asks for a test's output.
#[expect(clippy::print_stdout, reason = "it is what the test says")]
pub(crate) fn aside(what: &str) {
    println!("{what}");
}
