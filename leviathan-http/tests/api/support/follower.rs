//! `Follower`: a client of the stream of events.

use super::{Api, OPERATOR, soon};
use futures::StreamExt;
use futures::stream::BoxStream;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;

pub(crate) struct Follower {
    headers: HeaderMap,
    bytes: BoxStream<'static, Option<bytes::Bytes>>,
    text: String,
}

/// An event of the stream.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) id: Option<u64>,
    pub(crate) kind: Option<String>,
    pub(crate) data: Value,
}

impl Follower {
    pub(crate) async fn start(api: &Api, query: &str, last_event_id: Option<&str>) -> Self {
        let mut request =
            api.request(Method::GET, &format!("/v1/events/stream{query}")).bearer_auth(OPERATOR);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let response = soon(request.send()).await.unwrap();
        assert_eq!(response.status(), 200);
        let headers = response.headers().clone();
        Self { headers, bytes: response.bytes_stream().map(Result::ok).boxed(), text: String::new() }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// The next event; none when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<Told> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let field =
                    |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                let told = field("data").map(|data| Told {
                    id: field("id").map(|id| id.parse().unwrap()),
                    kind: field("event").map(str::to_owned),
                    data: serde_json::from_str(data).unwrap(),
                });
                self.text = rest.to_owned();
                if told.is_some() {
                    return told;
                }
            }
            let chunk = soon(self.bytes.next()).await??;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The positions of the next events, which must come.
    pub(crate) async fn next_positions(&mut self, count: usize) -> Vec<u64> {
        let mut positions = Vec::new();
        while positions.len() < count {
            positions.push(self.next().await.unwrap().id.unwrap());
        }
        positions
    }
}
