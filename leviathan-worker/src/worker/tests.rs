//! Whole attempts, with real repositories, real processes and scripted agents.

mod receipts;

use super::*;
use crate::CommandAgent;
use crate::testing::{FakeControlPlane, TestOrigin};
use leviathan_core::event::payload::TestsFields;
use leviathan_core::executor::{FinalMessage, worker_env as env};
use leviathan_core::log::Hash;
use std::collections::BTreeMap;
use std::future::pending;
use std::{fs, path::Path};
use tempfile::TempDir;

const BACKLOG: &str =
    "- id: docs/guide\n  title: Write the guide\n  allowed_paths: [docs/, run.sh]\n  ready: true\n";
const POLICY: &str = "checks: ['test -s docs/GUIDE.md', 'grep -q done docs/GUIDE.md']\n";
const BRANCH: &str = "agent/docs-guide-defe14fc0bc2";

/// A worker's surroundings.
struct Room {
    dir: TempDir,
    origin: TestOrigin,
    control_plane: FakeControlPlane,
    env: BTreeMap<String, String>,
}

impl Room {
    /// A target with this policy and an agent that is this script.
    fn with(policy: &str, agent: &str) -> Self {
        let origin = TestOrigin::with(&[
            (".leviathan/backlog.yaml", BACKLOG),
            (".leviathan/policy.yaml", policy),
            ("README.md", "hello\n"),
            (".gitignore", "/target\n"),
        ]);
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).display().to_string();
        let env = [
            (env::TARGET_NAME, "radix".to_owned()),
            (env::TARGET_REPO_URL, origin.url()),
            (env::TASK_ID, "docs/guide".to_owned()),
            (env::ATTEMPT_ID, "attempt-1".to_owned()),
            (env::CONTROL_PLANE_URL, "http://127.0.0.1:1".to_owned()),
            (env::CONTROL_PLANE_TOKEN, "control-s3cret".to_owned()),
            (env::GITHUB_TOKEN, "github-s3cret".to_owned()),
            (env::AGENT_COMMAND, agent.to_owned()),
            (env::AGENT_ENV, "MODEL_KEY".to_owned()),
            ("MODEL_KEY", "model-s3cret".to_owned()),
            (env::FINAL_MESSAGE, path("final.json")),
            (env::WORKSPACE_DIR, path("workspace")),
            (env::LOG_HEAD, format!("7:{}", Hash::ZERO)),
            ("PATH", std::env::var("PATH").unwrap()),
        ];
        let env = env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { dir, origin, control_plane: FakeControlPlane::default(), env }
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    fn worker(&self) -> Worker {
        let config = WorkerConfig::from_env(|name| self.env.get(name).cloned()).unwrap();
        let agent =
            CommandAgent::new(config.agent_command.clone(), config.agent_env.clone(), Containment::Group);
        Worker::new(config, Arc::new(agent), Containment::Group)
    }

    async fn run(&self) -> AttemptResult {
        let report = self.worker().run(&self.control_plane, pending()).await;
        assert_eq!(report.exit_code() == 0, report.result.failure.is_none());
        let message = fs::read(self.dir.path().join("final.json")).unwrap();
        let message = FinalMessage::parse(&message).unwrap();
        assert_eq!(message, report.result().final_message(report.attempt.clone()));
        assert!(fs::read_dir(self.dir.path().join("workspace")).unwrap().next().is_none(), "nothing is left");
        report.result
    }

    /// Runs to a failure with this cause; its summary.
    async fn fails(&self, cause: Cause) -> String {
        let result = self.run().await;
        assert_eq!(result.failure.as_ref(), Some(&cause), "{}", result.summary);
        let last = self.control_plane.events().pop();
        assert!(
            matches!(&last, Some(Event::AttemptFailed(failed)) if failed.failure_type == cause),
            "{last:?}"
        );
        assert_eq!(self.origin.tip(BRANCH).map(|tip| tip.id()), None, "nothing was pushed");
        result.summary
    }

    fn told(&self, kind: &str) -> usize {
        self.control_plane.events().iter().filter(|event| event.event_type().as_str() == kind).count()
    }

    fn artifact(&self, name: &str) -> String {
        String::from_utf8_lossy(&self.control_plane.artifact(name).unwrap()).into_owned()
    }
}

#[tokio::test]
async fn finished_work_is_pushed_bound_to_the_log_and_told() {
    let room =
        Room::with(POLICY, "mkdir docs && echo done > docs/GUIDE.md && mkdir target && touch target/x");
    let result = room.run().await;
    assert_eq!(result.failure, None, "{}", result.summary);
    let tip = room.origin.tip(BRANCH).unwrap();
    assert_eq!((result.branch.as_deref(), result.commit), (Some(BRANCH), Some(tip.id().to_string())));
    assert_eq!(room.origin.file(BRANCH, "docs/GUIDE.md").as_deref(), Some("done\n"));
    assert_eq!(room.origin.file(BRANCH, "target/x"), None);
    let trailers = git2::message_trailers_strs(tip.message().unwrap()).unwrap();
    let trailers: BTreeMap<_, _> = trailers.iter().collect();
    assert_eq!(tip.summary().unwrap(), Some("Leviathan: Write the guide"));
    assert_eq!(trailers["Leviathan-Attempt"], "attempt-1");
    assert_eq!(trailers["Leviathan-Log-Head"], format!("7:{}", Hash::ZERO));
    assert_eq!(tip.author().name().unwrap(), "Leviathan");

    let kinds: Vec<_> =
        room.control_plane.events().iter().map(|event| event.event_type().to_string()).collect();
    assert_eq!(
        kinds,
        [
            "attempt.started",
            "tests.started",
            "tests.passed",
            "tests.started",
            "tests.passed",
            "policy.receipt",
            "artifact.created",
            "artifact.created",
            "attempt.succeeded"
        ]
    );
    assert!(room.artifact("work.diff").contains("+done"));
}

#[tokio::test]
async fn a_failing_check_goes_to_the_agent_which_repairs_it() {
    let agent = r#"
        mkdir -p docs
        if [ "$LEVIATHAN_ROUND" = 1 ]; then echo started > docs/GUIDE.md; exit; fi
        echo done >> docs/GUIDE.md
        cat > docs/question.json; cat "$LEVIATHAN_TASK_FILE" > docs/task.json; cat "$LEVIATHAN_FAILURE_FILE" > docs/failure.txt
        echo "$TASK_ID $ATTEMPT_ID" > docs/ids
    "#;
    let policy =
        "checks: ['echo litter > litter; grep done docs/GUIDE.md || { echo nothing is done; exit 3; }']\n";
    let room = Room::with(policy, agent);
    let result = room.run().await;
    assert_eq!(result.failure, None, "{}", result.summary);
    let file = |path| room.origin.file(BRANCH, path).unwrap();
    assert_eq!(file("docs/failure.txt"), "nothing is done\n");
    assert_eq!(file("docs/ids"), "docs/guide attempt-1\n");
    assert_eq!(file("docs/question.json"), file("docs/task.json"));
    let question: serde_json::Value = serde_json::from_str(&file("docs/question.json")).unwrap();
    assert_eq!(question["task"]["title"], "Write the guide");
    assert_eq!(question["failure"]["exit_code"], 3);
    assert_eq!(question["failure"]["output"], "nothing is done\n");
    assert_eq!(question["round"], 2);
    // What the check left in the first round is not taken for the agent's work in the second.
    assert_eq!(room.origin.file(BRANCH, "litter"), None);
    let rounds: Vec<_> = room
        .control_plane
        .events()
        .into_iter()
        .filter_map(|event| match event {
            Event::TestsFailed(TestsFields { round, exit_code, output_sha256, .. })
            | Event::TestsPassed(TestsFields { round, exit_code, output_sha256, .. }) => {
                assert!(room.control_plane.holds(&output_sha256.unwrap()));
                Some((round, exit_code))
            }
            _ => None,
        })
        .collect();
    assert_eq!(rounds, [(1, Some(3)), (2, Some(0))]);
}

#[tokio::test]
async fn work_that_never_passes_ends_after_the_last_round() {
    let room = Room::with("checks: ['echo no good; false']\n", "mkdir -p docs; date +%N >> docs/x")
        .set(env::MAX_ROUNDS, "2");
    let summary = room.fails(Cause::ChecksFailed).await;
    assert!(summary.contains("exit code 1 in round 2") && summary.contains("no good"), "{summary}");
    assert_eq!((room.told("tests.failed"), room.told("tests.passed")), (2, 0));
}

#[tokio::test]
async fn work_that_breaks_the_policy_is_refused_and_kept() {
    let room = Room::with(
        POLICY,
        "mkdir docs; echo done > docs/GUIDE.md; echo bad > README.md; git init -q nested; touch nested/x",
    );
    let summary = room.fails(Cause::PolicyViolation).await;
    assert!(summary.contains("`README.md` is not among the task's allowed_paths"), "{summary}");
    assert!(summary.contains("`nested/` is a repository of its own"), "{summary}");
    assert!(!summary.contains("docs/GUIDE.md"), "{summary}");
    assert!(room.artifact("refused.patch").contains("+bad"));
    assert_eq!((room.told("tests.started"), room.told("policy.receipt")), (0, 1));
}

#[tokio::test]
async fn no_work_is_no_success() {
    assert_eq!(Room::with(POLICY, "true").fails(Cause::NoChanges).await, "the agent changed nothing");
    Room::with("setup: ['echo x > README.md; touch new']\n", "true").fails(Cause::NoChanges).await;
}

#[tokio::test]
async fn an_agent_that_fails_is_quoted() {
    let room = Room::with(POLICY, "echo out; echo 'model said no' >&2; exit 7");
    let summary = room.fails(Cause::AgentError).await;
    assert!(summary.contains("exit code 7 in round 1") && summary.contains("model said no"), "{summary}");
    assert_eq!(room.artifact("agent-round-1.log"), "out\nmodel said no\n");
}

#[tokio::test]
async fn what_an_operator_must_set_right_is_a_configuration_error() {
    let summary = Room::with(POLICY, "").fails(Cause::ConfigError).await;
    assert!(summary.contains("LEVIATHAN_AGENT_COMMAND"), "{summary}");
    let summary = Room::with(POLICY, "true").set(env::TASK_ID, "absent").fails(Cause::ConfigError).await;
    assert!(summary.contains("task absent is not in .leviathan/backlog.yaml"), "{summary}");
    let summary = Room::with("checks: 7\n", "true").fails(Cause::ConfigError).await;
    assert!(summary.contains(".leviathan/policy.yaml:1"), "{summary}");
}

#[tokio::test]
async fn a_failing_setup_is_said_and_the_agent_never_starts() {
    let room = Room::with("setup: ['true', 'echo no network; exit 4']\n", "touch /nowhere/agent-ran; exit 9");
    let summary = room.fails(Cause::SetupFailed).await;
    assert!(summary.contains("exit code 4") && summary.contains("no network"), "{summary}");
    assert_eq!(room.artifact("setup-2.log"), "no network\n");
}

#[tokio::test]
async fn a_missing_origin_is_a_failed_clone() {
    let room = Room::with(POLICY, "true").set(env::TARGET_REPO_URL, "/nowhere/x.git");
    assert!(room.fails(Cause::CloneFailed).await.contains("/nowhere/x.git"));
}

#[tokio::test]
async fn a_branch_that_moves_while_the_agent_works_is_not_overwritten() {
    let room = Room::with(POLICY, "");
    let theirs = format!(
        "mkdir docs && echo done > docs/GUIDE.md && git --git-dir={} update-ref refs/heads/{BRANCH} main",
        room.origin.url()
    );
    let room = room.set(env::AGENT_COMMAND, &theirs);
    let result = room.run().await;
    assert_eq!(result.failure, Some(Cause::PushFailed));
    assert!(result.summary.contains("moved since the clone"), "{}", result.summary);
    assert_eq!(room.origin.tip(BRANCH).unwrap().id(), room.origin.tip("main").unwrap().id());
}

#[tokio::test]
async fn the_agent_sees_what_it_was_given_and_the_checks_see_no_secret() {
    let agent = "mkdir docs; env | sed s/=model-.*/=/ > docs/agent.env; git remote -v > docs/remotes; \
                 echo $MODEL_KEY; printf $MODEL_KEY | base64; printf 'user:%s' $MODEL_KEY | base64; pwd > docs/pwd";
    let room = Room::with("setup: [env]\nchecks: [env; echo check]\n", agent);
    let result = room.run().await;
    assert_eq!(result.failure, None, "{}", result.summary);
    let agent_env = room.origin.file(BRANCH, "docs/agent.env").unwrap();
    let names = |env: &str| {
        let mut names: Vec<_> =
            env.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name.to_owned()).collect();
        // The shell's own.
        names.retain(|name| !["PWD", "OLDPWD", "SHLVL", "_"].contains(&name.as_str()));
        names.sort();
        names
    };
    let agent_sees = [
        "ATTEMPT_ID",
        "HOME",
        "LEVIATHAN_ROUND",
        "LEVIATHAN_TASK_FILE",
        "MODEL_KEY",
        "PATH",
        "TASK_ID",
        "TMPDIR",
    ];
    assert_eq!(names(&agent_env), agent_sees);
    assert_eq!(room.origin.file(BRANCH, "docs/remotes").as_deref(), Some(""));
    let checkout = room.origin.file(BRANCH, "docs/pwd").unwrap();
    assert!(!Path::new(checkout.trim()).join("../task").exists(), "gone with the attempt");
    for log in ["setup-1.log", "check-1-round-1.log"] {
        assert_eq!(names(&room.artifact(log)), ["HOME", "PATH", "TMPDIR"]);
    }
    // It printed its key; what is kept does not show it.
    assert_eq!(room.artifact("agent-round-1.log"), "[secret]\n[secret]\ndXNlcj[secret]=\n");
    assert!(!room.control_plane.all_text().contains("s3cret"));
}

#[tokio::test]
async fn neither_a_cut_in_a_log_nor_one_in_a_sentence_leaves_a_part_of_a_secret() {
    // The log is cut behind its first 256 KiB and before its last, and the sentence begins 1,000 characters from its end;
    // a key that is printed over and over again is cut at each of these, wherever they are.
    let room = Room::with(POLICY, "yes $MODEL_KEY | tr -d '\\n' | head -c 1200000; exit 1");
    let summary = room.fails(Cause::AgentError).await;
    let log = room.artifact("agent-round-1.log");
    assert!(log.contains("bytes left out"), "{}", log.len());
    for text in [summary, log, room.control_plane.all_text()] {
        let parts = ["model-", "del-", "-s3c", "s3cret", "cret[", "]mod", "ret["];
        let left = parts.iter().find(|part| text.contains(**part));
        assert_eq!(left, None, "{}", &text[..text.len().min(200)]);
    }
}

#[tokio::test]
async fn work_that_holds_a_secret_is_refused_and_told_without_it() {
    let written = "mkdir docs; echo done > docs/GUIDE.md; printf %s $MODEL_KEY | base64 > docs/key; \
                   touch docs/$MODEL_KEY; ln -s $MODEL_KEY docs/link";
    let room = Room::with(POLICY, written);
    let summary = room.fails(Cause::PolicyViolation).await;
    assert!(summary.contains("`docs/key` holds a secret that the worker was given"), "{summary}");
    for part in ["`docs/[secret]` holds", "`docs/link` holds"] {
        assert!(summary.contains(part), "{part} is not in {summary}");
    }
    let told = room.control_plane.all_text() + &summary;
    assert!(!told.contains("s3cret") && !told.contains("bW9kZWwtczNjcmV0"), "{told}");
    assert!(room.artifact("refused.patch").contains("[secret]"));
}

#[tokio::test]
async fn what_the_agent_does_to_its_own_repository_has_no_say() {
    let agent = r#"
        mkdir docs && echo done > docs/GUIDE.md
        echo '[url "/nowhere"]
            insteadOf = /' >> .git/config
        printf '#!/bin/sh\nexit 1\n' | tee .git/hooks/pre-commit > .git/hooks/pre-push; chmod +x .git/hooks/*
        echo '*' > .git/info/exclude
        git -c user.name=x -c user.email=y commit -q --allow-empty --no-verify -m 'forged' || true
        git remote add origin /nowhere
    "#;
    let room = Room::with(POLICY, agent);
    let result = room.run().await;
    assert_eq!(result.failure, None, "{}", result.summary);
    assert_eq!(room.origin.tip(BRANCH).unwrap().parent_id(0).unwrap(), room.origin.tip("main").unwrap().id());
}

#[tokio::test]
async fn an_attempt_ends_in_time_to_report() {
    let room = Room::with(POLICY, "sleep 600").set(env::DEADLINE_SECONDS, "4");
    let summary = room.fails(Cause::DeadlineExceeded).await;
    assert!(summary.contains("used up the attempt's time"), "{summary}");
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_stops_and_says_so() {
    let room = Room::with(POLICY, "");
    let started = room.dir.path().join("started");
    let room = room.set(env::AGENT_COMMAND, &format!("touch {}; sleep 600", started.display()));
    let stop = async {
        while !started.exists() {
            tokio::task::yield_now().await;
        }
    };
    let report = room.worker().run(&room.control_plane, stop).await;
    assert_eq!(report.result.failure, Some(Cause::Cancelled));
    assert!(room.dir.path().join("final.json").exists());
}

#[tokio::test]
async fn an_artifact_that_is_refused_is_left_out_and_said() {
    let room = Room::with(POLICY, "mkdir docs && echo done > docs/GUIDE.md; echo said");
    room.control_plane.refuse_artifact("agent-round-1.log");
    assert_eq!(room.run().await.failure, None);
    assert_eq!(room.told("artifact.created"), 2, "the diff and the checks' empty output");
    let last = room.control_plane.events().pop();
    let Some(Event::AttemptSucceeded(end)) = last else { panic!("{last:?}") };
    assert!(end.summary.unwrap().contains("1 of the artifacts could not be stored"));
}

#[tokio::test]
async fn a_report_that_is_delivered_twice_is_the_same_twice() {
    let room = Room::with(POLICY, "mkdir docs && echo done > docs/GUIDE.md");
    let report = room.worker().run(&room.control_plane, pending()).await;
    report::deliver(&report, &room.control_plane, Duration::from_secs(60)).await.unwrap();
    let posted = room.control_plane.posted();
    assert_eq!(posted.len(), 2);
    assert_eq!(posted[0], posted[1]);
    let ids: std::collections::BTreeSet<_> = posted[0].events.iter().map(|event| &event.event_id).collect();
    assert_eq!(ids.len(), posted[0].events.len());
}
