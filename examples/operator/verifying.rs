//! Checking the log of a control plane.

use super::output::Output;
use super::plain::plain;
use crate::witness::Witness;
use anyhow::{Context, Result};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use leviathan_core::log::{Position, verify_lines_with};
use leviathan_http::client::{Asking, Export};
use serde_json::json;
use std::io;
use std::process::ExitCode;
use tokio::runtime::Handle;

/// Fetches the log, checks it line by line in constant memory, and says what was found.
pub(crate) async fn verify(asking: Asking<'_>, witness: &Witness, output: Output) -> Result<ExitCode> {
    let mut expected = witness.expected()?;
    let export = asking.export(Position::START).await?;
    // What it says of itself must hold, too: less is one that broke off.
    expected.passes.push(export.head);
    let lines = Lines { export, rest: BytesMut::new(), runtime: Handle::current() };
    let checked = tokio::task::spawn_blocking(move || verify_lines_with(lines, &expected)).await;
    let verdict = checked.context("the check ended badly")?.context("the log could not be fetched whole")?;
    let (told, code) = match &verdict {
        Ok(head) => {
            let said = json!({"verified": true, "events": head.position, "head": head.to_string()});
            ((said, format!("verified {} events, head {head}", head.position)), ExitCode::SUCCESS)
        }
        Err(fault) => {
            let said = json!({"verified": false, "fault": fault.to_string()});
            ((said, plain(&fault.to_string())), ExitCode::FAILURE)
        }
    };
    output.show(&told.0, |_| told.1)?;
    Ok(code)
}

/// The lines of an export, each with its line feed if it has one, waited for on a thread of their own.
struct Lines {
    export: Export,
    rest: BytesMut,
    runtime: Handle,
}

impl Iterator for Lines {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                return Some(Ok(self.rest.split_to(end + 1).freeze()));
            }
            match self.runtime.block_on(self.export.bytes.next()) {
                Some(Ok(chunk)) => self.rest.extend_from_slice(&chunk),
                Some(Err(error)) => return Some(Err(io::Error::other(error))),
                None if self.rest.is_empty() => return None,
                None => return Some(Ok(self.rest.split().freeze())),
            }
        }
    }
}
