//! The promises of an [`ArtifactStore`], one function for each.
//!
//! [`artifact_store_suite!`](crate::artifact_store_suite) makes a test of each; see [`conformance`](super) for an example.

use super::{Harness, Violation, ensure, poll_times, say};
use crate::artifact::{
    ArtifactError, ArtifactErrorKind, ArtifactStore, ArtifactStream, StoredArtifact, artifact_bytes,
    artifact_stream,
};
use crate::log::Hash;
use bytes::Bytes;
use futures::future::join_all;
use futures::{StreamExt, stream};

/// Expands to one `#[test]` for each promise of an [`ArtifactStore`](crate::artifact::ArtifactStore), given a
/// [`Harness`](crate::conformance::Harness) whose subject is one.
#[macro_export]
macro_rules! artifact_store_suite {
    ($harness:expr) => {
        $crate::conformance_tests! { artifact_store, $harness,
            bytes_are_kept_under_their_own_hash
            what_was_never_kept_is_not_found
            bytes_of_another_hash_are_refused_and_not_kept
            more_bytes_than_allowed_are_refused_and_not_kept
            a_source_that_fails_leaves_nothing
            a_put_let_go_leaves_the_whole_or_nothing
            keeping_the_same_bytes_again_is_harmless
            a_range_gives_just_its_bytes
            what_was_kept_survives_a_reopen
        }
    };
}

/// More than anybody here puts.
const ROOM: u64 = 64 * 1024 * 1024;

/// Bytes of any length, in any pieces, are found and read under their SHA-256.
///
/// # Errors
/// [`Violation`].
pub async fn bytes_are_kept_under_their_own_hash<H: Harness<Subject: ArtifactStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    for length in [0, 1, 1000, 12 * 1024 * 1024 + 7] {
        let bytes = some_bytes(length);
        let due = StoredArtifact { sha256: Hash::of(&bytes), size_bytes: length as u64 };
        for expected in [None, Some(due.sha256)] {
            let stored = store.put(in_pieces(&bytes), expected, ROOM).await?;
            ensure(stored == due, format_args!("{length} bytes were kept as {stored:?}, not as {due:?}"))?;
        }
        is_kept(&store, &bytes).await?;
    }
    Ok(())
}

/// A name that nothing was kept under is `NotFound`, and no artifact.
///
/// # Errors
/// [`Violation`].
pub async fn what_was_never_kept_is_not_found<H: Harness<Subject: ArtifactStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    store.put(artifact_stream("something else"), None, ROOM).await?;
    is_missing(&store, &Hash::of(b"never kept")).await
}

/// Bytes that are not those of the expected name are a `Mismatch`, and are kept under neither name.
///
/// # Errors
/// [`Violation`].
pub async fn bytes_of_another_hash_are_refused_and_not_kept<H: Harness<Subject: ArtifactStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    let sent = some_bytes(3000);
    let expected = Hash::of(b"what was meant");
    refused(store.put(in_pieces(&sent), Some(expected), ROOM).await, ArtifactErrorKind::Mismatch)?;
    is_missing(&store, &expected).await?;
    is_missing(&store, &Hash::of(&sent)).await
}

/// As many bytes as allowed are kept; one more is `TooLarge`, and nothing is kept, however long the source would go on.
///
/// # Errors
/// [`Violation`].
pub async fn more_bytes_than_allowed_are_refused_and_not_kept<H: Harness<Subject: ArtifactStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    let bytes = some_bytes(3000);
    let too_large = ArtifactErrorKind::TooLarge;
    refused(store.put(in_pieces(&bytes), None, 2999).await, too_large)?;
    refused(store.put(in_pieces(&bytes), Some(Hash::of(&bytes)), 0).await, too_large)?;
    is_missing(&store, &Hash::of(&bytes)).await?;
    is_missing(&store, &Hash::of(&bytes[..2999])).await?;
    let endless = stream::repeat_with(|| Ok(Bytes::from_static(&[7; 4096]))).boxed();
    refused(store.put(endless, None, 1024 * 1024).await, too_large)?;
    store.put(in_pieces(&bytes), None, 3000).await?;
    is_kept(&store, &bytes).await
}

/// When the source gives an error the put is `Interrupted`, and what came before is not kept.
///
/// # Errors
/// [`Violation`].
pub async fn a_source_that_fails_leaves_nothing<H: Harness<Subject: ArtifactStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    let whole = some_bytes(7 * 1024 * 1024);
    for length in [0, 1000, whole.len()] {
        let begun = whole.slice(..length);
        let failure = Err(ArtifactError::new(ArtifactErrorKind::Unavailable, "the source went away"));
        let content = in_pieces(&begun).chain(stream::iter([failure])).boxed();
        refused(store.put(content, None, ROOM).await, ArtifactErrorKind::Interrupted)?;
        is_missing(&store, &Hash::of(&begun)).await?;
    }
    Ok(())
}

/// When the future of `put` is dropped, nothing of an unfinished source can be read, and of a finished one nothing or
/// all.
///
/// # Errors
/// [`Violation`].
pub async fn a_put_let_go_leaves_the_whole_or_nothing<H: Harness<Subject: ArtifactStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    for polls in 0..24 {
        let begun = some_bytes(5000 + polls);
        let unfinished = in_pieces(&begun).chain(stream::pending()).boxed();
        let ended = poll_times(polls, store.put(unfinished, Some(Hash::of(&begun)), ROOM)).await;
        ensure(ended.is_none(), "a put ended before its source did")?;
        is_missing(&store, &Hash::of(&begun)).await?;

        let finished = some_bytes(9000 + polls);
        poll_times(polls, store.put(in_pieces(&finished), None, ROOM)).await.transpose()?;
        if store.find(&Hash::of(&finished)).await?.is_some() {
            is_kept(&store, &finished).await?;
        }
        // And it can be kept now.
        store.put(in_pieces(&finished), None, ROOM).await?;
        is_kept(&store, &finished).await?;
    }
    Ok(())
}

/// Keeping bytes again, later or at the same time, gives the same answer and leaves them as they are.
///
/// # Errors
/// [`Violation`].
pub async fn keeping_the_same_bytes_again_is_harmless<H: Harness<Subject: ArtifactStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    let bytes = some_bytes(20_000);
    let due = StoredArtifact { sha256: Hash::of(&bytes), size_bytes: 20_000 };
    for _ in 0..2 {
        let at_once = (0..4).map(|_| store.put(in_pieces(&bytes), None, ROOM));
        for stored in join_all(at_once).await {
            let stored = stored?;
            ensure(stored == due, format_args!("the same bytes were kept as {stored:?}, not as {due:?}"))?;
        }
        is_kept(&store, &bytes).await?;
    }
    Ok(())
}

/// A range gives its bytes and no others; one that does not lie within the artifact is `NotFound`.
///
/// # Errors
/// [`Violation`].
pub async fn a_range_gives_just_its_bytes<H: Harness<Subject: ArtifactStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    let bytes = some_bytes(5000);
    let name = store.put(in_pieces(&bytes), None, ROOM).await?.sha256;
    for range in [0..5000, 0..1, 17..1200, 4999..5000, 0..0, 300..300, 5000..5000] {
        let part = artifact_bytes(store.get(&name, Some(range.clone())).await?, ROOM).await?;
        let due = &bytes[range.start as usize..range.end as usize];
        ensure(
            part == due,
            format_args!("the range {range:?} gave {} bytes that are not its own", part.len()),
        )?;
    }
    for beyond in [4999..5001, 5001..5001, 6000..7000, 0..u64::MAX] {
        refused(store.get(&name, Some(beyond)).await.map(drop), ArtifactErrorKind::NotFound)?;
    }
    Ok(())
}

/// What was kept is there after the store was closed and opened. Holds by itself for a store whose harness says that
/// nothing survives.
///
/// # Errors
/// [`Violation`].
pub async fn what_was_kept_survives_a_reopen<H: Harness<Subject: ArtifactStore>>(
    harness: &H,
) -> Result<(), Violation> {
    let store = harness.fresh().await;
    let (small, large) = (some_bytes(10), some_bytes(6 * 1024 * 1024));
    store.put(in_pieces(&small), None, ROOM).await?;
    store.put(in_pieces(&large), None, ROOM).await?;
    let Some(store) = harness.reopen(store).await else {
        say("nothing survives a reopen, as the harness says: not asked further");
        return Ok(());
    };
    is_kept(&store, &small).await?;
    is_kept(&store, &large).await
}

/// Bytes that differ for each length, also where one is the beginning of the other.
fn some_bytes(length: usize) -> Bytes {
    (0..length).map(|n| (n.wrapping_mul(31).wrapping_add(length) % 251) as u8).collect()
}

/// The bytes as a source gives them: in uneven pieces, an empty one among them.
fn in_pieces(bytes: &Bytes) -> ArtifactStream {
    let third = bytes.len() / 3;
    let pieces =
        [bytes.slice(..third), Bytes::new(), bytes.slice(third..2 * third), bytes.slice(2 * third..)];
    stream::iter(pieces.map(Ok)).boxed()
}

async fn is_kept(store: &impl ArtifactStore, bytes: &Bytes) -> Result<(), Violation> {
    let due = StoredArtifact { sha256: Hash::of(bytes), size_bytes: bytes.len() as u64 };
    let found = store.find(&due.sha256).await?;
    ensure(found == Some(due), format_args!("find gave {found:?} instead of {due:?}"))?;
    let read = artifact_bytes(store.get(&due.sha256, None).await?, ROOM).await?;
    ensure(
        read == *bytes,
        format_args!("{} bytes were read that are not the {} kept", read.len(), bytes.len()),
    )
}

async fn is_missing(store: &impl ArtifactStore, name: &Hash) -> Result<(), Violation> {
    let found = store.find(name).await?;
    ensure(found.is_none(), format_args!("find gave {found:?}, which should not be there"))?;
    refused(store.get(name, None).await.map(drop), ArtifactErrorKind::NotFound)
}

fn refused<T>(outcome: Result<T, ArtifactError>, due: ArtifactErrorKind) -> Result<(), Violation> {
    match outcome {
        Err(error) if error.kind() == due => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) => Err(Violation::new(format_args!("it went well where {due:?} was due"))),
    }
}
