//! The host is killed with `kill -9` at moments drawn over its whole run, and the same command goes on from there.
//!
//! Each round kills one host and lets the next finish. It then holds: every task came out as it does undisturbed, with
//! as many attempts; a counter in the agent, outside our code, saw each attempt start once; every event that was
//! acknowledged to a client of the API, and every one that the killed host printed, is in the log where it was; and the
//! log verifies to the head that was printed.
//!
//! `LEVIATHAN_KILLS=1000 cargo test -p leviathan-examples kill` kills a thousand times; `LEVIATHAN_SEED` repeats a
//! run's draws. A run prints both.

use crate::draw::Draw;
use crate::faults;
use crate::program::program;
use crate::round::{Moment, Round, Tally};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// How many rounds there are unless the environment says otherwise.
const KILLS: usize = 25;
/// Rounds that run side by side: a host mostly waits for its agents.
const SIDE_BY_SIDE: usize = 3;

/// A number from the environment.
pub(crate) fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} must be a whole number, it is {text:?}")),
        Err(_) => default,
    }
}

#[test]
fn a_host_that_is_killed_at_any_moment_goes_on_and_runs_nothing_twice() {
    let kills = setting("LEVIATHAN_KILLS", KILLS as u64) as usize;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let seed = setting("LEVIATHAN_SEED", now);
    println!("LEVIATHAN_KILLS={kills} LEVIATHAN_SEED={seed}");
    let program = program("scheduler");
    let shim = faults::build();
    let undisturbed = Round::undisturbed(&program);

    let next = AtomicUsize::new(0);
    let tally = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        let rounds = || {
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                if number >= kills {
                    return;
                }
                // A fifth while appending, a fifth while a worker lives, the others at any time.
                let moment = match number % 5 {
                    0 => Moment::WithinAppend,
                    1 => Moment::WorkerAlive,
                    _ => Moment::AnyTime,
                };
                let mut draw = Draw::new(seed.wrapping_add(number as u64));
                // A host that had ended by itself before its moment came is no kill: draw again.
                let mut attempts = std::iter::repeat_with(|| {
                    Round::new(number, &program, &shim).run(moment, &mut draw, &undisturbed)
                });
                let killed = attempts.find_map(|killed| killed).expect("it draws until a host is killed");
                tally.lock().unwrap().add(killed);
            }
        };
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(rounds);
        }
    });

    let tally = tally.into_inner().unwrap();
    println!("{tally}");
    assert!(tally.within_append * 5 >= kills, "too few kills inside an append: {tally}");
    assert!(tally.worker_alive * 5 >= kills, "too few kills with a worker alive: {tally}");
}
