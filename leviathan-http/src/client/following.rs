//! Following the log over HTTP, however often the connection is lost.

use super::{ClientError, ControlPlane, answer};
use crate::Problem;
use crate::view::EventView;
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use eventsource_stream::{Event, EventStreamError, Eventsource};
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt};
use leviathan_core::log::Position;
use reqwest::{Method, header};
use std::time::Duration;

/// The pause after the first loss of a connection. Each further one in a row is twice as long, with jitter.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause, unless the control plane asks for a longer one.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

type Events = BoxStream<'static, Result<Event, EventStreamError<reqwest::Error>>>;

/// How far a follower came, and what it reads.
struct Following {
    control_plane: ControlPlane,
    after: Position,
    name: String,
    events: Option<Events>,
    pauses: ExponentialBackoff,
}

/// The events behind `after`, and what comes, each once and in order. Ends with the first error that trying again would not
/// change.
pub(super) fn follow(
    control_plane: ControlPlane,
    after: Position,
) -> impl Stream<Item = Result<EventView, ClientError>> + Send + use<> {
    let name = String::new();
    let following = Following { control_plane, after, name, events: None, pauses: pauses() };
    stream::unfold(Some(following), |following| async {
        let mut following = following?;
        match following.next().await {
            Ok(event) => Some((Ok(event), Some(following))),
            Err(error) => Some((Err(error), None)),
        }
    })
}

fn pauses() -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(FIRST_PAUSE)
        .with_max_delay(LONGEST_PAUSE)
        .without_max_times()
        .with_jitter()
        .build()
}

impl Following {
    async fn next(&mut self) -> Result<EventView, ClientError> {
        loop {
            match self.try_next().await {
                Ok(event) if event.position == self.after.next() => {
                    self.after = event.position;
                    self.pauses = pauses();
                    return Ok(event);
                }
                Ok(event) => {
                    let what = format!("behind position {} it gave {}", self.after, event.position);
                    return Err(ClientError::BadAnswer { request: self.name.clone(), what });
                }
                Err(error) if error.is_temporary() => {
                    self.events = None;
                    let pause = error.retry_after().max(self.pauses.next()).unwrap_or(LONGEST_PAUSE);
                    tracing::debug!(%error, ?pause, "following the log again");
                    tokio::time::sleep(pause).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn try_next(&mut self) -> Result<EventView, ClientError> {
        let events = match &mut self.events {
            Some(events) => events,
            none => none.insert(connect(&self.control_plane, self.after, &mut self.name).await?),
        };
        let lost = |what: String| ClientError::NoAnswer { request: self.name.clone(), tries: 1, what };
        let event = match events.next().await {
            None => return Err(lost("the stream ended".to_owned())),
            Some(Err(EventStreamError::Transport(error))) => {
                return Err(answer::no_answer(&self.name, error));
            }
            Some(Err(error)) => return Err(lost(error.to_string())),
            Some(Ok(event)) => event,
        };
        let bad = |error: serde_json::Error| ClientError::BadAnswer {
            request: self.name.clone(),
            what: error.to_string(),
        };
        if event.event == "error" {
            let problem: Problem = serde_json::from_str(&event.data).map_err(bad)?;
            return Err(ClientError::Refused { request: self.name.clone(), tries: 1, problem });
        }
        serde_json::from_str(&event.data).map_err(bad)
    }
}

async fn connect(
    control_plane: &ControlPlane,
    after: Position,
    name: &mut String,
) -> Result<Events, ClientError> {
    let request = control_plane
        .request_with(Method::GET, &["v1", "events", "stream"], &[("after", after.to_string())])
        .header(header::ACCEPT, "text/event-stream");
    let (sent, response) = control_plane.send(request).await?;
    *name = sent;
    Ok(response.bytes_stream().eventsource().boxed())
}
