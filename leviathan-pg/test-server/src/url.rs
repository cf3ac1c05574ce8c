//! The URLs of databases of a server.

use crate::ServerError;

/// A URL in which the database can be changed.
#[derive(Debug, Clone)]
pub(crate) struct BaseUrl {
    before: String,
    after: String,
}

impl BaseUrl {
    pub(crate) fn parse(url: &str) -> Result<Self, ServerError> {
        let bad = || ServerError::BadUrl(url.split('@').next_back().unwrap_or_default().to_owned());
        let (scheme, rest) = url.split_once("://").ok_or_else(bad)?;
        let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
        let authority = place.split('/').next().unwrap_or_default();
        let after = query.map(|query| format!("?{query}")).unwrap_or_default();
        Ok(Self { before: format!("{scheme}://{authority}/"), after })
    }

    pub(crate) fn database(&self, name: &str) -> String {
        format!("{}{name}{}", self.before, self.after)
    }
}
