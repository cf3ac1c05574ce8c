//! What operators order.

use super::cli::Command;
use super::output::Output;
use anyhow::{Context, Result, bail};
use leviathan_core::Limits;
use leviathan_core::graph::TaskKey;
use leviathan_http::client::Asking;
use std::io::Read;
use std::path::Path;

pub(crate) async fn carry_out(asking: Asking<'_>, order: Command, output: Output) -> Result<()> {
    match order {
        Command::Cancel { id, because } => {
            let ordered = asking.cancel(&id, &because.reason).await?;
            output.show(&ordered, |_| format!("attempt {id} is told to stop"))
        }
        Command::Invalidate { id, because } => {
            let ordered = asking.invalidate(&id, &because.reason).await?;
            output.show(&ordered, |_| format!("attempt {id} is invalidated"))
        }
        Command::Retry { task, because } => {
            let key = TaskKey::new(task.target, task.task);
            let ordered = asking.retry(&key, &because.reason).await?;
            output.show(&ordered, |_| format!("task {key} may be tried again"))
        }
        Command::Pause { target, because } => {
            let ordered = asking.pause(&target, &because.reason).await?;
            output.show(&ordered, |_| format!("target {target} is paused; what runs goes on"))
        }
        Command::Resume { target, because } => {
            let ordered = asking.resume(&target, &because.reason).await?;
            output.show(&ordered, |_| format!("target {target} goes on"))
        }
        Command::Limits { set, reason } => {
            let limits = match (set, reason) {
                (Some(file), Some(reason)) => asking.change_limits(&read(&file)?, &reason).await?,
                _ => asking.limits().await?,
            };
            let pretty = serde_json::to_string_pretty(&limits)?;
            output.show(&limits, |_| pretty)
        }
        _ => bail!("this is no order"),
    }
}

fn read(file: &Path) -> Result<Limits> {
    let failed = || format!("the limits in {} can't be used", file.display());
    let text = if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).with_context(failed)?;
        text
    } else {
        std::fs::read_to_string(file).with_context(failed)?
    };
    serde_json::from_str(&text).with_context(failed)
}
