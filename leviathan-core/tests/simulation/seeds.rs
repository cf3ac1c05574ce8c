//! Which seeds are run, on how many threads, and what is said of one that fails.

use super::simulation::{Outcome, simulate};
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// The seeds to run: `LEVIATHAN_SEED` names one, `LEVIATHAN_SEEDS` says how many, else there are `usual` of them.
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests says how many seeds there are")]
pub(crate) fn asked_for(usual: u64) -> Range<u64> {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    match number("LEVIATHAN_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("LEVIATHAN_SEEDS").unwrap_or(usual),
    }
}

/// Runs seeds on as many threads as there are processors, each seed on one, until one fails. `before` is called on each
/// thread. The failed one of the lowest number among those that were run.
pub(crate) fn first_failing(seeds: Range<u64>, before: impl Fn() + Sync) -> Option<Outcome> {
    let next = AtomicU64::new(seeds.start);
    let failed = Mutex::new(None::<Outcome>);
    let verbose = seeds.end - seeds.start == 1;
    let work = || {
        before();
        while failed.lock().unwrap().is_none() {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return;
            }
            let outcome = simulate(seed, verbose);
            if outcome.verdict.is_err() {
                let mut failed = failed.lock().unwrap();
                if failed.as_ref().is_none_or(|other| other.seed > seed) {
                    *failed = Some(outcome);
                }
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        (0..threads).for_each(|_| _ = scope.spawn(work));
    });
    failed.into_inner().unwrap()
}
