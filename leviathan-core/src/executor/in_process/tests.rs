//! What `InProcess` promises beyond the conformance suite. Time is virtual: it moves when nothing else can.

use super::*;
use crate::artifact::{ArtifactRef, MemoryArtifactStore, artifact_bytes};
use crate::executor::{AttemptResult, Cause, End, Phase, ReportedOutcome};
use futures::channel::mpsc;
use futures::future;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn a_panic_ends_its_attempt_and_nothing_else() {
    let executor = executor(|_, _| async { panic!("no {} left", "herring") }.boxed());
    let end = end_of(&executor, &spec("panics")).await;
    let message = end.final_message.unwrap();
    assert_eq!((end.exit_code, message.cause), (Some(1), Some(Cause::AgentError)));
    assert_eq!(message.summary, "run panicked: no herring left");
    let next = end_of(&executor, &spec("panics-too")).await;
    assert_eq!(next.exit_code, Some(1));
}

#[tokio::test(start_paused = true)]
async fn the_result_becomes_exit_code_final_message_and_artifacts() {
    let executor = executor(|spec, ctx| {
        async move {
            let log = ctx.store_log("agent.log", format!("{} at {}", spec.task_id, ctx.created())).await;
            let failed = AttemptResult::failed(Cause::ChecksFailed, "the checks fail")
                .with_branch("agent/x", "c0ffee");
            AttemptResult { artifacts: log.unwrap().into_iter().collect(), ..failed }
        }
        .boxed()
    });
    let store = Arc::new(MemoryArtifactStore::default());
    let executor = executor.with_artifacts(Arc::clone(&store) as Arc<dyn ArtifactStore>);
    let end = end_of(&executor, &spec("docs")).await;
    let message = end.final_message.unwrap();
    assert_eq!((end.exit_code, end.cause), (Some(1), None));
    assert_eq!((message.outcome, message.cause), (ReportedOutcome::Failed, Some(Cause::ChecksFailed)));
    assert_eq!((message.branch.as_deref(), message.summary.as_str()), (Some("agent/x"), "the checks fail"));
    let [ArtifactRef { sha256, kind, size_bytes, .. }] = &end.artifacts[..] else {
        panic!("{:?}", end.artifacts)
    };
    let kept = artifact_bytes(store.get(sha256, None).await.unwrap(), 1000).await.unwrap();
    assert_eq!(kept, format!("docs at {}", Head::EMPTY));
    assert_eq!((kind.as_str(), *size_bytes), ("log", kept.len() as u64));
}

#[tokio::test(start_paused = true)]
async fn a_log_without_a_store_is_none() {
    let executor = executor(|_, ctx| {
        async move { AttemptResult::succeeded(format!("{:?}", ctx.store_log("agent.log", "text").await)) }
            .boxed()
    });
    assert_eq!(end_of(&executor, &spec("docs")).await.final_message.unwrap().summary, "Ok(None)");
}

#[tokio::test(start_paused = true)]
async fn a_summary_without_end_is_cut_to_the_final_messages_size() {
    let executor = executor(|_, _| async { AttemptResult::succeeded("x".repeat(1 << 20)) }.boxed());
    let summary = end_of(&executor, &spec("docs")).await.final_message.unwrap().summary;
    assert!(summary.len() > 3000 && summary.len() < 4096, "{}", summary.len());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_heeds_its_cancel_has_the_last_word() {
    let executor = executor(|_, ctx| {
        async move {
            ctx.cancelled().await;
            assert!(ctx.is_cancelled());
            AttemptResult::succeeded("was done anyway")
        }
        .boxed()
    });
    let attempt = running(&executor, "docs").await;
    executor.cancel(&attempt, Duration::from_secs(60)).await.unwrap();
    let end = end_of(&executor, &spec("docs")).await;
    assert_eq!((end.exit_code, end.cause), (Some(0), None));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_does_not_is_dropped_after_the_shortest_grace_asked_for() {
    let (dropped, mut was_dropped) = mpsc::unbounded::<()>();
    let executor = executor(move |_, _| {
        let kept = dropped.clone();
        async move {
            let _kept = kept;
            future::pending().await
        }
        .boxed()
    });
    let attempt = running(&executor, "docs").await;
    let began = Instant::now();
    for grace in [Duration::MAX, Duration::from_secs(30), Duration::from_secs(90)] {
        executor.cancel(&attempt, grace).await.unwrap();
    }
    let end = end_of(&executor, &spec("docs")).await;
    assert_eq!((end.cause, end.exit_code), (Some(Cause::Cancelled), None));
    assert!(end.detail.unwrap().contains("within the grace"));
    assert_eq!(began.elapsed().as_secs(), 30);
    drop(executor);
    assert_eq!(was_dropped.next().await, None, "the run's future still holds its sender");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_what_does_not_end_by_itself() {
    let executor = executor(|_, _| future::pending().boxed());
    let spec = AttemptSpec { deadline_seconds: std::num::NonZeroU64::new(7), ..spec("docs") };
    let began = Instant::now();
    assert_eq!(end_of(&executor, &spec).await.cause, Some(Cause::DeadlineExceeded));
    assert_eq!(began.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn what_is_cancelled_before_it_began_never_begins() {
    let executor = executor(|_, _| async { panic!("it began") }.boxed());
    let spec = spec("docs");
    executor.launch(&spec, &Head::EMPTY).await.unwrap();
    executor.cancel(&spec.attempt_id, Duration::from_secs(60)).await.unwrap();
    let end = end_of(&executor, &spec).await;
    assert_eq!((end.cause, end.final_message), (Some(Cause::Cancelled), None));
}

#[tokio::test(start_paused = true)]
async fn a_slow_watch_sees_the_latest_state_of_each_attempt_once() {
    let executor =
        executor(|spec, _| async move { AttemptResult::succeeded(spec.task_id.to_string()) }.boxed());
    let mut slow = executor.watch();
    assert_eq!(next(&mut slow).await, Some(Observation::Synced));
    for round in 0..3 {
        for task in ["a", "b", "c"] {
            end_of(&executor, &spec(task)).await;
            if round < 2 {
                executor.release(&spec(task).attempt_id).await.unwrap();
            }
        }
    }
    for task in ["a", "b", "c"] {
        let Some(Observation::Held(sighting)) = next(&mut slow).await else { panic!("nothing of {task}") };
        assert_eq!((sighting.attempt_id, sighting.phase.rank()), (spec(task).attempt_id, 2));
    }
    assert!(slow.next().now_or_never().is_none(), "something was said twice");
}

#[tokio::test(start_paused = true)]
async fn attempts_end_lost_with_their_executor_and_its_watches_end() {
    let executor = executor(|_, _| future::pending().boxed());
    running(&executor, "docs").await;
    let watch = executor.watch();
    drop(executor);
    let seen: Vec<_> = watch.map(Result::unwrap).collect().await;
    let Some(Observation::Held(sighting)) = seen.last() else { panic!("{seen:?}") };
    let Phase::Finished(end) = &sighting.phase else { panic!("{sighting:?}") };
    assert_eq!(end.cause, Some(Cause::Lost));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_whose_future_the_runtime_drops_is_lost() {
    let run = Arc::new(Run(Box::new(|_, _| future::pending().boxed())));
    let executor =
        InProcess::new(ExecutorName::new("drops").unwrap(), run, drop, Arc::new(TokioClock::new()));
    let end = end_of(&executor, &spec("docs")).await;
    assert_eq!(end.cause, Some(Cause::Lost));
    executor.release(&spec("docs").attempt_id).await.unwrap();
}

type Work = dyn Fn(AttemptSpec, Arc<AttemptContext>) -> BoxFuture<'static, AttemptResult> + Send + Sync;

struct Run(Box<Work>);

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Run")
    }
}

#[async_trait]
impl RunAttempt for Run {
    async fn run(&self, spec: &AttemptSpec, ctx: &AttemptContext) -> AttemptResult {
        let ctx = AttemptContext {
            created: ctx.created,
            clock: Arc::clone(&ctx.clock),
            artifacts: ctx.artifacts.clone(),
            stop: Arc::clone(&ctx.stop),
        };
        (self.0)(spec.clone(), Arc::new(ctx)).await
    }
}

#[derive(Debug)]
struct TokioClock(Instant);

impl TokioClock {
    fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }
}

fn executor(
    work: impl Fn(AttemptSpec, Arc<AttemptContext>) -> BoxFuture<'static, AttemptResult> + Send + Sync + 'static,
) -> InProcess {
    let spawn = |run| _ = tokio::spawn(run);
    let name = ExecutorName::new("here").unwrap();
    InProcess::new(name, Arc::new(Run(Box::new(work))), spawn, Arc::new(TokioClock::new()))
}

fn spec(task: &str) -> AttemptSpec {
    AttemptSpec {
        attempt_id: AttemptId::new(format!("attempt-{task}")).unwrap(),
        attempt_number: 1,
        target_id: crate::id::TargetId::new("radix").unwrap(),
        task_id: crate::id::TaskId::new(task).unwrap(),
        repo_url: "/repo".into(),
        default_branch: "main".into(),
        base_commit: "c0ffee".into(),
        deadline_seconds: None,
        forge: Default::default(),
    }
}

async fn next(watch: &mut BoxStream<'static, Result<Observation, ExecutorError>>) -> Option<Observation> {
    watch.next().await.map(Result::unwrap)
}

/// Launches the attempt and waits until it runs.
async fn running(executor: &InProcess, task: &str) -> AttemptId {
    let spec = spec(task);
    executor.launch(&spec, &Head::EMPTY).await.unwrap();
    let mut watch = executor.watch();
    while let Some(seen) = next(&mut watch).await {
        if matches!(seen, Observation::Held(sighting) if sighting.phase == Phase::Running) {
            return spec.attempt_id;
        }
    }
    panic!("the watch ended");
}

/// Launches the attempt, unless it is, and waits for its end.
async fn end_of(executor: &InProcess, spec: &AttemptSpec) -> End {
    executor.launch(spec, &Head::EMPTY).await.unwrap();
    let mut watch = executor.watch();
    while let Some(seen) = next(&mut watch).await {
        if let Observation::Held(sighting) = seen
            && sighting.attempt_id == spec.attempt_id
            && let Phase::Finished(end) = sighting.phase
        {
            return *end;
        }
    }
    panic!("the watch ended");
}
