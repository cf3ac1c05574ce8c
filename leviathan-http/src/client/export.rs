//! `Export`: the log on its way, in its verifiable form.

use super::{ClientError, answer};
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use leviathan_core::log::Head;
use reqwest::Response;
use std::fmt;

/// The log on its way, in its verifiable form: NDJSON, cut anywhere.
pub struct Export {
    /// Where it ends. What ends before was broken off, even if no error said so.
    pub head: Head,
    /// Its bytes.
    pub bytes: BoxStream<'static, Result<Bytes, ClientError>>,
}

/// The export of an answer.
pub(super) fn begin(request: String, response: Response) -> Result<Export, ClientError> {
    let said = response.headers().get("leviathan-log-head").and_then(|head| head.to_str().ok());
    let Some(head) = said.and_then(|head| head.parse().ok()) else {
        let what = "it does not say in `Leviathan-Log-Head` where the export ends".to_owned();
        return Err(ClientError::BadAnswer { request, what });
    };
    let failed = move |error| answer::no_answer(&request, error);
    Ok(Export { head, bytes: response.bytes_stream().map(move |chunk| chunk.map_err(&failed)).boxed() })
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").field("head", &self.head).finish_non_exhaustive()
    }
}
