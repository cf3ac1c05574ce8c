//! `Output`: what is printed, for people or for programs.

use super::plain::plain_json;
use anyhow::Result;
use serde::Serialize;
use std::io::Write;

/// What is printed, for people or for programs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub(crate) json: bool,
}

impl Output {
    /// Prints JSON, or what a person is told instead.
    pub(crate) fn show<T: Serialize>(self, value: &T, told: impl FnOnce(&T) -> String) -> Result<()> {
        let text = if self.json { plain_json(&serde_json::to_string(value)?) } else { told(value) };
        self.line(&text)
    }

    /// Prints text and a line feed.
    pub(crate) fn line(self, text: &str) -> Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{text}")?;
        Ok(out.flush()?)
    }
}
