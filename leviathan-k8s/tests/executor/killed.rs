//! A host that is killed at each point of an attempt's life.

use crate::cluster::{CREATED, Cluster, done, end_of, soon, spec};
use crate::secrets::Marked;
use leviathan_core::executor::{AttemptSpec, Executor};
use leviathan_k8s::K8sExecutor;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

async fn host(cluster: &Cluster) -> K8sExecutor {
    cluster.builder().tokens(Arc::new(Marked)).build().await.unwrap()
}

/// What a host does with an attempt, from its launch to its release. Gives whether it ended well.
async fn life(cluster: &Cluster, spec: &AttemptSpec) -> bool {
    let executor = host(cluster).await;
    done(|| executor.launch(spec, &CREATED)).await;
    let end = end_of(&executor, &spec.attempt_id).await;
    done(|| executor.release(&spec.attempt_id)).await;
    end.exit_code == Some(0) && end.artifacts.len() == 1
}

/// After a host was killed: unless it had released the attempt, the next one goes through all of it again.
async fn is_finished_by_the_next(cluster: &Cluster, spec: &AttemptSpec) {
    let released = cluster.api.count("delete", "jobs") > 0;
    if !released {
        assert!(life(cluster, spec).await, "{} has no good end", spec.attempt_id);
    }
    let made = cluster
        .api
        .calls()
        .into_iter()
        .filter(|call| call.verb == "create" && call.resource == "jobs" && call.status == Some(201));
    assert_eq!(made.count(), 1, "{} was not launched once", spec.attempt_id);
}

#[tokio::test]
async fn at_each_of_its_awaits() {
    let spec = spec("1", "succeed");
    let mut kills = 0;
    loop {
        let cluster = Cluster::start();
        let mut left = kills;
        let ended = {
            let mut life = pin!(life(&cluster, &spec));
            soon(std::future::poll_fn(|context| {
                if left == 0 {
                    return Poll::Ready(false);
                }
                left -= 1;
                life.as_mut().poll(context)
            }))
            .await
        };
        if ended {
            break;
        }
        is_finished_by_the_next(&cluster, &spec).await;
        kills += 1;
    }
    println!("killed at {kills} awaits");
    assert!(kills > 5);
}

#[tokio::test]
async fn at_each_request_that_reaches_the_api_server() {
    let spec = spec("1", "succeed");
    let mut kills = 1;
    loop {
        let cluster = Cluster::start();
        let reached = async {
            while cluster.api.calls().len() < kills {
                tokio::task::yield_now().await;
            }
        };
        let ended = tokio::select! {
            biased;
            () = reached => false,
            ended = soon(life(&cluster, &spec)) => ended,
        };
        if ended {
            break;
        }
        is_finished_by_the_next(&cluster, &spec).await;
        kills += 1;
    }
    println!("killed at {kills} requests");
    assert!(kills > 8);
}
