//! Check runs and policies that speak for an attempt or against it are counted.

use crate::support::*;
use leviathan_core::event::Event;
use leviathan_core::event::payload::{PolicyReceipt, TestsFields};
use leviathan_core::graph::Graph;
use leviathan_core::id::AttemptId;
use leviathan_core::log::Hash;

fn ran(attempt: &AttemptId, round: u32) -> TestsFields {
    TestsFields {
        attempt_id: attempt.clone(),
        command: "make test".to_owned(),
        exit_code: None,
        duration_ms: None,
        output_sha256: None,
        round,
    }
}

fn receipt(attempt: &AttemptId, policy: Option<&[u8]>, verdict: &str) -> Event {
    Event::PolicyReceipt(PolicyReceipt {
        attempt_id: attempt.clone(),
        task_id: None,
        base_commit: COMMIT.to_owned(),
        head_commit: None,
        tree: COMMIT.to_owned(),
        changed_paths: vec!["docs/a".to_owned()],
        changed_paths_left_out: 0,
        policy_sha256: policy.map(Hash::of),
        verdict: verdict.to_owned(),
        violations: Vec::new(),
        violations_left_out: 0,
        not_in_tree: 0,
    })
}

/// Check runs, policies, and what supports, contests and authorizes.
fn counted(graph: &Graph) -> [u64; 5] {
    let totals = graph.totals();
    let node = |kind: &str| totals.nodes_by_type.get(kind).copied().unwrap_or_default();
    let edge = |kind: &str| totals.edges_by_type.get(kind).copied().unwrap_or_default();
    [node("TestRun"), node("PolicySnapshot"), edge("SUPPORTS"), edge("CONTESTS"), edge("AUTHORIZED_BY")]
}

#[test]
fn a_check_that_ended_is_a_run_that_supports_or_contests_its_attempt() {
    let mut world = World::with(["docs"]);
    let attempt = world.run("docs");
    world.says([1, 2].map(|round| Event::TestsStarted(ran(&attempt, round))));
    assert_eq!(counted(&world.graph), [0; 5], "one that only began says nothing");
    world.says([Event::TestsFailed(ran(&attempt, 1)), Event::TestsPassed(ran(&attempt, 2))]);
    assert_eq!(counted(&world.graph), [2, 0, 1, 1, 0]);
    assert_eq!(world.replayed().digest(), world.graph.digest());
}

#[test]
fn a_policy_counts_once_for_each_of_its_texts_and_each_verdict_counts() {
    let mut world = World::with(["docs"]);
    let attempt = world.run("docs");
    let (old, new) = (Some(b"checks: []".as_slice()), Some(b"checks: [true]".as_slice()));
    world.says([receipt(&attempt, old, "refused"), receipt(&attempt, old, "allowed")]);
    world.says([receipt(&attempt, new, "allowed")]);
    let expected = [0, 2, 0, 1, 2];
    assert_eq!(counted(&world.graph), expected);
    world.says([receipt(&attempt, None, "allowed"), receipt(&attempt, new, "perhaps")]);
    assert_eq!(counted(&world.graph), expected, "without a policy or a verdict nothing is said");
    assert_eq!(world.replayed().digest(), world.graph.digest());
    let read = Graph::from_snapshot(&world.graph.snapshot()).unwrap();
    assert_eq!((counted(&read), read.digest()), (expected, world.graph.digest()));
}
