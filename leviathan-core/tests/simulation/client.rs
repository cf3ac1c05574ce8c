//! `Client`: whoever sends commands from outside: through any host, not for ever patient, and sure only of what was
//! acknowledged.

use super::hosts::Hosts;
use super::invariants::acknowledged_once;
use futures::future::{self, Either};
use leviathan_core::SubmitError;
use leviathan_core::decide::Command;
use leviathan_core::graph::Graph;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) hosts: Arc<Hosts>,
    /// How many are under way.
    busy: Arc<Mutex<usize>>,
}

/// What a client hears.
pub(crate) enum Answer {
    Done,
    Refused,
    /// It may have been recorded or not.
    None,
}

impl Client {
    pub(crate) fn new(hosts: Arc<Hosts>) -> Self {
        Self { hosts, busy: Arc::default() }
    }

    /// Sends a command once.
    pub(crate) async fn send(&self, command: Command) -> Answer {
        let sim = &self.hosts.sim;
        sim.dawdle().await;
        let Some((author, ledger)) = self.hosts.any() else { return Answer::None };
        let patience = if sim.one_in(10) { 1 } else { 60 };
        let submitted = Box::pin(ledger.submit(command.clone()));
        let answer = match future::select(submitted, Box::pin(sim.sleep(Duration::from_secs(patience)))).await
        {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => return Answer::None,
        };
        match answer {
            Ok(receipt) => {
                acknowledged_once::check(sim, &self.hosts.disk, author, &command, &receipt);
                if sim.one_in(15) && !sim.is_calm() { Answer::None } else { Answer::Done }
            }
            Err(SubmitError::Rejected(_)) => Answer::Refused,
            Err(_) => Answer::None,
        }
    }

    /// Sends it until it is heard. Whether it was taken.
    pub(crate) async fn insist(&self, command: Command) -> bool {
        loop {
            match self.send(command.clone()).await {
                Answer::Done => return true,
                Answer::Refused => return false,
                Answer::None => self.hosts.sim.sleep(self.hosts.sim.span(Duration::from_secs(10))).await,
            }
        }
    }

    /// What some host that is up knows.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&Graph) -> R) -> Option<R> {
        self.hosts.any().map(|(_, ledger)| ledger.read(look))
    }

    /// Counts as under way for as long as it lives.
    pub(crate) fn busy(&self) -> Busy {
        *self.busy.lock().unwrap() += 1;
        Busy(self.busy.clone())
    }

    pub(crate) fn is_busy(&self) -> bool {
        *self.busy.lock().unwrap() > 0
    }
}

pub(crate) struct Busy(Arc<Mutex<usize>>);

impl Drop for Busy {
    fn drop(&mut self) {
        *self.0.lock().unwrap() -= 1;
    }
}
