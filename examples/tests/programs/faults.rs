//! The shim that kills a process inside a write or a sync of the log.

use super::draw::Draw;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles the shim beside the test's own files.
pub(crate) fn build() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../leviathan-local/tests/faults/faults.c");
    let shim = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kill-faults.so");
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-O2", "-o"]).arg(&shim).arg(source).arg("-ldl");
    assert!(cc.status().expect("cc is needed").success(), "the shim does not compile");
    shim
}

/// Has `host` killed at its `nth` append: with half of it written, before its sync, or after it.
pub(crate) fn kill_within_append(host: &mut Command, shim: &Path, nth: u64, draw: &mut Draw) {
    let moments = ["KILL_WRITE", "KILL_BEFORE_SYNC", "KILL_AFTER_SYNC"];
    let moment = moments[draw.below(moments.len() as u64) as usize];
    host.env("LD_PRELOAD", shim)
        .env("LEVIATHAN_FAULTS_EXE", "scheduler")
        .env(format!("LEVIATHAN_FAULTS_{moment}"), nth.to_string());
}
