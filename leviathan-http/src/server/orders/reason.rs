//! `Reason`: why somebody orders something.

use crate::Problem;
use crate::server::refuse::bad_part;
use serde::Deserialize;
use utoipa::ToSchema;

/// The longest reason, in bytes.
const MAX_BYTES: usize = 4096;

/// Why somebody orders something.
#[derive(Deserialize, ToSchema)]
pub(in crate::server) struct Because {
    /// A sentence for whoever reads the log.
    #[schema(min_length = 1, max_length = 1024, pattern = r"\S", example = "the machine was out of disk")]
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
    if reason.len() > MAX_BYTES {
        return Err(bad_part(
            "reason",
            format_args!("it has {} bytes, at most {MAX_BYTES} are taken", reason.len()),
        ));
    }
    if reason.contains('\0') {
        return Err(bad_part("reason", "it holds U+0000"));
    }
    Ok(reason)
}
