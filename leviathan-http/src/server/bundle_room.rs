//! `BundleRoom`: how much memory bundles may take while they wait for the log.

use super::ApiState;
use super::refuse::OVERLOADED;
use super::unread::too_large;
use crate::Problem;
use axum::extract::FromRequestParts;
use axum::http::{header, request::Parts};
use leviathan_core::MAX_BUNDLE_BYTES;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many bytes of bundles are held at once (16 of the largest).
const ROOM: usize = 16 * MAX_BUNDLE_BYTES;
/// The unit in which room is given.
const UNIT: usize = 1024;

/// Room for bundles that were not answered yet.
#[derive(Debug, Clone)]
pub(super) struct BundleRoom(Arc<Semaphore>);

/// Room that was given to one bundle, until it is dropped. A handler asks for it before it asks for the body.
pub(super) struct Reserved {
    _room: OwnedSemaphorePermit,
}

impl Default for BundleRoom {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ROOM / UNIT)))
    }
}

impl FromRequestParts<ApiState> for Reserved {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let announced = parts.headers.get(header::CONTENT_LENGTH);
        let bytes: usize =
            announced.and_then(|length| length.to_str().ok()?.parse().ok()).unwrap_or(MAX_BUNDLE_BYTES);
        if bytes > MAX_BUNDLE_BYTES {
            return Err(too_large("a bundle", MAX_BUNDLE_BYTES));
        }
        // At most 16 Ki units, as the size was just checked.
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        let room = state.bundle_room.0.clone().try_acquire_many_owned(units);
        let full =
            |_| OVERLOADED.because("the control plane holds as many bundles as it has room for; try again");
        Ok(Self { _room: room.map_err(full)? })
    }
}
