//! `launch`: makes the Job of an attempt exist, and its Secret.

use super::api_error::ApiError;
use super::attempt_secret::{needs_own, own_key, sample, secret_for};
use super::shared::Shared;
use super::table::Table;
use crate::job::{Identity, SecretKey, job_for, job_name};
use k8s_openapi::api::batch::v1::Job;
use kube::api::PropagationPolicy;
use leviathan_core::executor::{AttemptSpec, ExecutorError};
use leviathan_core::id::AttemptId;
use leviathan_core::log::Head;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How often to ask whether a Job that is being deleted is gone, where no watch tells.
const ASK_AGAIN: Duration = Duration::from_secs(1);

pub(super) async fn launch(shared: &Shared, spec: &AttemptSpec, created: &Head) -> Result<(), ExecutorError> {
    let attempt = &spec.attempt_id;
    let hash = spec.hash().to_string();
    let known = shared.board.read(|table| {
        let tracked = table.get(attempt)?;
        Some((
            tracked.identity.clone(),
            !tracked.is_open(),
            tracked.secret_due.is_some(),
            tracked.job.clone(),
        ))
    });
    if let Some((identity, has_ended, wants_secret, job)) = known
        && (has_ended || job.metadata.deletion_timestamp.is_none())
    {
        same_spec(&identity, &hash)?;
        if wants_secret && !has_ended {
            let _launching = Launching::begin(shared, attempt);
            adopt_secret(shared, attempt, &job).await?;
        }
        return Ok(());
    }
    let _launching = Launching::begin(shared, attempt);
    let job = job_for(spec, created, &shared.config, &token_key(shared, attempt).await?);
    let until = Instant::now() + shared.cluster.call_timeout;
    loop {
        match shared.cluster.create_job(&job).await {
            Ok(made) => return take_made(shared, attempt, made).await,
            Err(error) if error.is_already_exists() => {}
            Err(error) => return Err(error.into_executor_error()),
        }
        let name = job_name(attempt);
        let there = shared.cluster.get_job(&name).await.map_err(ApiError::into_executor_error)?;
        // It may have gone in between.
        let Some(there) = there else {
            continue_until(until, &name)?;
            continue;
        };
        if there.metadata.deletion_timestamp.is_none() {
            return adopt(shared, attempt, &hash, there).await;
        }
        gone(shared, &there, until).await?;
    }
}

/// The Job was made by this very launch, so that nothing of it can have run without its Secret.
async fn take_made(shared: &Shared, attempt: &AttemptId, job: Job) -> Result<(), ExecutorError> {
    shared.board.change(|table| table.see_job(job.clone(), Instant::now()));
    if !needs_own(&job) {
        return Ok(());
    }
    match make_secret(shared, attempt, &job).await {
        Err(error) if error.is_forbidden() => {
            // The role was changed since it was asked for. With another Job the configured key will do.
            secrets_are_forbidden(shared, &error);
            let (name, uid) = (job.metadata.name.unwrap_or_default(), job.metadata.uid.unwrap_or_default());
            let deleted = shared.cluster.delete_job(&name, &uid, PropagationPolicy::Background).await;
            deleted.map_err(ApiError::into_executor_error)?;
            shared.board.change(|table| table.give_up(attempt, &uid));
            Err(ExecutorError::unavailable(error))
        }
        Err(error) => Err(error.into_executor_error()),
        Ok(()) => Ok(()),
    }
}

/// A Job that was there.
async fn adopt(shared: &Shared, attempt: &AttemptId, hash: &str, job: Job) -> Result<(), ExecutorError> {
    let Some(identity) = Identity::of(&job, &shared.config.fleet) else {
        let name = job_name(attempt);
        return Err(ExecutorError::conflict(format!("the Job {name} is there, and is not of this fleet")));
    };
    same_spec(&identity, hash)?;
    shared.board.change(|table| table.see_job(job.clone(), Instant::now()));
    adopt_secret(shared, attempt, &job).await
}

/// Finishes what a launch that was cut off left undone. If it may not, the Secret is there or the attempt never starts.
async fn adopt_secret(shared: &Shared, attempt: &AttemptId, job: &Job) -> Result<(), ExecutorError> {
    if !needs_own(job) || shared.board.read(|table| !waits_for_secret(table, attempt)) {
        return Ok(());
    }
    match make_secret(shared, attempt, job).await {
        Err(error) if error.is_forbidden() => {
            secrets_are_forbidden(shared, &error);
            shared.board.change(|table| table.secret_is_due(attempt, None));
            Ok(())
        }
        made => made.map_err(ApiError::into_executor_error),
    }
}

fn waits_for_secret(table: &Table, attempt: &AttemptId) -> bool {
    table.get(attempt).is_some_and(|tracked| tracked.is_submitted() && tracked.secret_due.is_some())
}

/// Makes the Secret of a Job; one that is there is as good.
pub(super) async fn make_secret(shared: &Shared, attempt: &AttemptId, job: &Job) -> Result<(), ApiError> {
    let Some(tokens) = &shared.config.tokens else { return Ok(()) };
    let secret = secret_for(job, attempt, tokens.as_ref(), &shared.config);
    match shared.cluster.create_secret(&secret, false).await {
        Err(error) if !error.is_already_exists() => Err(error),
        _ => {
            shared.board.change(|table| table.secret_is_due(attempt, None));
            Ok(())
        }
    }
}

/// Where the worker will find its token. Whether Secrets may be made is asked once, before any Job depends on one.
async fn token_key(shared: &Shared, attempt: &AttemptId) -> Result<SecretKey, ExecutorError> {
    if shared.config.tokens.is_some() && !shared.no_secrets.was_met() {
        let ask = || async { shared.cluster.create_secret(&sample(&shared.config), true).await };
        match shared.secrets_allowed.get_or_try_init(ask).await {
            Ok(()) => {}
            Err(error) if error.is_already_exists() => {}
            Err(error) if error.is_forbidden() => secrets_are_forbidden(shared, &error),
            Err(error) => return Err(error.into_executor_error()),
        }
    }
    if shared.config.tokens.is_some() && !shared.no_secrets.was_met() {
        return Ok(own_key(&job_name(attempt)));
    }
    let secrets = &shared.config.secrets;
    Ok(SecretKey { name: secrets.name.clone(), key: secrets.control_plane_token.clone() })
}

pub(super) fn secrets_are_forbidden(shared: &Shared, error: &ApiError) {
    if shared.no_secrets.meet() {
        let key = &shared.config.secrets.control_plane_token;
        tracing::warn!(%error, key, "workers get the configured key of the Secret instead of a token of their own");
    }
}

fn same_spec(identity: &Identity, hash: &str) -> Result<(), ExecutorError> {
    if identity.spec_sha256 == hash {
        return Ok(());
    }
    let Identity { attempt_id, job_name, .. } = identity;
    Err(ExecutorError::conflict(format!("{attempt_id} is there with another spec, as the Job {job_name}")))
}

/// Waits until a Job that is being deleted is gone. Asking to create it all the while would not hasten it.
async fn gone(shared: &Shared, job: &Job, until: Instant) -> Result<(), ExecutorError> {
    let name = job.metadata.name.as_deref().unwrap_or_default();
    let uid = job.metadata.uid.as_deref();
    let goes = shared.board.until(|table| (!table.shows_job(uid?)).then_some(()));
    let shown = shared.board.read(|table| uid.is_some_and(|uid| table.shows_job(uid)));
    if !shown {
        tokio::time::sleep(ASK_AGAIN).await;
        return continue_until(until, name);
    }
    match timeout(until.saturating_duration_since(Instant::now()), goes).await {
        Ok(Some(())) => Ok(()),
        Ok(None) | Err(_) => Err(still_there(name)),
    }
}

fn continue_until(until: Instant, name: &str) -> Result<(), ExecutorError> {
    if Instant::now() < until { Ok(()) } else { Err(still_there(name)) }
}

fn still_there(name: &str) -> ExecutorError {
    ExecutorError::unavailable(format!(
        "the Job {name} is being deleted: it can be created once that is gone"
    ))
}

/// While it lives, the attempt's Secret is for this launch to make, and not for whoever sees the Job.
struct Launching<'a> {
    shared: &'a Shared,
    attempt: &'a AttemptId,
}

impl<'a> Launching<'a> {
    fn begin(shared: &'a Shared, attempt: &'a AttemptId) -> Self {
        shared.board.change_quietly(|table| table.launch_begins(attempt));
        Self { shared, attempt }
    }
}

impl Drop for Launching<'_> {
    fn drop(&mut self) {
        // Whatever a launch that was cut off left undone is due now.
        self.shared.board.change(|table| table.launch_ends(self.attempt));
    }
}
