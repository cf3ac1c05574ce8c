//! `Reason`: why somebody orders something.

use crate::Problem;
use crate::server::refuse::bad_part;
use serde::Deserialize;

/// The longest reason, in characters.
const MAX: usize = 1024;

/// Why somebody orders something.
#[derive(Deserialize)]
pub(in crate::server) struct Because {
    reason: String,
}

impl Because {
    pub(super) fn reason(self) -> Result<String, Problem> {
        checked(self.reason)
    }
}

/// Goes on with a reason that says something, and not too much.
pub(super) fn checked(reason: String) -> Result<String, Problem> {
    if reason.trim().is_empty() {
        return Err(bad_part("reason", "expected a sentence that says why"));
    }
    if reason.chars().count() > MAX {
        return Err(bad_part("reason", format_args!("it has more than {MAX} characters")));
    }
    if reason.contains('\0') {
        return Err(bad_part("reason", "it holds U+0000"));
    }
    Ok(reason)
}
