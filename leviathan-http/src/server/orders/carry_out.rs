//! `carry_out`: giving an order to the ledger.

use crate::Problem;
use crate::server::refuse::NOT_FOUND;
use leviathan_core::decide::{Command, Rejection};
use leviathan_core::{Ledger, SubmitError};

/// Has a command recorded. What it is about and is not there is not found.
pub(super) async fn carry_out(ledger: &Ledger, command: Command) -> Result<(), Problem> {
    ledger.submit(command).await.map(drop).map_err(|error| match &error {
        SubmitError::Rejected(
            Rejection::UnknownAttempt(_) | Rejection::UnknownTask(_) | Rejection::UnknownTarget(_),
        ) => NOT_FOUND.because(error),
        _ => error.into(),
    })
}
