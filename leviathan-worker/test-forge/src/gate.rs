//! `Gate`: where a test holds whoever asks one of its servers.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::watch;

/// The side of a request on which it is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Nothing of it is done.
    Before,
    /// All of it is done, and whoever asked does not know.
    After,
}

/// Lies in front of several servers, notes in order what they are asked, and holds one of the requests until it is opened.
/// Clones are the same gate.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    state: Arc<Mutex<State>>,
    held: watch::Sender<bool>,
    opened: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    passed: Vec<String>,
    hold: Option<(Which, Side)>,
}

/// The request that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Which {
    Numbered(usize),
    /// The next one that begins like this.
    Next(String),
}

impl Gate {
    /// Puts the gate in front of a server. `name` begins the words by which its requests are noted.
    pub fn before(&self, name: &'static str, router: Router) -> Router {
        let gate = self.clone();
        router.layer(from_fn(move |request: Request, next: Next| {
            let gate = gate.clone();
            async move {
                let number = gate.note(format!("{name} {} {}", request.method(), request.uri()));
                gate.stand_if(number, Side::Before).await;
                let response = next.run(request).await;
                gate.stand_if(number, Side::After).await;
                response
            }
        }))
    }

    /// Holds the request of this number, counted from 0, on one side of what it asks for.
    pub fn hold(&self, number: usize, side: Side) {
        self.state().hold = Some((Which::Numbered(number), side));
    }

    /// Holds the next request whose words begin like this. Who is held already stays so.
    pub fn hold_next(&self, words: &str, side: Side) {
        self.held.send_replace(false);
        self.state().hold = Some((Which::Next(words.to_owned()), side));
    }

    /// Lets go whoever is held, and holds nobody more.
    pub fn open(&self) {
        self.state().hold = None;
        self.held.send_replace(false);
        self.opened.send_replace(());
    }

    /// Ends once a request is held.
    ///
    /// # Panics
    /// Never: the gate itself keeps the channel open.
    pub async fn holds(&self) {
        self.held.subscribe().wait_for(|held| *held).await.unwrap();
    }

    /// What was asked, in order: the server's name, the method and the path.
    pub fn passed(&self) -> Vec<String> {
        self.state().passed.clone()
    }

    fn note(&self, request: String) -> usize {
        let mut state = self.state();
        let number = state.passed.len();
        if matches!(&state.hold, Some((Which::Next(words), _)) if request.starts_with(words.as_str())) {
            state.hold = state.hold.take().map(|(_, side)| (Which::Numbered(number), side));
        }
        state.passed.push(request);
        number
    }

    async fn stand_if(&self, number: usize, side: Side) {
        let held = self.state().hold == Some((Which::Numbered(number), side));
        if held {
            let mut opened = self.opened.subscribe();
            self.held.send_replace(true);
            opened.changed().await.unwrap();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}
