//! `Witness`: what somebody kept of a log, by which it is seen whether it was cut or written anew.

use anyhow::{Context, Result};
use clap::Args;
use leviathan_core::log::{BadHead, Expected, Head};
use leviathan_http::checkpoint::{CheckpointPublicKey, SignedCheckpoint};
use std::path::PathBuf;

/// What somebody kept of a log.
#[derive(Debug, Args)]
pub(crate) struct Witness {
    /// The head that the log must end at, as the host printed it. Without it a cut or lengthened tail goes unseen.
    #[arg(long, value_name = "POSITION:HASH")]
    head: Option<Head>,
    /// A head that the log must pass, since it stood there once: from the trailer Leviathan-Log-Head of a commit, with or
    /// without that name. May be given several times.
    #[arg(long, value_name = "POSITION:HASH", value_parser = witnessed)]
    passes: Vec<Head>,
    /// A signed checkpoint, as the API gave it, whose head the log must pass. May be given several times.
    #[arg(long, value_name = "FILE", requires = "key")]
    checkpoint: Vec<PathBuf>,
    /// The public key of the checkpoints, in hex digits, kept from before.
    #[arg(long, value_name = "HEX", value_parser = public_key)]
    key: Option<CheckpointPublicKey>,
}

/// A head as a commit's trailer has it.
fn witnessed(text: &str) -> Result<Head, BadHead> {
    text.trim_start_matches("Leviathan-Log-Head:").trim().parse()
}

fn public_key(text: &str) -> Result<CheckpointPublicKey, String> {
    text.parse().map_err(|_| "expected a public key as 64 hex digits".to_owned())
}

impl Witness {
    /// What the log must be, by the word of those who kept something. A checkpoint that its key did not sign says nothing.
    pub(crate) fn expected(&self) -> Result<Expected> {
        let mut passes = self.passes.clone();
        for file in &self.checkpoint {
            let key = self.key.context("--key says by which key checkpoints are signed")?;
            let read = || -> Result<Head> {
                let signed: SignedCheckpoint = serde_json::from_slice(&std::fs::read(file)?)?;
                Ok(signed.verify(&key)?.head)
            };
            passes.push(
                read().with_context(|| format!("the checkpoint {} can't be relied on", file.display()))?,
            );
        }
        Ok(Expected { end: self.head, passes })
    }
}
