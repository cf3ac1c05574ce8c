//! Where the programs keep artifacts: in a directory or in a bucket.

mod place;

pub(crate) use place::ArtifactsPlace;

use crate::environment::Environment;

/// The variable that says where artifacts are kept.
pub(crate) const URL: &str = "LEVIATHAN_ARTIFACTS_URL";
const SHARED: &str = "LEVIATHAN_ARTIFACTS_SHARED";

/// The place that the environment names, if it names one. Where the log is for others too, a directory must be said to be.
pub(crate) fn said(env: &mut Environment<'_>, log_is_shared: bool) -> Option<Option<ArtifactsPlace>> {
    let is_shared = is_shared(env);
    let Some(url) = env.text(URL) else { return Some(None) };
    let place = ArtifactsPlace::parse(&url).map_err(|what| env.fault(URL, what)).ok()?;
    if log_is_shared && matches!(place, ArtifactsPlace::Directory(_)) && !is_shared {
        let what = format_args!(
            "is a directory of this machine, and others serve this log too: give a bucket, or say {SHARED}=yes if all \
             of them have this directory"
        );
        env.fault(URL, what);
        return None;
    }
    Some(Some(place))
}

fn is_shared(env: &mut Environment<'_>) -> bool {
    let shared = env.parsed(SHARED, |text| match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("is neither `yes` nor `no`"),
    });
    shared.unwrap_or(false)
}
