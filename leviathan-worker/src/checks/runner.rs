//! `CheckRunner`: runs the repository's commands without any secret.

use super::CheckRun;
use crate::Failure;
use crate::confine::Confinement;
use bytes::Bytes;
use leviathan_core::executor::Cause;
use leviathan_local::process::{CommandSpec, Containment, run_command};
use std::{collections::BTreeMap, ffi::OsString, path::Path, time::Duration};

/// Output kept of one command, in bytes.
const OUTPUT_LIMIT: usize = 512 * 1024;

/// Where and with what the commands run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CheckRunner<'a> {
    /// The checkout.
    pub(crate) checkout: &'a Path,
    /// The whole environment: nobody reviewed what runs here, so it holds no secret.
    pub(crate) env: &'a BTreeMap<OsString, OsString>,
    /// How they are kept in.
    pub(crate) confinement: &'a Confinement,
    /// What is killed when a command ends.
    pub(crate) containment: Containment,
}

impl CheckRunner<'_> {
    /// Runs a command line by `sh -c`.
    ///
    /// # Errors
    /// `config_error` if the shell cannot be started. A command that fails is no error.
    pub(crate) async fn run(
        &self,
        command: &str,
        round: u32,
        time_left: Duration,
    ) -> Result<CheckRun, Failure> {
        let spec = self.confinement.of(CommandSpec {
            program: "sh".into(),
            args: vec!["-c".into(), command.into()],
            env: self.env.clone(),
            cwd: self.checkout.to_owned(),
            stdin: Bytes::new(),
            deadline: time_left,
            output_limit: OUTPUT_LIMIT,
            containment: self.containment,
        });
        let end = run_command(&spec).await.map_err(|error| {
            Failure::new(Cause::ConfigError, format!("the command {command:?} was not run: {error}"))
        })?;
        Ok(CheckRun {
            command: command.to_owned(),
            exit: end.exit,
            duration: end.duration,
            output: end.output.to_bytes(),
            round,
        })
    }
}
