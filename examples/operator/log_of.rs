//! What an attempt printed.

use super::plain::plain;
use anyhow::{Context, Result, bail};
use leviathan_core::id::AttemptId;
use leviathan_http::client::{Asking, ControlPlane};
use leviathan_http::view::ArtifactView;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The most that is fetched.
const MOST: u64 = 1024 * 1024 * 1024;
/// How long an artifact may take to arrive.
const PATIENCE: Duration = Duration::from_secs(600);

pub(crate) async fn show(
    control_plane: &ControlPlane,
    asking: Asking<'_>,
    id: &AttemptId,
    name: Option<String>,
    file: Option<PathBuf>,
) -> Result<()> {
    let artifacts = asking.attempt(id).await?.artifacts;
    let artifact = choose(&artifacts, id, name.as_deref())?;
    let bytes = control_plane.get_artifact(artifact.sha256, MOST, Instant::now() + PATIENCE).await?;
    if let Some(file) = file {
        return std::fs::write(&file, &bytes).with_context(|| format!("{} can't be written", file.display()));
    }
    let mut out = std::io::stdout().lock();
    out.write_all(plain(&String::from_utf8_lossy(&bytes)).as_bytes())?;
    Ok(out.flush()?)
}

/// The one of this name, or the only log.
fn choose<'a>(artifacts: &'a [ArtifactView], id: &AttemptId, name: Option<&str>) -> Result<&'a ArtifactView> {
    let named =
        |artifact: &&ArtifactView| artifact.name.as_deref().unwrap_or(&artifact.artifact_id).to_owned();
    let fits = |artifact: &&ArtifactView| match name {
        Some(name) => named(artifact) == name,
        None => artifact.artifact_type == "log",
    };
    let fitting: Vec<&ArtifactView> = artifacts.iter().filter(fits).collect();
    let names = |list: &[&ArtifactView]| list.iter().map(named).collect::<Vec<_>>().join(", ");
    match fitting[..] {
        [only] => Ok(only),
        [] if artifacts.is_empty() => bail!("attempt {id} left nothing behind"),
        [] => bail!(
            "attempt {id} has no such artifact; it has {}",
            names(&artifacts.iter().collect::<Vec<_>>())
        ),
        _ => bail!("attempt {id} has several; choose with --name: {}", names(&fitting)),
    }
}
