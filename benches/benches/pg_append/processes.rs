//! `processes`: two processes that append to one log, each with half of the writers.

use crate::store::store;
use leviathan_benches::{Load, Outcome, Rate, ledger};
use std::env;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Names the load of a process that this bench started.
const LOAD: &str = "LEVIATHAN_BENCH_LOAD";
const URL: &str = "LEVIATHAN_BENCH_URL";
const WAY: &str = "LEVIATHAN_BENCH_WAY";

/// By what both processes append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Store,
    Ledger,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Ledger => "ledger",
        }
    }

    async fn run(self, url: &str, load: Load) -> Outcome<Rate> {
        match self {
            Self::Store => store(url, load).await,
            Self::Ledger => ledger(url, load).await,
        }
    }
}

/// What both come to together.
pub(crate) async fn two(way: Way, url: &str, load: Load) -> Outcome<Rate> {
    let half = Load { writers: load.writers / 2, ..load };
    // Begun beforehand, and with its schema, so that neither waits for the other.
    way.run(url, Load { writers: 1, time: Duration::from_millis(1), first: 1000, ..half }).await?;
    let mut children = Vec::new();
    for first in [0, half.writers] {
        let said = format!("{} {} {} {first}", half.writers, half.bundle, half.time.as_millis());
        let mut command = Command::new(env::current_exe()?);
        command
            .env(LOAD, said)
            .env(URL, url)
            .env(WAY, way.name())
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        children.push(command.spawn()?);
    }
    let mut sum = 0.0;
    for mut child in children {
        let mut said = String::new();
        if let Some(mut output) = child.stdout.take() {
            output.read_to_string(&mut said)?;
        }
        child.wait()?;
        sum += said.trim().parse::<f64>()?;
    }
    Ok(Rate(sum))
}

/// In such a process: measures, and says its rate. None in the bench itself.
pub(crate) async fn half() -> Outcome<Option<Rate>> {
    let (Ok(load), Ok(url), Ok(way)) = (env::var(LOAD), env::var(URL), env::var(WAY)) else {
        return Ok(None);
    };
    let way = [Way::Store, Way::Ledger].into_iter().find(|known| known.name() == way);
    let way = way.ok_or_else(|| format!("{WAY} names no way to append"))?;
    let numbers: Vec<usize> = load.split(' ').map(str::parse).collect::<Result<_, _>>()?;
    let &[writers, bundle, millis, first] = numbers.as_slice() else {
        return Err(format!("{LOAD} is {load:?}, expected four numbers").into());
    };
    let time = Duration::from_millis(u64::try_from(millis)?);
    Ok(Some(way.run(&url, Load { writers, bundle, time, first }).await?))
}
