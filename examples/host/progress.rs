//! `Progress`: what a person sees while the host works: lines that stay and, on a terminal, one that moves.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::time::Duration;

/// Lines on standard output, above a moving line where there is a terminal.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    moving: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        let terminal = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
        let moving = terminal.then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { moving }
    }

    /// Prints a line that stays.
    pub(crate) fn line(&self, line: &str) {
        let print = || {
            // Nobody who reads this is left if it can't be written.
            let _ = writeln!(std::io::stdout(), "{line}");
        };
        match &self.moving {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Says what goes on, where there is a terminal.
    pub(crate) fn status(&self, status: String) {
        if let Some(bar) = &self.moving {
            bar.set_message(status);
        }
    }

    /// Takes the moving line away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.moving {
            bar.finish_and_clear();
        }
    }
}
