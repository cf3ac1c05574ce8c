//! Agents and repositories that mean harm: each gets nothing, reaches nothing, and ends with the cause that fits.

use super::room::{Api, OPERATOR, Room, git};
use leviathan_core::Secret;
use leviathan_core::artifact::{ArtifactStore, artifact_bytes};
use leviathan_core::executor::{Cause, worker_env as env};
use leviathan_http::client::ControlPlane;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// What an honest agent does in between.
const WORK: &str = "mkdir -p docs && echo guide > docs/GUIDE.md";
/// A user that nobody else is.
const NOBODY: u32 = 54_321;

/// A hostile agent's attempt, its control plane, and all that must stay untouched.
struct Raid {
    api: Api,
    room: Room,
}

/// How it came out.
#[derive(Debug)]
struct Outcome {
    cause: Option<Cause>,
    summary: String,
    /// Events and artifacts, as the control plane has them.
    told: String,
    /// What the agent printed.
    agent: String,
}

impl Raid {
    async fn new(agent: &str) -> Self {
        Self::on("checks: ['cat docs/GUIDE.md']\n", agent).await
    }

    async fn on(policy: &str, agent: &str) -> Self {
        Self::told_by(Api::start().await, policy, agent)
    }

    fn told_by(api: Api, policy: &str, agent: &str) -> Self {
        let room = Room::with_policy(policy, agent)
            .set(env::CONTROL_PLANE_URL, &api.url)
            .set(env::ATTEMPT_ID, &api.attempt)
            .set(env::DEADLINE_SECONDS, 60)
            .set(env::CLAUDE_API_KEY, "model-s3cret");
        fs::create_dir(room.path("outside")).unwrap();
        fs::write(room.path("outside/kept"), "kept").unwrap();
        Self { api, room }
    }

    fn set(mut self, name: &str, value: impl ToString) -> Self {
        self.room = self.room.set(name, value);
        self
    }

    /// The agent finds the path in `$OUTSIDE`, and may not write there.
    fn showing_outside(self) -> Self {
        let outside = self.room.path("outside").display().to_string();
        self.set("OUTSIDE", outside).set(env::AGENT_ENV, "OUTSIDE")
    }

    async fn run(&self) -> Outcome {
        let (code, said) = self.room.run().await;
        let last_word = self.room.final_message();
        assert_eq!(code == Some(0), last_word.cause.is_none(), "{said}");
        assert_eq!(last_word.attempt_id, self.api.attempt, "nobody else wrote it");
        let (told, agent) = self.told().await;
        let leaked =
            ["s3cret", "czNjcmV0", "MzY3JldA", "zM2NyZX"].into_iter().find(|part| told.contains(part));
        assert_eq!(leaked, None, "{told}");
        assert_eq!(fs::read_to_string(self.room.path("outside/kept")).unwrap(), "kept");
        assert_eq!(fs::read_dir(self.room.path("outside")).unwrap().count(), 1, "nothing was put there");
        let left = fs::read_dir(self.room.path("workspace")).map(Iterator::count).unwrap_or_default();
        assert_eq!(left, 0, "the attempt's folder is gone");
        let alive = processes_below(&self.room.path("workspace").display().to_string());
        assert_eq!(alive, [""; 0], "no process is left");
        Outcome { cause: last_word.cause, summary: last_word.summary, told, agent }
    }

    /// Runs to a failure with this cause; nothing is pushed.
    async fn fails(&self, cause: Cause) -> Outcome {
        let outcome = self.run().await;
        assert_eq!(outcome.cause, Some(cause), "{outcome:?}");
        let branches = git(&self.room.path("origin.git"), &["branch", "--format=%(refname:short)"]);
        assert_eq!(branches, "main\n");
        outcome
    }

    /// Runs to an honest end: the branch holds the guide and these other files.
    async fn succeeds_with(&self, others: &[&str]) -> Outcome {
        let outcome = self.run().await;
        assert_eq!(outcome.cause, None, "{outcome:?}");
        let changed =
            git(&self.room.path("origin.git"), &["diff", "--name-only", "main", "agent/docs", "--"]);
        let mut expected: Vec<&str> = others.iter().copied().chain(["docs/GUIDE.md"]).collect();
        expected.sort_unstable();
        assert_eq!(changed.lines().collect::<Vec<_>>(), expected);
        outcome
    }

    async fn told(&self) -> (String, String) {
        let control_plane = ControlPlane::new(&self.api.url, Secret::new(OPERATOR)).unwrap();
        let detail = control_plane.asking().attempt(&self.api.attempt).await.unwrap();
        let (mut told, mut agent) = (serde_json::to_string(&detail).unwrap(), String::new());
        for artifact in &detail.artifacts {
            let content = self.api.artifacts.get(&artifact.sha256, None).await.unwrap();
            let bytes = artifact_bytes(content, u64::MAX).await.unwrap();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if artifact.name.as_deref() == Some("agent-round-1.log") {
                agent.clone_from(&text);
            }
            told += &text;
        }
        (told, agent)
    }
}

/// The command lines of processes that work below a folder, or have it on their command line or in their environment.
fn processes_below(folder: &str) -> Vec<String> {
    let all = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let mut found = Vec::new();
    for process in all.filter(|path| path.file_name().unwrap().as_encoded_bytes()[0].is_ascii_digit()) {
        let read = |name: &str| fs::read(process.join(name)).unwrap_or_default();
        let cwd = fs::read_link(process.join("cwd")).unwrap_or_default();
        // This test has no part below it, and the worker's own program is gone.
        let about = [read("environ"), read("cmdline"), cwd.into_os_string().into_encoded_bytes()].concat();
        if String::from_utf8_lossy(&about).contains(folder) {
            found.push(String::from_utf8_lossy(&read("cmdline")).replace('\0', " "));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_hangs_and_hears_no_signal_uses_up_its_time_and_nothing_more() {
    let raid =
        Raid::new("trap '' TERM INT HUP; while :; do sleep 600; done").await.set(env::DEADLINE_SECONDS, 8);
    raid.fails(Cause::DeadlineExceeded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_output_is_kept_in_part_and_drowns_nobody() {
    let raid = Raid::new(&format!("yes flood | head -c 200000000; {WORK}")).await;
    let outcome = raid.succeeds_with(&[]).await;
    assert!(outcome.agent.contains("bytes left out"), "{}", outcome.agent.len());
    assert!(outcome.agent.len() < 600 * 1024, "{}", outcome.agent.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_forks_and_leaves_its_session_ends_with_its_turn() {
    let agent =
        format!("sleep 600 & (setsid sh -c 'sleep 600 & exec sleep 600' &) ; setsid -f sleep 600; {WORK}");
    Raid::new(&agent).await.succeeds_with(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_that_leaves_processes_behind_leaves_none() {
    let policy = "setup: ['setsid -f sleep 600']\nchecks: ['setsid -f sleep 600; cat docs/GUIDE.md']\n";
    Raid::on(policy, WORK).await.succeeds_with(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_larger_than_the_limit_is_not_written() {
    let agent = "mkdir docs; head -c 50000000 /dev/zero > docs/GUIDE.md";
    let outcome = Raid::new(agent).await.set(env::MAX_FILE_MB, 10).fails(Cause::AgentError).await;
    assert!(outcome.summary.contains("the agent ended with"), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_huge_file_is_refused_unread() {
    let agent = format!("{WORK}; truncate -s 3G docs/huge");
    let outcome = Raid::new(&agent).await.fails(Cause::PolicyViolation).await;
    assert!(outcome.summary.contains("`docs/huge` is larger than 100 MiB"), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_are_too_much_together_are_refused() {
    let agent = format!("{WORK}; for part in 1 2 3 4 5 6; do truncate -s 90M docs/part-$part; done");
    let outcome = Raid::new(&agent).await.fails(Cause::PolicyViolation).await;
    assert!(outcome.summary.contains("bytes together; 512 MiB are allowed"), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_files_are_refused() {
    let agent = "mkdir docs; cd docs; i=0; while [ $i -lt 10000 ]; do : > file-$i; i=$((i+1)); done";
    let outcome = Raid::new(agent).await.fails(Cause::PolicyViolation).await;
    assert!(outcome.summary.contains("10000 files were changed"), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_devices_and_pipes_lead_nowhere() {
    let agent = format!("{WORK}; ln -s /etc docs/link");
    let outcome = Raid::new(&agent).await.fails(Cause::PolicyViolation).await;
    assert!(outcome.summary.contains("`docs/link` is a symbolic link to `/etc`"), "{outcome:?}");

    let agent = format!(
        "{WORK}; mkfifo docs/pipe; mknod docs/null c 1 3 && echo made a device; mknod docs/disk b 8 0 && echo made a device; true"
    );
    let outcome = Raid::new(&agent).await.succeeds_with(&[]).await;
    assert!(!outcome.agent.contains("made a device"), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_outside_can_be_neither_read_nor_written_nor_reached_by_a_link() {
    let agent = format!(
        "for try in 'cat \"$OUTSIDE/kept\"' 'ls \"$OUTSIDE\"' 'echo bad > \"$OUTSIDE/kept\"' 'touch \"$OUTSIDE/new\"' \
           'rm -f \"$OUTSIDE/kept\"' 'ln \"$OUTSIDE/kept\" docs/kept' 'chmod 777 \"$OUTSIDE\" && touch \"$OUTSIDE/new\"' \
           'mv \"$OUTSIDE/kept\" docs/moved' 'ln -s \"$OUTSIDE\" link && echo bad > link/kept' 'echo bad > /etc/bad' \
           'cat ../origin.git/config' 'ls ../origin.git' 'echo bad > ../bad' 'mkdir ../origin.git/hooks/x' \
           'echo bad > ../task/bad' 'ls ../checks/home' 'touch ../checks/home/.gitconfig' 'cat ../../../final.json' \
           'echo forged > ../../../final.json' 'mount -t tmpfs none docs' 'chroot / true'; do \
           mkdir -p docs; if eval \"$try\"; then echo \"REACHED: $try\"; fi; rm -f link; done; rm -rf docs; {WORK}"
    );
    let raid = Raid::new(&agent).await.showing_outside();
    let outcome = raid.succeeds_with(&[]).await;
    assert!(outcome.agent.contains("ermission denied"), "{}", outcome.agent);
    assert!(!outcome.agent.contains("REACHED"), "{}", outcome.agent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_worker_can_be_neither_looked_into_nor_signalled() {
    let raid = Raid::new(&prying()).await;
    not_looked_into(&raid.succeeds_with(&[]).await);
}

/// An agent that looks for secrets in every process that it can see, and kills the worker.
fn prying() -> String {
    format!(
        "echo environment of my own:; cat /proc/self/environ | tr '\\0' '\\n'; echo others:; \
         for process in /proc/[0-9]*; do [ $process = /proc/$$ ] && continue; \
           cat $process/environ | tr '\\0' '\\n'; cat $process/mem; \
         done 2> /dev/null | grep -a -e _TOKEN -e API_KEY && echo REACHED a secret; \
         kill -9 $PPID && echo REACHED the worker; kill -STOP $PPID && echo REACHED the worker; {WORK}"
    )
}

fn not_looked_into(outcome: &Outcome) {
    for word in ["REACHED", "[secret]", "_TOKEN", "API_KEY"] {
        assert!(!outcome.agent.contains(word), "{word} is in {}", outcome.agent);
    }
    assert!(outcome.agent.contains("ATTEMPT_ID="), "{}", outcome.agent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_the_agent_was_given_is_told_in_no_form() {
    let agent = format!(
        "env; printf %s $MODEL_KEY | base64; printf 'x-access-token:%s' $MODEL_KEY | base64; \
         printf %s $MODEL_KEY | sed 's/-/%2D/'; printf '%s\\n' $MODEL_KEY | cut -c1-6; {WORK}"
    );
    let raid = Raid::new(&agent).await.set("MODEL_KEY", "given-s3cret").set(env::AGENT_ENV, "MODEL_KEY");
    let outcome = raid.succeeds_with(&[]).await;
    assert!(outcome.agent.contains("MODEL_KEY=[secret]"), "{}", outcome.agent);
    assert!(outcome.agent.matches("[secret]").count() >= 4, "{}", outcome.agent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hooks_filters_and_configuration_of_git_run_nothing_outside_the_fence() {
    let agent = format!(
        r#"{WORK}
        printf '#!/bin/sh\ntouch "%s/hook"\nexit 1\n' "$OUTSIDE" > hook
        for name in pre-commit pre-push post-commit reference-transaction fsmonitor; do install -m 755 hook .git/hooks/$name; done
        cp hook "$HOME/hook"; chmod +x "$HOME/hook"; rm hook
        for config in .git/config "$HOME/.gitconfig"; do
            printf '[core]\n fsmonitor = "%s/hook"\n hooksPath = "%s"\n[filter "evil"]\n clean = "%s/hook"\n smudge = "%s/hook"\n process = "%s/hook"\n required = true\n[url "/nowhere"]\n insteadOf = /\n' \
                "$HOME" "$HOME" "$HOME" "$HOME" "$HOME" >> "$config"
        done
        printf '* filter=evil diff=evil merge=evil\n' > docs/.gitattributes
        printf '* filter=evil\n' > .git/info/attributes
        "#
    );
    let raid = Raid::new(&agent).await.showing_outside();
    // The worker may write there; what runs in it would.
    raid.succeeds_with(&["docs/.gitattributes"]).await;
    assert_eq!(git(&raid.room.path("origin.git"), &["show", "agent/docs:docs/GUIDE.md"]), "guide\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_submodule_of_a_local_path_is_refused() {
    let agent = format!(
        "{WORK}; git init -q docs/sub; cd docs/sub; git -c user.name=a -c user.email=b commit -q --allow-empty -m x; touch x; cd ../..; \
         printf '[submodule \"sub\"]\\n path = docs/sub\\n url = /etc\\n' > .gitmodules; git add -A"
    );
    let outcome = Raid::new(&agent).await.fails(Cause::PolicyViolation).await;
    assert!(outcome.summary.contains("`docs/sub/` is a repository of its own"), "{outcome:?}");
    assert!(outcome.summary.contains("`.gitmodules` says where submodules come from"), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_beside_the_tasks_paths_is_refused() {
    let outcome =
        Raid::new(&format!("{WORK}; echo bad > outside.txt")).await.fails(Cause::PolicyViolation).await;
    assert!(outcome.summary.contains("`outside.txt` is not among the task's allowed_paths"), "{outcome:?}");
    assert!(outcome.told.contains("outside.txt"), "the patch is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_forbidden_is_refused_in_any_case() {
    let agent = format!("{WORK}; mkdir docs/private; echo x > docs/private/KEYS");
    let outcome =
        Raid::on("forbidden_paths: [docs/Private/]\n", &agent).await.fails(Cause::PolicyViolation).await;
    assert!(outcome.summary.contains("`docs/private/KEYS` is forbidden by `docs/Private/`"), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checks_and_setup_reach_the_network_only_where_the_policy_lets_them() {
    for (setup, checks) in [(false, false), (true, false), (false, true)] {
        let api = Api::start().await;
        let address = api.url.trim_start_matches("http://").replace(':', "/");
        let connects = |may: bool| {
            let not = if may { "" } else { "! " };
            format!("{not}bash -c \"exec 3<>/dev/tcp/{address}\"")
        };
        let policy = format!(
            "setup: ['{}']\nchecks: ['{}']\nsetup_network: {setup}\nchecks_network: {checks}\n",
            connects(setup),
            connects(checks)
        );
        Raid::told_by(api, &policy, WORK).succeeds_with(&[]).await;
    }
}

/// The same worker as a user without any rights. Only root can become one, so nobody else runs what wants it.
#[allow(clippy::print_stderr, reason = "a test that is not run says so")]
fn as_nobody(raid: Raid) -> Option<Raid> {
    if !rustix::process::geteuid().is_root() {
        eprintln!("not run: only root can start a worker as another user");
        return None;
    }
    fs::set_permissions(raid.room.dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let given = Command::new("chown").args(["-R", &NOBODY.to_string()]).arg(raid.room.dir.path()).status();
    assert!(given.unwrap().success());
    let program = raid.room.path("leviathan-worker");
    fs::copy(env!("CARGO_BIN_EXE_leviathan-worker"), &program).unwrap();
    let user = NOBODY.to_string();
    let setpriv = ["setpriv", "--reuid", &user, "--regid", &user, "--clear-groups", "--"];
    let command = setpriv.map(str::to_owned).into_iter().chain([program.display().to_string()]).collect();
    Some(Raid { room: raid.room.started_by(command), ..raid })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_not_root_can_be_neither_looked_into_nor_signalled() {
    let Some(raid) = as_nobody(Raid::new(&prying()).await) else { return };
    not_looked_into(&raid.succeeds_with(&[]).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fork_bomb_stays_within_its_cap_and_ends_with_the_turn() {
    // Two thousand processes if nobody holds it, so that a broken fence harms no machine.
    let agent = "set -- /proc/[0-9]*; echo before $#; mkdir -p docs
        bomb() { [ $1 -eq 0 ] && exec sleep 600; bomb $(($1 - 1)) & bomb $(($1 - 1)) & wait; }
        bomb 10 &
        i=0; while [ $i -lt 1000000 ]; do i=$((i + 1)); done
        set -- /proc/[0-9]*; echo then $#; echo guide > docs/GUIDE.md";
    let Some(raid) = as_nobody(Raid::new(agent).await.set(env::MAX_PROCESSES, 64)) else { return };
    let outcome = raid.succeeds_with(&[]).await;
    let counted = |word: &str| -> usize {
        let line = outcome.agent.lines().find_map(|line| line.strip_prefix(word));
        line.expect("it counted").trim().parse().unwrap()
    };
    assert!(counted("then ") < counted("before ") + 500, "{}", outcome.agent);
    let capped = ["annot fork", "temporarily unavailable"].iter().any(|words| outcome.agent.contains(words));
    assert!(capped, "{}", outcome.agent);
}
