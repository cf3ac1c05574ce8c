//! The worker's program, as an executor starts it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a helper of a test cannot do fails the test"
)]

use futures::StreamExt;
use leviathan_core::Secret;
use leviathan_core::artifact::ArtifactStore;
use leviathan_core::executor::{
    AttemptSpec, Cause, Executor, Observation, Phase, Sighting, worker_env as env,
};
use leviathan_core::id::{TargetId, TaskId};
use leviathan_http::client::ControlPlane;
use leviathan_local::executor::{ProcessExecutor, ProcessExecutorConfig};
use leviathan_test_forge::{FakeGitHub, Fault};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::num::NonZeroU64;
use std::{fs, pin::pin};
use tokio::process::Command;

mod hostile;
mod room;

use room::{Api, GENEROUS, OPERATOR, Room, WORKER, ended, git, until};
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_is_worked_and_told_over_http() {
    let api = Api::start().await;
    let agent = "mkdir docs && echo guide > docs/GUIDE.md && echo agent speaks";
    let room = Room::with(agent)
        .set(env::CONTROL_PLANE_URL, &api.url)
        .set(env::ATTEMPT_ID, &api.attempt)
        .set(env::LOG_HEAD, api.head)
        .set(env::DEADLINE_SECONDS, 60);
    let (code, said) = room.run().await;
    assert_eq!(code, Some(0), "{said}");
    let origin = room.path("origin.git");
    assert_eq!(git(&origin, &["show", "agent/docs:docs/GUIDE.md"]), "guide\n");
    let trailers = git(&origin, &["log", "-1", "--format=%(trailers)", "agent/docs"]);
    assert!(trailers.contains(&format!("Leviathan-Log-Head: {}", api.head)), "{trailers}");

    let detail = ControlPlane::new(&api.url, Secret::new(OPERATOR))
        .unwrap()
        .asking()
        .attempt(&api.attempt)
        .await
        .unwrap();
    let commit = git(&origin, &["rev-parse", "agent/docs"]);
    assert_eq!(detail.attempt_node.properties.branch_name.as_deref(), Some("agent/docs"));
    assert_eq!(detail.attempt_node.properties.commit_sha.as_deref(), Some(commit.trim()));
    assert_eq!(room.final_message().commit.as_deref(), Some(commit.trim()));
    assert_eq!(detail.artifacts_total, 3, "what the agent said, the check's output, the diff");
    for artifact in &detail.artifacts {
        assert!(api.artifacts.find(&artifact.sha256).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn the_exit_code_speaks_of_the_work_though_nobody_takes_the_report() {
    let room = Room::with("mkdir docs && echo guide > docs/GUIDE.md").set(env::DEADLINE_SECONDS, 8);
    let (code, said) = room.run().await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("the report was not delivered"), "{said}");
    assert_eq!(room.final_message().branch.as_deref(), Some("agent/docs"));
}

#[tokio::test]
async fn an_empty_environment_is_one_line_that_names_what_is_missing() {
    let room = Room { env: BTreeMap::new(), ..Room::with("true") };
    let (code, said) = room.run().await;
    assert_eq!((code, said.lines().count()), (Some(1), 1), "{said}");
    let required = [
        env::TARGET_NAME,
        env::TARGET_REPO_URL,
        env::TASK_ID,
        env::ATTEMPT_ID,
        env::CONTROL_PLANE_URL,
        env::CONTROL_PLANE_TOKEN,
    ];
    assert!(required.iter().all(|name| said.contains(name)), "{said}");
}

#[tokio::test]
async fn a_worker_that_cannot_begin_leaves_word() {
    for (name, value) in [(env::TASK_ID, ""), (env::CONTROL_PLANE_URL, "not a url")] {
        let room = Room::with("true").set(name, value);
        let (code, said) = room.run().await;
        assert_eq!(code, Some(1), "{said}");
        assert_eq!(room.final_message().cause, Some(Cause::ConfigError));
    }
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_ends_what_it_started() {
    let room =
        Room::with("setsid sh -c 'echo $$ > pid.tmp; mv pid.tmp \"$PID_FILE\"; sleep 600' & sleep 600");
    let seen = room.path("seen");
    fs::create_dir(&seen).unwrap();
    let pid_file = seen.join("pid");
    let room = room.set("PID_FILE", pid_file.display()).set(env::AGENT_ENV, "PID_FILE");
    let room = room.set(env::WRITABLE, seen.display());
    let program = room.start();
    until(|| pid_file.exists()).await;
    let pid = rustix::process::Pid::from_raw(i32::try_from(program.id().unwrap()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let (code, said) = ended(program).await;
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(room.final_message().cause, Some(Cause::Cancelled));
    let escapee = fs::read_to_string(&pid_file).unwrap();
    // Killed; who reaps it is not ours to say.
    let stat = || fs::read_to_string(format!("/proc/{}/stat", escapee.trim())).unwrap_or_default();
    until(|| stat().is_empty() || stat().contains(") Z ")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_is_supervisor_and_worker_of_a_process_executor() {
    let api = Api::start().await;
    let room = Room::with("mkdir docs && echo guide > docs/GUIDE.md");
    let program = OsString::from(env!("CARGO_BIN_EXE_leviathan-worker"));
    let executor = ProcessExecutor::open(ProcessExecutorConfig {
        agent_command: room.env.get(env::AGENT_COMMAND).cloned(),
        ..ProcessExecutorConfig::new(
            room.path("state"),
            vec![program.clone(), "supervise".into()],
            vec![program],
            api.artifacts.clone(),
            api.url.clone(),
            Secret::new(WORKER),
        )
    })
    .unwrap();
    let spec = AttemptSpec {
        attempt_id: api.attempt.clone(),
        attempt_number: 1,
        target_id: TargetId::new("radix").unwrap(),
        task_id: TaskId::new("docs").unwrap(),
        repo_url: room.env[env::TARGET_REPO_URL].clone(),
        default_branch: "main".to_owned(),
        base_commit: git(&room.path("origin.git"), &["rev-parse", "main"]).trim().to_owned(),
        deadline_seconds: NonZeroU64::new(60),
        forge: Default::default(),
    };
    executor.launch(&spec, &api.head).await.unwrap();
    let finished = executor.watch().filter_map(async |observation| match observation.unwrap() {
        Observation::Held(Sighting { phase: Phase::Finished(end), .. }) => Some(end),
        _ => None,
    });
    let end = tokio::time::timeout(GENEROUS, pin!(finished).next()).await.expect("it ended").unwrap();
    assert_eq!(end.exit_code, Some(0), "{end:?}");
    assert_eq!(end.final_message.unwrap().branch.as_deref(), Some("agent/docs"));
    assert_eq!(git(&room.path("origin.git"), &["show", "agent/docs:docs/GUIDE.md"]), "guide\n");
}

#[tokio::test]
async fn help_explains_and_a_wrong_flag_is_refused() {
    let run = async |argument: &str| {
        Command::new(env!("CARGO_BIN_EXE_leviathan-worker")).arg(argument).output().await.unwrap()
    };
    let help = run("--help").await;
    assert!(String::from_utf8(help.stdout).unwrap().contains("TARGET_REPO_URL"));
    assert_eq!(run("--nonsense").await.status.code(), Some(2));
}

/// A room whose target has a forge, and that forge.
fn with_forge(room: Room, api: &Api) -> (Room, FakeGitHub) {
    let owner = room.dir.path().file_name().unwrap().to_str().unwrap().to_owned();
    let forge = FakeGitHub::start(&owner, "origin", &room.path("origin.git"), &room.env[env::GITHUB_TOKEN]);
    let room = room
        .set(env::FORGE_KIND, "github")
        .set(env::FORGE_API_URL, forge.url())
        .set(env::CONTROL_PLANE_URL, &api.url)
        .set(env::LOG_HEAD, api.head)
        .set(env::DEADLINE_SECONDS, 60);
    (room, forge)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_ends_as_one_branch_and_one_pull_request_however_many_attempts_it_takes() {
    let api = Api::start().await;
    // The check fails until there is a guide.
    let agent =
        "mkdir docs; [ $LEVIATHAN_ROUND = 1 ] && echo draft > docs/notes || echo $ATTEMPT_ID > docs/GUIDE.md";
    let (room, forge) = with_forge(Room::with("").set(env::AGENT_COMMAND, agent), &api);
    let room = room.set(env::ATTEMPT_ID, &api.attempt);
    let (code, said) = room.run().await;
    assert_eq!(code, Some(0), "{said}");
    let origin = room.path("origin.git");
    let tip = || git(&origin, &["rev-parse", "agent/docs"]).trim().to_owned();
    let first = tip();
    let pull = forge.pull(7);
    assert_eq!([&pull.title, &pull.head, &pull.base], ["Leviathan: Write the guide", "agent/docs", "main"]);
    assert_eq!(pull.head_sha, first);
    for part in [
        "in round 2",
        "- round 1: `cat docs/GUIDE.md`",
        "`cat docs/GUIDE.md`",
        api.attempt.as_str(),
        &api.head.to_string(),
        &first,
    ] {
        assert!(pull.body.contains(part), "{part} is not in: {}", pull.body);
    }
    let page = format!("{}/{}/origin/pull/7", forge.url(), pull.head_owner);
    let last_word = room.final_message();
    assert_eq!((last_word.pr_number, last_word.pr_url.as_ref()), (Some(7), Some(&page)));
    let control_plane = ControlPlane::new(&api.url, Secret::new(OPERATOR)).unwrap();
    let detail = control_plane.asking().attempt(&api.attempt).await.unwrap();
    let told: Vec<&str> = detail.events.iter().map(|event| event.event_type.as_str()).collect();
    let at = |kind: &str| told.iter().position(|told| *told == kind);
    assert!(
        at("policy.receipt") < at("pr.created") && at("pr.created") < at("attempt.succeeded"),
        "{told:?}"
    );
    let properties = detail.attempt_node.properties;
    assert_eq!((properties.pr_number, properties.pr_url), (Some(7), Some(page)));

    let room = room.set(env::ATTEMPT_ID, "attempt-second").set(env::ATTEMPT_NUMBER, 2);
    let (code, said) = room.run().await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(git(&origin, &["branch", "--format=%(refname:short)"]), "agent/docs\nmain\n");
    assert_ne!(tip(), first);
    let pulls = forge.pulls();
    assert_eq!(pulls.len(), 1);
    for part in ["- attempt `attempt-second`, number 2 of the task", &tip()] {
        assert!(pulls[0].body.contains(part), "{part} is not in: {}", pulls[0].body);
    }
    assert_eq!((room.final_message().pr_number, forge.violations()), (Some(7), Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_is_pushed_and_not_proposed_is_proposed_by_the_next_attempt() {
    let api = Api::start().await;
    let agent = "mkdir docs; echo $ATTEMPT_ID > docs/GUIDE.md";
    let (mut room, forge) = with_forge(Room::with(agent), &api);
    let later = vec![("retry-after", "3600".to_owned())];
    for (number, fault, cause) in [
        (1, Fault::status(401, "Bad credentials"), Cause::PushDenied),
        (2, Fault::status(403, "Resource not accessible by personal access token"), Cause::PushDenied),
        (3, Fault::Refused(429, later.clone(), "slow down"), Cause::PushFailed),
        (4, Fault::Refused(503, later, "maintenance"), Cause::PushFailed),
    ] {
        forge.fail_always(Some(fault));
        room = room.set(env::ATTEMPT_ID, format!("attempt-{number}"));
        let (code, said) = room.run().await;
        assert_eq!(code, Some(1), "{said}");
        let last_word = room.final_message();
        assert_eq!(last_word.cause, Some(cause), "{}", last_word.summary);
        assert!(
            last_word.summary.contains("agent/docs was pushed, and has no pull request"),
            "{last_word:?}"
        );
        let guide = git(&room.path("origin.git"), &["show", "agent/docs:docs/GUIDE.md"]);
        assert_eq!(guide, format!("attempt-{number}\n"));
    }
    forge.fail_always(None);
    let room = room.set(env::ATTEMPT_ID, "attempt-5");
    let (code, said) = room.run().await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!((forge.pulls().len(), room.final_message().pr_number), (1, Some(7)));
}

#[tokio::test]
async fn work_that_breaks_the_policy_is_proposed_to_nobody() {
    let api = Api::start().await;
    let (room, forge) = with_forge(Room::with("echo bad > outside"), &api);
    let (code, said) = room.run().await;
    assert_eq!((code, room.final_message().cause), (Some(1), Some(Cause::PolicyViolation)), "{said}");
    assert!(forge.requests().is_empty());
}
