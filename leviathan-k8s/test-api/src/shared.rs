//! `Shared`: the world, and a bell that rings when it changed.

use crate::world::World;
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// The world, and a bell that rings when it changed.
pub(crate) struct Shared {
    world: Mutex<World>,
    bell: watch::Sender<()>,
}

impl Shared {
    pub(crate) fn new(world: World) -> Self {
        Self { world: Mutex::new(world), bell: watch::Sender::new(()) }
    }

    pub(crate) fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let changed = change(&mut self.world.lock().unwrap_or_else(PoisonError::into_inner));
        self.bell.send_replace(());
        changed
    }

    /// Rings after every change from now on.
    pub(crate) fn bell(&self) -> watch::Receiver<()> {
        self.bell.subscribe()
    }
}
