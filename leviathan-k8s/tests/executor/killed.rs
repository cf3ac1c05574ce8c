//! A host that is killed at each point of an attempt's life, also while the API server fails.

use crate::cluster::{CREATED, Cluster, done, end_of, soon, spec};
use crate::secrets::Marked;
use leviathan_core::executor::{AttemptSpec, End, Executor};
use leviathan_test_kube_api::Failing;
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

/// What stands in the log, which outlives hosts.
#[derive(Default)]
struct Log {
    outcome: RefCell<Option<End>>,
    released: Cell<bool>,
}

/// What a host does for an attempt, as the log says: launch it, record its outcome, release it.
async fn host(cluster: &Cluster, spec: &AttemptSpec, log: &Log) {
    let executor = cluster.builder().tokens(Arc::new(Marked)).build().await.unwrap();
    if log.outcome.borrow().is_none() {
        done(|| executor.launch(spec, &CREATED)).await;
        let end = end_of(&executor, &spec.attempt_id).await;
        log.outcome.replace(Some(end));
    }
    done(|| executor.release(&spec.attempt_id)).await;
    log.released.set(true);
}

/// The attempt ran once and has one outcome, a good one, and nothing of it is left.
fn is_in_order(cluster: &Cluster, spec: &AttemptSpec, log: &Log) {
    let end = log.outcome.borrow();
    let end = end.as_ref().expect("it has an outcome");
    assert_eq!((end.exit_code, end.artifacts.len()), (Some(0), 1), "{end:?}");
    assert_eq!(cluster.starts(&spec.attempt_id), 1);
    assert!(cluster.api.jobs().is_empty() && cluster.api.secrets().is_empty());
    assert_eq!(cluster.api.refused(), Vec::<String>::new());
}

/// Kills the host once so many requests have reached the API server.
async fn killed_after(requests: usize, cluster: &Cluster, spec: &AttemptSpec, log: &Log) {
    let reached = cluster.api.calls().len() + requests;
    let reached = async {
        while cluster.api.calls().len() < reached {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        () = reached => {}
        () = soon(host(cluster, spec, log)) => {}
    }
}

#[tokio::test]
async fn at_each_of_its_awaits() {
    let spec = spec("1", "succeed");
    let mut kills = 0;
    loop {
        let (cluster, log, mut left) = (Cluster::start(), Log::default(), kills);
        {
            let mut host = pin!(host(&cluster, &spec, &log));
            soon(std::future::poll_fn(|context| {
                if left == 0 {
                    return Poll::Ready(());
                }
                left -= 1;
                host.as_mut().poll(context)
            }))
            .await;
        }
        if log.released.get() {
            break;
        }
        host(&cluster, &spec, &log).await;
        is_in_order(&cluster, &spec, &log);
        kills += 1;
    }
    println!("killed at {kills} awaits");
    assert!(kills > 5);
}

#[tokio::test]
async fn at_each_request_that_reaches_the_api_server() {
    let spec = spec("1", "succeed");
    let mut kills = 0;
    loop {
        let (cluster, log) = (Cluster::start(), Log::default());
        killed_after(kills + 1, &cluster, &spec, &log).await;
        if log.released.get() {
            break;
        }
        host(&cluster, &spec, &log).await;
        is_in_order(&cluster, &spec, &log);
        kills += 1;
    }
    println!("killed at {kills} requests");
    assert!(kills > 8);
}

#[tokio::test]
async fn again_and_again_while_requests_fail_in_any_way() {
    let requests = [
        ("create", "jobs"),
        ("create", "secrets"),
        ("get", "jobs"),
        ("delete", "jobs"),
        ("list", "jobs"),
        ("list", "pods"),
        ("watch", "jobs"),
        ("watch", "pods"),
        ("get", "pods/log"),
    ];
    let ways = [
        Failing::Status(500),
        Failing::TooMany(Duration::from_secs(1)),
        Failing::HangUp,
        Failing::HangUpAfter,
        Failing::StatusAfter(504),
    ];
    let spec = spec("1", "succeed");
    for seed in 0..15u64 {
        let (cluster, log, mut draw) = (Cluster::start(), Log::default(), Draw(seed));
        for _ in 0..4 {
            let (verb, resource) = requests[draw.below(requests.len())];
            cluster.api.fail(1, verb, resource, ways[draw.below(ways.len())]);
        }
        for _ in 0..4 {
            killed_after(1 + draw.below(10), &cluster, &spec, &log).await;
        }
        host(&cluster, &spec, &log).await;
        assert!(cluster.starts(&spec.attempt_id) == 1, "seed {seed}");
        is_in_order(&cluster, &spec, &log);
    }
}

/// splitmix64.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut drawn = self.0;
        drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((drawn ^ (drawn >> 31)) % limit as u64) as usize
    }
}
