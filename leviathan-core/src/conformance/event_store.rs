//! The promises of an [`EventStore`], one function for each.
//!
//! [`event_store_suite!`](crate::event_store_suite) makes a test of each; see [`conformance`](super) for an example.

use super::{Harness, Violation, ensure, poll_times, say, yield_once};
use crate::log::{EventBody, Head, Position, RecordedEvent, SealedEvent};
use crate::store::{EventStore, StoreError, StoreErrorKind};
use crate::{MAX_BUNDLE_BYTES, MAX_BUNDLE_EVENTS};
use futures::future::{join, join_all, try_join};
use std::num::NonZeroUsize;

/// Expands to one `#[test]` for each promise of an [`EventStore`](crate::store::EventStore), given a
/// [`Harness`](crate::conformance::Harness) whose subject is one.
#[macro_export]
macro_rules! event_store_suite {
    ($harness:expr) => {
        $crate::conformance_tests! { event_store, $harness,
            a_fresh_log_is_empty
            what_was_appended_is_read_back_byte_for_byte
            reading_goes_on_behind_a_position_up_to_its_limit
            getting_keeps_to_the_order_asked_for
            no_events_are_nothing_to_do
            a_batch_as_large_as_a_bundle_is_kept
            another_head_is_a_conflict_and_writes_nothing
            of_appends_behind_one_head_one_wins
            a_batch_is_seen_whole_or_not_at_all
            settled_gives_the_hash_at_a_position
            an_append_let_go_is_done_or_not_done
            an_append_wakes_whoever_waits
            what_was_acknowledged_survives_a_reopen
        }
    };
}

/// Nothing can be read from a log that nothing was appended to.
///
/// # Errors
/// [`Violation`].
pub async fn a_fresh_log_is_empty<H: Harness<Subject: EventStore>>(harness: &H) -> Result<(), Violation> {
    let store = harness.fresh().await;
    let first = Position::new(1);
    ensure(store.read(Position::START, limit(10)).await?.is_empty(), "read gave events")?;
    ensure(store.get(&[first]).await?.is_empty(), "get gave an event")?;
    ensure(store.settled(first).await?.is_none(), "there is a hash at position 1")
}

/// Bodies come back as the very bytes that were sealed, awkward ones too: `1e-7`, `-0.0`, escapes, the order of keys, a
/// quarter of a megabyte.
///
/// # Errors
/// [`Violation`].
pub async fn what_was_appended_is_read_back_byte_for_byte<H: Harness<Subject: EventStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    let awkward = [
        r#"{"b":1e-7,"a":-0.0,"c":12345678901234567890123}"#.to_owned(),
        "{\"text\":\"\\u00e9 \\/ \\n \u{e9} \u{1f300} \\ud83c\\udf00 \u{2028}\"}".to_owned(),
        r#"{"count":7,"body":"\"}","hash":"{\"position\":1"}"#.to_owned(),
        format!("{{\"long\":\"{}\"}}", "x".repeat(250 * 1024)),
    ];
    let sealed = SealedEvent::chain(Head::EMPTY, awkward.map(|body| EventBody::seal(body.into())));
    store.append(&Head::EMPTY, &sealed).await?;
    same(&store.read(Position::START, limit(10)).await?, &recorded(&sealed))?;
    let positions: Vec<_> = sealed.iter().map(|event| event.head.position).collect();
    same(&store.get(&positions).await?, &recorded(&sealed))
}

/// `read` gives what follows `after`, in order, over the borders of batches, at most `limit`, and nothing at the end.
///
/// # Errors
/// [`Violation`].
pub async fn reading_goes_on_behind_a_position_up_to_its_limit<H: Harness<Subject: EventStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    let all = recorded(&append_batches(&store, &[3, 1, 5, 2]).await?);
    for after in 0..=all.len() {
        for most in [1, 2, 4, 100] {
            let due: Vec<_> = all[after..].iter().take(most).cloned().collect();
            same(&store.read(Position::new(after as u64), limit(most)).await?, &due)?;
        }
    }
    for beyond in [all.len() as u64 + 1, u64::MAX] {
        ensure(
            store.read(Position::new(beyond), limit(5)).await?.is_empty(),
            "read gave events beyond the end",
        )?;
    }
    Ok(())
}

/// `get` answers in the order asked for, repeats what is asked for twice, and leaves out what is not there.
///
/// # Errors
/// [`Violation`].
pub async fn getting_keeps_to_the_order_asked_for<H: Harness<Subject: EventStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    let all = recorded(&append_batches(&store, &[2, 4, 1]).await?);
    let asked = [7, 2, 0, 5, 8, 2, u64::MAX, 1].map(Position::new);
    let due = [7_usize, 2, 5, 2, 1].map(|position| all[position - 1].clone());
    same(&store.get(&asked).await?, &due)
}

/// An append of no events succeeds and changes nothing.
///
/// # Errors
/// [`Violation`].
pub async fn no_events_are_nothing_to_do<H: Harness<Subject: EventStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    store.append(&Head::EMPTY, &[]).await?;
    let all = append_batches(&store, &[2]).await?;
    store.append(&end(&all), &[]).await?;
    let more = bodies_behind(end(&all), 1, "more");
    store.append(&end(&all), &more).await?;
    same(&store.read(Position::START, limit(10)).await?, &recorded(&[all, more].concat()))
}

/// A batch of 10,000 events and 16 MiB, which is what a worker may post at once, is kept whole.
///
/// # Errors
/// [`Violation`].
pub async fn a_batch_as_large_as_a_bundle_is_kept<H: Harness<Subject: EventStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    let padding = "x".repeat(MAX_BUNDLE_BYTES / MAX_BUNDLE_EVENTS);
    let body = |n| EventBody::seal(format!("{{\"n\":{n},\"padding\":\"{padding}\"}}").into());
    let sealed = SealedEvent::chain(Head::EMPTY, (0..MAX_BUNDLE_EVENTS).map(body));
    store.append(&Head::EMPTY, &sealed).await?;
    for due in sealed.chunks(1000) {
        let after = due[0].head.position.get() - 1;
        same(&store.read(Position::new(after), limit(due.len())).await?, &recorded(due))?;
    }
    Ok(())
}

/// An append behind any head but the log's is a `Conflict`, and the log stays as it was.
///
/// # Errors
/// [`Violation`].
pub async fn another_head_is_a_conflict_and_writes_nothing<H: Harness<Subject: EventStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    let all = append_batches(&store, &[2, 2]).await?;
    let other = bodies_behind(Head::EMPTY, 4, "other");
    let ahead = bodies_behind(end(&all), 1, "ahead");
    for (which, head) in [
        ("the empty log's", Head::EMPTY),
        ("an earlier one", all[1].head),
        ("another log's of the same length", end(&other)),
        ("one further on", end(&ahead)),
    ] {
        conflict(store.append(&head, &bodies_behind(head, 1, "late")).await, which)?;
    }
    same(&store.read(Position::START, limit(10)).await?, &recorded(&all))
}

/// Of several appends behind the same head exactly one is acknowledged, the others are `Conflict`s, and the log holds
/// the winner's events whole.
///
/// # Errors
/// [`Violation`].
pub async fn of_appends_behind_one_head_one_wins<H: Harness<Subject: EventStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    let rivals: Vec<_> = (0..8).map(|n| bodies_behind(Head::EMPTY, 3, &format!("rival-{n}"))).collect();
    let outcomes = join_all(rivals.iter().map(|events| store.append(&Head::EMPTY, events))).await;
    let mut winners = Vec::new();
    for (rival, outcome) in rivals.iter().zip(outcomes) {
        match outcome {
            Ok(()) => winners.push(rival),
            lost => conflict(lost, "a head that another append had left")?,
        }
    }
    ensure(winners.len() == 1, format_args!("{} appends behind one head were acknowledged", winners.len()))?;
    same(&store.read(Position::START, limit(100)).await?, &recorded(winners[0]))
}

/// A reader beside a writer sees all the events of an append or none of them.
///
/// # Errors
/// [`Violation`].
pub async fn a_batch_is_seen_whole_or_not_at_all<H: Harness<Subject: EventStore>>(
    harness: &H,
) -> Result<(), Violation> {
    const BATCH: usize = 7;
    const BATCHES: usize = 20;
    let store = harness.fresh().await;
    let write = append_batches(&store, &[BATCH; BATCHES]);
    let read = async {
        loop {
            let seen = store.read(Position::START, limit(2 * BATCH * BATCHES)).await?.len();
            ensure(
                seen.is_multiple_of(BATCH),
                format_args!("{seen} events of batches of {BATCH} were seen"),
            )?;
            if seen == BATCH * BATCHES {
                return Ok::<_, Violation>(());
            }
            yield_once().await;
        }
    };
    let (written, ()) = try_join(write, read).await?;
    same(&store.read(Position::START, limit(2 * BATCH * BATCHES)).await?, &recorded(&written))
}

/// `settled` gives the hash of what stands at a position, and nothing where nothing stands.
///
/// # Errors
/// [`Violation`].
pub async fn settled_gives_the_hash_at_a_position<H: Harness<Subject: EventStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    let all = append_batches(&store, &[1, 3]).await?;
    for event in &all {
        let found = store.settled(event.head.position).await?;
        ensure(found == Some(event.head.hash), format_args!("settled gave {found:?} at {}", event.head))?;
    }
    let beyond = store.settled(end(&all).position.next()).await?;
    ensure(beyond.is_none(), format_args!("settled gave {beyond:?} behind the end of the log"))
}

/// An append whose future is dropped is done whole or not at all, `settled` says which, and that stays true.
///
/// # Errors
/// [`Violation`].
pub async fn an_append_let_go_is_done_or_not_done<H: Harness<Subject: EventStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    let mut all = append_batches(&store, &[1]).await?;
    for polls in 0..24 {
        let head = end(&all);
        let let_go = bodies_behind(head, 3, &format!("let-go-{polls}"));
        let answered = poll_times(polls, store.append(&head, &let_go)).await;
        let settled = store.settled(end(&let_go).position).await?;
        let done = settled == Some(end(&let_go).hash);
        ensure(done || settled.is_none(), format_args!("settled gave {settled:?}, which nobody appended"))?;
        match answered {
            Some(Ok(())) => ensure(done, "an acknowledged append is not there")?,
            Some(Err(error)) => return Err(error.into()),
            None => {}
        }
        if done {
            all.extend(let_go);
        }
        let more = bodies_behind(end(&all), 1, &format!("after-{polls}"));
        store.append(&end(&all), &more).await?;
        all.extend(more);
        same(&store.read(Position::START, limit(1000)).await?, &recorded(&all))?;
    }
    Ok(())
}

/// `changed` returns at once for a log that is further on, and wakes everybody who waits when events are appended, also
/// after somebody stopped waiting.
///
/// # Errors
/// [`Violation`].
pub async fn an_append_wakes_whoever_waits<H: Harness<Subject: EventStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    let mut all = append_batches(&store, &[2]).await?;
    store.changed(Position::START).await?;
    store.changed(Position::new(1)).await?;
    for round in 0..3 {
        let head = end(&all);
        let gave_up = poll_times(1, store.changed(head.position)).await;
        gave_up.transpose()?;
        let waiting = join_all([store.changed(head.position), store.changed(head.position)]);
        let more = bodies_behind(head, 1, &format!("round-{round}"));
        let append = async {
            // Not before both wait.
            yield_once().await;
            store.append(&head, &more).await
        };
        let (woken, appended) = join(waiting, append).await;
        appended?;
        woken.into_iter().collect::<Result<(), StoreError>>()?;
        all.extend(more);
    }
    Ok(())
}

/// What was acknowledged is there after the store was closed and opened, with its head, and the log goes on from there.
/// Holds by itself for a store whose harness says that nothing survives.
///
/// # Errors
/// [`Violation`].
pub async fn what_was_acknowledged_survives_a_reopen<H: Harness<Subject: EventStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let mut store = harness.fresh().await;
    let mut all = Vec::new();
    for round in 0..3 {
        let more = bodies_behind(end(&all), 2 + round, &format!("round-{round}"));
        store.append(&end(&all), &more).await?;
        all.extend(more);
        let Some(reopened) = harness.reopen(store).await else {
            say("nothing survives a reopen, as the harness says: not asked further");
            return Ok(());
        };
        store = reopened;
        same(&store.read(Position::START, limit(100)).await?, &recorded(&all))?;
        let settled = store.settled(end(&all).position).await?;
        ensure(settled == Some(end(&all).hash), format_args!("settled gave {settled:?} at {}", end(&all)))?;
        store.changed(Position::START).await?;
        conflict(
            store.append(&Head::EMPTY, &bodies_behind(Head::EMPTY, 1, "late")).await,
            "the empty log's",
        )?;
    }
    Ok(())
}

fn limit(most: usize) -> NonZeroUsize {
    NonZeroUsize::new(most).unwrap_or(NonZeroUsize::MIN)
}

fn recorded(sealed: &[SealedEvent]) -> Vec<RecordedEvent> {
    sealed.iter().cloned().map(SealedEvent::recorded).collect()
}

fn end(events: &[SealedEvent]) -> Head {
    events.last().map_or(Head::EMPTY, |event| event.head)
}

/// Bodies that nobody else makes, linked behind `head`.
fn bodies_behind(head: Head, count: usize, name: &str) -> Vec<SealedEvent> {
    let body = |n: usize| format!("{{\"event_id\":\"{name}-{n}\",\"payload\":{{\"n\":{n}}}}}");
    SealedEvent::chain(head, (0..count).map(|n| EventBody::seal(body(n).into())))
}

/// Appends batches of these sizes, each behind the one before.
async fn append_batches(store: &impl EventStore, sizes: &[usize]) -> Result<Vec<SealedEvent>, Violation> {
    let mut all = Vec::new();
    for (batch, size) in sizes.iter().enumerate() {
        let events = bodies_behind(end(&all), *size, &format!("batch-{batch}"));
        store.append(&end(&all), &events).await?;
        all.extend(events);
    }
    Ok(all)
}

fn conflict(outcome: Result<(), StoreError>, head: &str) -> Result<(), Violation> {
    match outcome {
        Err(error) if error.kind() == StoreErrorKind::Conflict => Ok(()),
        Err(error) => Err(error.into()),
        Ok(()) => Err(Violation::new(format_args!("an append behind {head} head was acknowledged"))),
    }
}

/// Says the first difference; bodies may be long.
fn same(found: &[RecordedEvent], due: &[RecordedEvent]) -> Result<(), Violation> {
    let differs = found.iter().zip(due).find(|(found, due)| found != due);
    if let Some((found, due)) = differs {
        let what = if found.head == due.head { "a body that was changed" } else { "another event" };
        let (at, instead) = (due.head.position, found.head.position);
        return Err(Violation::new(format_args!(
            "{what} where position {at} was due, stated position {instead}"
        )));
    }
    ensure(found.len() == due.len(), format_args!("{} events where {} were due", found.len(), due.len()))
}
