//! How fast events become durable in Postgres: our store and our ledger against rows of the same size inserted without any
//! hash and without any order.
//!
//! Each of 1, 4 and 16 writers waits for its bundle. Of 16 there are also halves in two processes, which share the log. Then the store
//! while somebody holds a snapshot of the database open. Server and client share the machine. Without a server it says so,
//! and measures nothing.
#![allow(clippy::print_stdout, reason = "a bench speaks on the terminal")]

mod held;
mod processes;
mod raw;
mod store;

use leviathan_benches::{Load, Outcome, Rate, Rounds, ledger, server};
use leviathan_test_postgres::Server;
use processes::Way;
use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

const MANY: usize = 16;
/// How long the snapshot is held open.
const HELD: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Outcome<()> {
    if let Some(rate) = processes::half().await? {
        println!("{}", rate.0);
        return Ok(());
    }
    let Some(server) = server("pg_append")? else { return Ok(()) };
    let rounds = Rounds::asked_for();
    println!("append to Postgres, events per second, median of {}", rounds.count);
    if let Some(folder) = server.folder() {
        println!("a write of 8 KiB and fdatasync where the server writes: {:?}", sync_time(folder)?);
    }
    println!(
        "{:>7}  {:>7}  {:>9}  {:>9}  {:>6}  {:>9}  {:>6}  {:>10}  {:>6}  {:>11}  {:>6}",
        "writers",
        "bundle",
        "raw",
        "store",
        "ratio",
        "ledger",
        "ratio",
        "two stores",
        "ratio",
        "two ledgers",
        "ratio"
    );
    for writers in [1, 4, MANY] {
        for bundle in [1, 10, 100] {
            let load = Load { writers, bundle, time: rounds.time, first: 0 };
            line(server, load, rounds.count).await?;
        }
    }
    let time = if rounds.count > 1 { HELD } else { rounds.time };
    let (without, with) = held::held(server, Load { writers: MANY, bundle: 10, time, first: 0 }).await?;
    println!("the store with {MANY} writers and bundles of 10, for {time:?} each:");
    println!("{without} without and {with} with a snapshot held open, ratio {:.2}", with.to(without));
    Ok(())
}

/// Measures one load by all ways, one after the other, so that all see the machine in the same mood.
async fn line(server: &Server, load: Load, rounds: usize) -> Outcome<()> {
    let Load { writers, bundle, .. } = load;
    let mut rates = [const { Vec::new() }; 5];
    for _ in 0..rounds {
        let url = server.new_database()?;
        rates[0].push(raw::raw(&url, load).await?);
        rates[1].push(store::store(&url, load).await?);
        rates[2].push(ledger(&url, load).await?);
        if writers == MANY {
            rates[3].push(processes::two(Way::Store, &server.new_database()?, load).await?);
            rates[4].push(processes::two(Way::Ledger, &server.new_database()?, load).await?);
        }
    }
    let [raw, rates @ ..] = rates.map(Rate::median);
    print!("{writers:>7}  {bundle:>7}  {raw:>9}");
    for (rate, width) in rates.into_iter().zip([9, 9, 10, 11]).filter(|(rate, _)| !rate.0.is_nan()) {
        print!("  {rate:>width$}  {:>6.2}", rate.to(raw));
    }
    println!();
    Ok(())
}

/// The time in the middle of a hundred.
fn sync_time(folder: &std::path::Path) -> Outcome<Duration> {
    let path = folder.join("sync-time");
    let mut file = File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..100 {
        let start = Instant::now();
        file.write_all(&[0; 8192])?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    std::fs::remove_file(path)?;
    times.sort();
    Ok(times[times.len() / 2])
}
