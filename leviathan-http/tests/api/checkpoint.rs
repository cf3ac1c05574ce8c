//! Signed checkpoints.

use crate::support::Api;
use crate::wire::facts;
use leviathan_core::Secret;
use leviathan_core::log::{Checkpoint, Head};
use leviathan_http::checkpoint::{
    BadCheckpoint, CheckpointKey, CheckpointPublicKey, PublicKeyView, SignedCheckpoint,
};

fn key(digit: &str) -> CheckpointKey {
    CheckpointKey::parse(&Secret::new(digit.repeat(64))).unwrap()
}

#[tokio::test]
async fn the_head_is_signed_by_the_key_that_is_served() {
    let api = Api::start_with(|state| state.with_checkpoint_key(key("7"))).await;
    api.tell(facts(0..3, 1)).await;
    let served: PublicKeyView = api.get("/v1/events/checkpoint/key").await.ok();
    let public: CheckpointPublicKey = served.public_key.parse().unwrap();
    assert_eq!((served.algorithm.as_str(), &served.key_id), ("Ed25519", &public.id()));
    let signed: SignedCheckpoint = api.get("/v1/events/checkpoint").await.ok();
    let Checkpoint { log_id, head, .. } = signed.verify(&public).unwrap();
    assert_eq!(api.ledger.read(|graph| (graph.log_id(), graph.head())), (Some(log_id), head));
}

#[tokio::test]
async fn without_a_key_there_are_none_and_that_is_said() {
    let api = Api::start().await;
    for path in ["/v1/events/checkpoint", "/v1/events/checkpoint/key"] {
        assert!(api.get(path).await.problem(404).detail.contains("without a key"));
    }
}

#[test]
fn what_was_changed_or_signed_by_another_is_worth_nothing() {
    let time = leviathan_core::parse_timestamp("2026-01-24T10:00:07Z").unwrap();
    let checkpoint = Checkpoint { log_id: leviathan_core::id::LogId::from_u128(7), head: Head::EMPTY, time };
    let (ours, other) = (key("7"), key("8"));
    let signed = ours.sign(&checkpoint);
    assert_eq!(signed.verify(&ours.public()), Ok(checkpoint));
    let named = BadCheckpoint::OtherKey { signed_by: ours.public().id(), expected: other.public().id() };
    assert_eq!(signed.verify(&other.public()), Err(named));
    let bad = || Err(BadCheckpoint::BadSignature { key_id: ours.public().id() });
    let changed = signed.checkpoint.replace("\"position\":0", "\"position\":1");
    for forged in [
        SignedCheckpoint { checkpoint: changed, ..signed.clone() },
        SignedCheckpoint { signature: other.sign(&checkpoint).signature, ..signed.clone() },
        SignedCheckpoint { signature: String::new(), ..signed.clone() },
        SignedCheckpoint { signature: signed.signature.replace(['0', '1', '2'], "3"), ..signed.clone() },
    ] {
        assert_eq!(forged.verify(&ours.public()), bad(), "{forged:?}");
    }
}

#[test]
fn a_key_is_64_hex_digits_and_is_not_shown() {
    for bad in ["", "7", "x", &"7".repeat(63), &"g".repeat(64)] {
        assert!(CheckpointKey::parse(&Secret::new(bad)).is_err(), "{bad}");
    }
    assert!(CheckpointKey::parse(&Secret::new(format!("{}\n", "a".repeat(64)))).is_ok());
    assert!(!format!("{:?}", key("7")).contains("777"));
}

/// The lines of `docs/event-log.md` that begin with a name.
fn documented(name: &str) -> &'static str {
    const TEXT: &str = include_str!("../../../docs/event-log.md");
    let section = TEXT.split_once("<!-- checkpoint -->").unwrap().1;
    section.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap()
}

#[test]
fn the_vectors_of_the_document_are_what_this_program_signs() {
    let key = CheckpointKey::parse(&Secret::new(documented("key"))).unwrap();
    let signed = key.sign(&documented("text").parse().unwrap());
    let expected = ["text", "signature", "key_id", "public key"].map(documented);
    assert_eq!([&signed.checkpoint, &signed.signature, &signed.key_id, &key.public().to_string()], expected);
}
