//! `unread`: what is said of a body that did not come whole.

use super::refuse::{BAD_REQUEST, TOO_LARGE};
use crate::Problem;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};

/// Says of a body, such as `an order`, that it has more than `most` bytes or was not received. Nothing of it is kept.
pub(super) fn unread(rejection: BytesRejection, what: &str, most: usize) -> Problem {
    match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => too_large(what, most),
        other => BAD_REQUEST.because(format_args!("{what} did not arrive whole: {other}")),
    }
}

/// Says of a body that it has more than `most` bytes.
pub(super) fn too_large(what: &str, most: usize) -> Problem {
    TOO_LARGE.because(format_args!("{what} has at most {most} bytes; nothing of it was kept"))
}
