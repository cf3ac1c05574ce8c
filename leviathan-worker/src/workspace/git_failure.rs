//! What an error of libgit2 means for the attempt.

use super::{Refusal, Remote};
use crate::Failure;
use git2::{ErrorClass, ErrorCode};
use leviathan_core::executor::Cause;

/// A step towards the remote, with the causes that its failing has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    Fetch,
    Push,
}

impl Step {
    fn words(self) -> &'static str {
        match self {
            Self::Fetch => "fetching from",
            Self::Push => "pushing to",
        }
    }

    pub(crate) fn failed(self) -> Cause {
        match self {
            Self::Fetch => Cause::CloneFailed,
            Self::Push => Cause::PushFailed,
        }
    }

    pub(crate) fn denied(self) -> Cause {
        match self {
            Self::Fetch => Cause::CloneDenied,
            Self::Push => Cause::PushDenied,
        }
    }
}

/// The failure of a step towards the remote: denied where the remote, or our own care for the token, said no.
pub(crate) fn remote_failure(step: Step, remote: &Remote, refusal: &Refusal, error: &git2::Error) -> Failure {
    let about = format!("{} {} failed", step.words(), remote.url());
    if let Some(reason) = refusal.reason() {
        return Failure::new(step.denied(), format!("{about}: {reason}"));
    }
    let (denied, advice) = told_of(error);
    let cause = if denied { step.denied() } else { step.failed() };
    Failure::new(cause, format!("{about}: {}{advice}", error.message()))
}

/// Whether an error is one that only an operator can set right, and what there is to look at.
fn told_of(error: &git2::Error) -> (bool, &'static str) {
    let message = error.message();
    let answered = |status: &str| error.class() == ErrorClass::Http && message.ends_with(status);
    if answered("403") {
        return (true, "; the token of GITHUB_TOKEN must be allowed to do this");
    }
    if answered("404") {
        return (true, "; there is no such repository, or the token of GITHUB_TOKEN may not see it");
    }
    if message.starts_with("cannot redirect") {
        return (
            true,
            ": it sends to another place, where no token is taken; if the repository moved, give its new URL",
        );
    }
    (matches!(error.code(), ErrorCode::Auth | ErrorCode::Owner | ErrorCode::Certificate), "")
}

/// The failure of a step within the workspace. `doing` says what was tried, such as `committing`.
pub(crate) fn local_failure(cause: Cause, doing: &str) -> impl Fn(git2::Error) -> Failure {
    let doing = doing.to_owned();
    move |error| Failure::new(cause.clone(), format!("{doing} failed: {}", error.message()))
}
