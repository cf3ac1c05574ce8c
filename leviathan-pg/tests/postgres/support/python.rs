//! The Python lines of `docs/event-log.md`, on an export in a file.

#[path = "../../../../leviathan-core/tests/event_log/document.rs"]
#[expect(dead_code, reason = "only the lines are needed here")]
mod document;

use leviathan_core::log::Head;
use std::path::Path;
use std::process::Command;

/// What the lines say of an export that must end at `head`: what they print when they accept it, and else what is wrong.
pub(crate) fn verify(export: &Path, head: Head) -> Result<String, String> {
    let mut python = Command::new("python3");
    python.args(["-c", document::block("python")]).arg(export).args(["--head", &head.to_string()]);
    let output = python.output().expect("python3 is needed; .ci/install installs it, or says how");
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}
