//! `ArtifactsPlace`: where artifacts are kept.

#[cfg(feature = "clouds")]
use anyhow::Context;
use anyhow::Result;
use leviathan_core::artifact::ArtifactStore;
use leviathan_local::artifacts::ObjectArtifactStore;
use std::path::PathBuf;
use std::sync::Arc;
use url::Url;

/// Where artifacts are kept.
#[derive(Debug)]
pub(crate) enum ArtifactsPlace {
    /// In a directory of this machine.
    Directory(PathBuf),
    /// In a bucket.
    #[cfg_attr(not(feature = "clouds"), expect(dead_code, reason = "nothing opens a bucket then"))]
    Bucket(Url),
}

impl ArtifactsPlace {
    /// Takes a URL. What is said of a bad one does not repeat it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
            return Err(
                "holds credentials or a query: give those by the variables that the bucket's client reads"
                    .to_owned(),
            );
        }
        match url.scheme() {
            "file" => {
                let absolute = text.starts_with("file:///").then(|| url.to_file_path().ok()).flatten();
                absolute
                    .map(Self::Directory)
                    .ok_or_else(|| "is not file:///DIRECTORY with a whole path".to_owned())
            }
            "s3" | "gs" | "az" if !url.has_host() => Err("names no bucket".to_owned()),
            "s3" | "gs" | "az" if cfg!(feature = "clouds") => Ok(Self::Bucket(url)),
            "s3" | "gs" | "az" => Err(format!(
                "begins with {}:, and this program was built without: build it with --features clouds",
                url.scheme()
            )),
            _ => Err("begins with none of file:, s3:, gs: and az:".to_owned()),
        }
    }

    pub(crate) fn open(&self) -> Result<Arc<dyn ArtifactStore>> {
        match self {
            Self::Directory(directory) => Ok(Arc::new(ObjectArtifactStore::in_directory(directory)?)),
            #[cfg(feature = "clouds")]
            Self::Bucket(url) => {
                bucket(url).with_context(|| format!("the artifacts' bucket {url} can't be used"))
            }
            #[cfg(not(feature = "clouds"))]
            Self::Bucket(_) => anyhow::bail!("this program was built without buckets"),
        }
    }
}

/// What is larger than a few MiB is spooled among the machine's temporary files.
#[cfg(feature = "clouds")]
fn bucket(url: &Url) -> Result<Arc<dyn ArtifactStore>> {
    leviathan_http::client::ensure_tls_provider();
    let said = std::env::vars_os().filter_map(|(name, value)| {
        Some((name.into_string().ok()?.to_ascii_lowercase(), value.into_string().ok()?))
    });
    let (objects, prefix) = object_store::parse_url_opts(url, said)?;
    let objects = object_store::prefix::PrefixStore::new(objects, prefix);
    Ok(Arc::new(ObjectArtifactStore::new(Arc::new(objects), std::env::temp_dir())))
}
