//! The task that does what becomes due: it ends what has waited too long, keeps logs, and makes Secrets.

use super::api_error::ApiError;
use super::launch::{make_secret, secrets_are_forbidden};
use super::log::keep_log;
use super::log_follow::LogFollow;
use super::shared::Shared;
use super::shown::Shown;
use super::work::Work;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use k8s_openapi::api::batch::v1::Job;
use leviathan_core::id::AttemptId;
use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How long to wait before a cluster that did not answer is asked again about an attempt.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// How long to wait before a Secret that could not be made is tried again.
const SECRET_AGAIN: Duration = Duration::from_secs(5);

pub(super) async fn mind(shared: Arc<Shared>) {
    let mut changes = shared.board.changes();
    let mut doing: FuturesUnordered<BoxFuture<'static, ()>> = FuturesUnordered::new();
    let mut follows: BTreeMap<String, LogFollow> = BTreeMap::new();
    loop {
        changes.mark_unchanged();
        let (work, next) = shared.board.change_quietly(|table| {
            follows.retain(|job_uid, _| table.holds(job_uid));
            table.due(Instant::now())
        });
        let more = !work.is_empty();
        doing.extend(work.into_iter().filter_map(|work| begin(&shared, &mut follows, work)));
        if more {
            continue;
        }
        let due = async {
            match next {
                Some(next) => sleep_until(next).await,
                None => pending().await,
            }
        };
        tokio::select! {
            // Its sender lives as long as `shared`.
            _ = changes.changed() => {}
            Some(()) = doing.next() => {}
            () = due => {}
        }
    }
}

/// What there is to wait for of it.
fn begin(
    shared: &Arc<Shared>,
    follows: &mut BTreeMap<String, LogFollow>,
    work: Work,
) -> Option<BoxFuture<'static, ()>> {
    let shared = Arc::clone(shared);
    Some(match work {
        Work::LookAgain { attempt, job_name, job_uid, with_events } => Box::pin(async move {
            let look = look_again(&shared, &job_name, &job_uid, with_events).await;
            let now = Instant::now();
            let look = look.map_err(|error| {
                tracing::debug!(%error, "an attempt that waits too long is not ended before its cluster answers");
                now + LOOK_AGAIN.max(error.retry_after.unwrap_or_default())
            });
            shared.board.change(|table| table.take_look(&attempt, &job_uid, look, now));
        }),
        Work::FollowLog { job_uid, pod } => {
            follows.insert(job_uid, LogFollow::begin(&shared.cluster, pod, shared.config.log_limit));
            return None;
        }
        Work::KeepLog { attempt, job_uid, pod, worker_ran, worker_ended } => {
            let follow = follows.remove(&job_uid).filter(|_| worker_ran);
            Box::pin(async move {
                let followed = match follow {
                    Some(follow) => follow.finish().await,
                    None => None,
                };
                let fate = match worker_ran {
                    true => Some(keep_log(&shared, pod.as_deref(), followed, worker_ended).await),
                    false => None,
                };
                shared.board.change(|table| table.take_log(&attempt, &job_uid, fate));
            })
        }
        Work::MakeSecret { attempt, job } => {
            Box::pin(async move { make_missing_secret(&shared, &attempt, &job).await })
        }
    })
}

/// How the Job stands now, with its pods, and with what events say of them as far as they may be read.
async fn look_again(
    shared: &Shared,
    job_name: &str,
    job_uid: &str,
    with_events: bool,
) -> Result<Shown, ApiError> {
    let job = shared.cluster.get_job(job_name).await?;
    let pods = shared.cluster.pods_of(job_uid).await?;
    let mut events = Vec::new();
    let uids = [job_uid].into_iter().chain(pods.iter().filter_map(|pod| pod.metadata.uid.as_deref()));
    for uid in uids.filter(|_| with_events) {
        if shared.no_events.was_met() {
            break;
        }
        match shared.cluster.events_about(uid).await {
            Ok(more) => events.extend(more),
            Err(error) if error.is_forbidden() => {
                if shared.no_events.meet() {
                    tracing::warn!(%error, "what events say of attempts that do not start stays unknown");
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Shown { job, pods, events })
}

async fn make_missing_secret(shared: &Shared, attempt: &AttemptId, job: &Job) {
    let due = match make_secret(shared, attempt, job).await {
        Ok(()) => None,
        Err(error) if error.is_forbidden() => {
            secrets_are_forbidden(shared, &error);
            None
        }
        Err(error) => {
            tracing::debug!(%error, "an attempt still waits for its Secret");
            Some(Instant::now() + SECRET_AGAIN)
        }
    };
    shared.board.change(|table| table.secret_is_due(attempt, due));
}
