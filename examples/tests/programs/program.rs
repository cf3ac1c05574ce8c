//! Where the programs under test are.

use std::path::PathBuf;

/// An example of this package, which `cargo test` builds beside the tests.
pub(crate) fn program(name: &str) -> PathBuf {
    let deps = std::env::current_exe().expect("the test knows its own path");
    let profile = deps.ancestors().nth(2).expect("tests lie in a profile's folder");
    let program = profile.join("examples").join(name);
    assert!(program.exists(), "{} is not built: cargo build --examples", program.display());
    program
}
