//! `ServerError`: why there is no server.

/// Why no server could be started or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// Postgres is not installed where it usually is.
    #[error(
        "no Postgres server is installed here: neither on the PATH nor in {0} are initdb, pg_ctl, postgres and psql. \
         Install one (Debian: apt-get install postgresql), or set LEVIATHAN_TEST_POSTGRES_URL to a server where a \
         superuser may make databases and roles"
    )]
    NotInstalled(String),
    /// A program of Postgres failed.
    #[error("{program} failed: {said}")]
    Failed {
        /// Which one.
        program: String,
        /// What it said.
        said: String,
    },
    /// The system refused.
    #[error("cannot {what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// This needs a server that can be stopped.
    #[error("the URL {0:?} is none that a database's name can be put into")]
    BadUrl(String),
}

impl ServerError {
    /// For `map_err`.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
