//! The worker is killed at each of its steps, and the next attempt does the work.

use crate::processes::{Victim, kill};
use crate::room::{Came, Room};
use futures::StreamExt;
use leviathan_core::executor::Cause;
use leviathan_core::graph::Outcome;
use leviathan_test_forge::Side;

/// How many rooms there are at once.
const ROOMS: usize = 3;

/// Where a worker is killed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// While agent or check is at this point.
    Program(&'static str),
    /// Before or after what the request of this number asks for was done.
    Request(usize, Side, String),
}

impl Step {
    /// Whether the worker has left its final message by then: that comes before it says anything to the API.
    fn is_behind_final_message(&self) -> bool {
        matches!(self, Self::Request(_, _, request) if request.starts_with("api "))
    }

    /// Whether the worker's report has reached the log by then.
    fn is_behind_report(&self) -> bool {
        matches!(self, Self::Request(_, Side::After, request) if request.ends_with("/v1/events/ingest"))
    }
}

/// Every step of an attempt that nobody disturbs.
async fn steps() -> Vec<Step> {
    let room = Room::new(120).await;
    room.api.come().await;
    room.work().await;
    room.is_done_once("undisturbed");
    assert_eq!(room.came(), [Came { outcome: Outcome::Succeeded { unconfirmed: false }, reported: true }]);
    let requests = room.gate.passed();
    for kind in [
        "git GET /acme/radix.git/info/refs?service=git-upload-pack",
        "git POST /acme/radix.git/git-upload-pack",
        "git GET /acme/radix.git/info/refs?service=git-receive-pack",
        "git POST /acme/radix.git/git-receive-pack",
        "forge GET /repos/acme/radix/pulls?",
        "forge POST /repos/acme/radix/pulls",
        "api PUT /v1/artifacts/",
        "api POST /v1/events/ingest",
    ] {
        assert!(requests.iter().any(|request| request.starts_with(kind)), "{kind} is not in {requests:#?}");
    }
    let sides = |(number, request): (usize, String)| {
        [Side::Before, Side::After].map(|side| Step::Request(number, side, request.clone()))
    };
    let programs = ["agent-1", "check-1", "agent-2", "check-2"].map(Step::Program);
    programs.into_iter().chain(requests.into_iter().enumerate().flat_map(sides)).collect()
}

/// Kills at a step, lets the next attempt do the work, and holds what came out against what should.
async fn killed_at(step: Step, victim: Victim) {
    let room = Room::new(120).await;
    room.api.come().await;
    match &step {
        Step::Program(name) => room.hold(name),
        Step::Request(number, side, _) => room.gate.hold(*number, *side),
    }
    let kill = async {
        match &step {
            Step::Program(name) => room.holds(name).await,
            Step::Request(..) => room.gate.holds().await,
        }
        kill(&room.state(), victim);
    };
    tokio::join!(room.work(), kill);

    let about = format!("{victim:?} killed at {step:?}");
    room.is_done_once(&about);
    let success = Came { outcome: Outcome::Succeeded { unconfirmed: false }, reported: true };
    let reported = step.is_behind_report();
    let expected = match victim {
        // An exit that is none of success goes before what the worker says of itself.
        Victim::Worker => {
            let outcome = Outcome::Failed(Cause::ExitCode(137));
            vec![Came { outcome, reported }, success]
        }
        Victim::All if step.is_behind_final_message() => {
            vec![Came { outcome: Outcome::Succeeded { unconfirmed: true }, reported }]
        }
        Victim::All => vec![Came { outcome: Outcome::Failed(Cause::Lost), reported }, success],
    };
    assert_eq!(room.came(), expected, "{about}");
}

async fn killed_everywhere(victim: Victim) {
    let steps = steps().await;
    let rooms = steps.into_iter().map(|step| tokio::spawn(killed_at(step, victim)));
    let ended: Vec<_> = futures::stream::iter(rooms).buffer_unordered(ROOMS).collect().await;
    ended.into_iter().for_each(|ended| ended.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_at_any_step_leaves_the_next_attempt_one_branch_and_one_pull_request() {
    killed_everywhere(Victim::Worker).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_dies_at_any_step_costs_no_more_than_the_work_that_was_not_vouched_for() {
    killed_everywhere(Victim::All).await;
}
