//! Each suite holds for the implementation in memory, and each of its promises catches an implementation that breaks it.

#![allow(clippy::unwrap_used, reason = "what a helper of a test cannot do fails the test")]

mod artifact_store;
mod event_store;
mod executor;

/// The runtime that all harnesses here use.
fn block_on<F: Future>(test: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}

/// Says which promise of a suite's `source` is not among `tried`, or is tried but no promise.
#[track_caller]
fn assert_all_promises(source: &str, tried: &[&str]) {
    let declared =
        source.lines().filter_map(|line| line.strip_prefix("pub async fn ")?.split(['<', '(']).next());
    let named = |name: &&str| source.contains(&format!("            {name}\n"));
    let declared: Vec<_> = declared.collect();
    assert!(
        !declared.is_empty() && declared.iter().all(named),
        "the suite's macro leaves a promise out: {declared:?}"
    );
    assert_eq!(declared, tried, "each promise needs a flawed implementation that it catches");
}
