//! `Account`: what one attempt may use, and has used as its worker claims.

use super::fingerprints::Fingerprints;
use crate::id::TargetId;
use crate::limits::Spend;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What one attempt may use, and has used as its worker claims.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Account {
    /// The day on which the attempt was opened: all of it is booked there.
    pub(super) day: NaiveDate,
    pub(super) target: Option<TargetId>,
    pub(super) reservation: Spend,
    /// The sum of its calls.
    pub(super) used: Spend,
    /// Fingerprints of the calls that were counted.
    pub(super) calls: Fingerprints,
    pub(super) ended: bool,
    /// Whether its worker told its end, and so all of its calls.
    pub(super) reported: bool,
}

impl Account {
    /// What is booked: the reservation, until the attempt has ended with a report; then the sum of its calls. What was
    /// used beyond the reservation is booked at once.
    pub(super) fn charge(&self) -> Spend {
        if self.ended && self.reported { self.used } else { self.reservation.max(self.used) }
    }
}
