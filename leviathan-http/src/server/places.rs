//! `Places`: how many requests may be under way at once.

use super::refuse::OVERLOADED;
use crate::Problem;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Places for requests of one kind. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Places {
    free: Arc<Semaphore>,
    all: usize,
}

impl Places {
    pub(super) fn new(all: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(all)), all }
    }
}

/// Refuses a request for which there is no place. Each keeps its place until its answer begins.
pub(super) async fn limit(
    State(places): State<Places>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let Ok(_place) = places.free.try_acquire() else {
        return Err(OVERLOADED.because(format_args!(
            "{} requests of this kind are under way, and that is as many as may be; try again",
            places.all
        )));
    };
    Ok(next.run(request).await)
}
