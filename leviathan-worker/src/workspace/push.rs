//! Pushing: the work's branch is replaced only if it still stands where the clone saw it.

use super::git_failure::{Step, remote_failure};
use super::{Origin, Place, Refusal};
use crate::Failure;
use git2::{ErrorClass, ErrorCode, Oid, PushOptions, RemoteRedirect, Repository};
use leviathan_core::executor::Cause;
use std::{cell::RefCell, io::Write, path::Path};

/// Makes the work's branch on the remote point to `commit`. Blocks, without a limit of its own.
///
/// # Errors
/// `push_denied` where the remote says no; `push_failed` where it cannot be reached, or the branch moved since the
/// clone: then it is left as it is.
pub(crate) fn push(origin: &Origin, commit: Oid) -> Result<(), Failure> {
    match origin.remote().place() {
        Place::Http { .. } => push_to_server(origin, commit),
        Place::Path(path) => push_to_path(origin, commit, path),
    }
}

fn moved(origin: &Origin, now: Oid) -> Failure {
    let tip = |id: Option<Oid>| match id.filter(|id| !id.is_zero()) {
        Some(id) => format!("at {id}"),
        None => "absent".to_owned(),
    };
    let summary = format!(
        "branch {} of {} moved since the clone: it was {}, it is {}; nothing was pushed",
        origin.work_branch(),
        origin.remote().url(),
        tip(origin.seen_tip()),
        tip(Some(now))
    );
    Failure::new(Cause::PushFailed, summary)
}

fn reference(origin: &Origin) -> String {
    format!("refs/heads/{}", origin.work_branch())
}

/// libgit2 has no lease: what the server has is compared in the negotiation, and the server compares again with what it
/// told there.
fn push_to_server(origin: &Origin, commit: Oid) -> Result<(), Failure> {
    let failure = RefCell::new(None);
    let remote = origin.remote();
    let (mut callbacks, refusal) = remote.callbacks();
    callbacks.push_negotiation(|updates| {
        let now = updates
            .iter()
            .map(git2::PushUpdate::src)
            .find(|now| *now != origin.seen_tip().unwrap_or(Oid::ZERO_SHA1));
        let Some(now) = now else { return Ok(()) };
        failure.replace(Some(moved(origin, now)));
        Err(git2::Error::new(ErrorCode::Modified, ErrorClass::Callback, "the branch moved"))
    });
    callbacks.push_update_reference(|name, refused| {
        // libgit2 says that the push went well even where the server refused the branch.
        if let Some(status) = refused {
            let summary = format!("{} refused {name}: {status}", remote.url());
            let cause = if lost_the_race(status) { Cause::PushFailed } else { Cause::PushDenied };
            failure.replace(Some(Failure::new(cause, summary)));
        }
        Ok(())
    });
    let pushed = (|| {
        let repository = origin.open()?;
        // A push takes its source from a ref of ours.
        repository.reference(&reference(origin), commit, true, "push")?;
        let mut options = PushOptions::new();
        options.remote_callbacks(callbacks).follow_redirects(RemoteRedirect::None);
        let mut connection = repository.remote_anonymous(&remote.url())?;
        connection.push(&[format!("+{0}:{0}", reference(origin))], Some(&mut options))
    })();
    match (failure.take(), pushed) {
        (Some(failure), _) => Err(failure),
        (None, Err(error)) => Err(remote_failure(Step::Push, remote, &refusal, &error)),
        (None, Ok(())) => Ok(()),
    }
}

/// Whether a server says that the branch was not where it had told us a moment before. Servers have their own words.
fn lost_the_race(status: &str) -> bool {
    ["lock", "failed to update ref", "old value", "stale", "reference already exists"]
        .iter()
        .any(|words| status.contains(words))
}

/// Puts the new objects into the repository at `path` and then moves its branch, comparing under the branch's lock.
/// Unlike libgit2's own push this works for a repository with a work tree too.
fn push_to_path(origin: &Origin, commit: Oid, path: &Path) -> Result<(), Failure> {
    let push = || {
        let target = Repository::open(path)?;
        if target.head().is_ok_and(|head| head.name_bytes() == reference(origin).as_bytes())
            && !target.is_bare()
        {
            let summary = format!(
                "branch {} is checked out in {}; switch it to another branch there",
                origin.work_branch(),
                path.display()
            );
            return Ok(Err(Failure::new(Cause::PushDenied, summary)));
        }
        if let Some(name) = in_the_way(origin.work_branch(), &target) {
            let summary = format!(
                "branch {name} of {} leaves no room for {}; rename or delete it",
                path.display(),
                origin.work_branch()
            );
            return Ok(Err(Failure::new(Cause::PushDenied, summary)));
        }
        copy_objects(&origin.open()?, origin.base(), commit, &target)?;
        let seen = origin.seen_tip().unwrap_or(Oid::ZERO_SHA1);
        match target.reference_matching(&reference(origin), commit, true, seen, "leviathan: push") {
            Err(error) if error.code() == ErrorCode::Modified => {
                Ok(Err(moved(origin, target.refname_to_id(&reference(origin)).unwrap_or(Oid::ZERO_SHA1))))
            }
            other => other.map(|_| Ok(())),
        }
    };
    push()
        .unwrap_or_else(|error| Err(remote_failure(Step::Push, origin.remote(), &Refusal::default(), &error)))
}

/// A branch whose name is a folder in the name of `branch`: git has room for only one of them.
fn in_the_way<'a>(branch: &'a str, target: &Repository) -> Option<&'a str> {
    let folders = branch.match_indices('/').map(|(end, _)| &branch[..end]);
    folders.into_iter().find(|folder| target.find_reference(&format!("refs/heads/{folder}")).is_ok())
}

fn copy_objects(from: &Repository, base: Oid, commit: Oid, to: &Repository) -> Result<(), git2::Error> {
    let mut walk = from.revwalk()?;
    walk.push(commit)?;
    walk.hide(base)?;
    let mut pack = from.packbuilder()?;
    pack.insert_walk(&mut walk)?;
    let odb = to.odb()?;
    let mut writer = odb.packwriter()?;
    let mut failed = None;
    pack.foreach(|chunk| {
        failed = writer.write_all(chunk).err();
        failed.is_none()
    })
    .map_err(|error| match failed.take() {
        Some(failed) => git2::Error::from_str(&failed.to_string()),
        None => error,
    })?;
    writer.commit()?;
    Ok(())
}
