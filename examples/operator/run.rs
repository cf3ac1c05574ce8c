//! Doing what the command line says.

use super::cli::{Cli, Command};
use super::output::Output;
use super::{events, lists, log_of, orders, tables, verifying};
use anyhow::{Context, Result};
use leviathan_core::Secret;
use leviathan_core::graph::TaskKey;
use leviathan_http::client::ControlPlane;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const TOKEN: &str = "LEVIATHAN_CONTROL_PLANE_TOKEN";

pub(crate) async fn run(cli: Cli) -> Result<ExitCode> {
    let control_plane = ControlPlane::new(&cli.url, token(&cli)?)?;
    let asking = control_plane.asking_until(Instant::now() + Duration::from_secs(cli.timeout.get()));
    let output = Output { json: cli.json };
    match cli.command {
        Command::Summary => output.show(&asking.summary().await?, tables::summary)?,
        Command::Attempts { of, task, status } => {
            output.show(&lists::attempts(asking, of, task, status).await?, |all| tables::attempts(all))?;
        }
        Command::Attempt { id } => output.show(&asking.attempt(&id).await?, tables::attempt)?,
        Command::Failures { of } => {
            output.show(&lists::failures(asking, of).await?, |all| tables::failures(all))?;
        }
        Command::Tasks { of, status } => {
            output.show(&lists::tasks(asking, of, status).await?, |all| tables::tasks(all))?;
        }
        Command::Task(one) => {
            output.show(&asking.task(&TaskKey::new(one.target, one.task)).await?, tables::task)?;
        }
        Command::Events { after, limit, follow } => {
            events::show(&control_plane, asking, after, limit.get(), follow, output).await?;
        }
        Command::Export { file, after } => events::export(asking, after, file.as_deref()).await?,
        Command::Verify(witness) => return verifying::verify(asking, &witness, output).await,
        Command::Log { id, name, output: file } => {
            log_of::show(&control_plane, asking, &id, name, file).await?
        }
        order => orders::carry_out(asking, order, output).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Never on the command line, where everybody on the machine reads it.
fn token(cli: &Cli) -> Result<Secret> {
    let list = match &cli.token_file {
        Some(file) => std::fs::read_to_string(file)
            .with_context(|| format!("the token's file {} can't be read", file.display()))?,
        None => std::env::var(TOKEN).unwrap_or_default(),
    };
    let first = list.split(',').map(str::trim).find(|token| !token.is_empty());
    first
        .map(Secret::new)
        .with_context(|| format!("there is no token: {TOKEN} or --token-file gives the operator's"))
}
