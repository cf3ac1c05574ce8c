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
}

#[derive(Debug, Default)]
struct State {
    passed: Vec<String>,
    hold: Option<(usize, Side)>,
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
        self.state().hold = Some((number, side));
    }

    /// Lets go whoever is held, and holds nobody more.
    pub fn open(&self) {
        self.state().hold = None;
        self.held.send_replace(false);
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
        state.passed.push(request);
        state.passed.len() - 1
    }

    async fn stand_if(&self, number: usize, side: Side) {
        let held = self.state().hold == Some((number, side));
        if held {
            self.held.send_replace(true);
            self.held.subscribe().wait_for(|held| !held).await.unwrap();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}
