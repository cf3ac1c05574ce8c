//! The API program.

use crate::served::{OPERATOR, Served, WORKER, api, tokens};
use bytes::Bytes;
use leviathan_http::client::ClientError;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

/// What it says of an environment that it can't use.
#[track_caller]
fn refused(dir: &Path, variables: &[(&str, &str)], code: i32) -> String {
    let output = api(dir, variables).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert!(!error.contains("hunter"), "{error}");
    error
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn everything_that_is_wrong_with_the_environment_is_said_at_once_and_no_value_is_repeated() {
    let dir = tempfile::tempdir().unwrap();
    let bad = [
        ("LEVIATHAN_CONTROL_PLANE_TOKEN", "hunter1,hunter2,hunter3"),
        ("LEVIATHAN_WORKER_TOKEN", "hunter 4"),
        ("LEVIATHAN_TOKEN_KEY", "hunter5"),
        ("LEVIATHAN_BACKEND", "hunter6"),
        ("LEVIATHAN_ARTIFACTS_SHARED", "hunter7"),
        ("LEVIATHAN_API_PORT", "hunter8"),
        ("LEVIATHAN_CHECKPOINT_KEY", "hunter9"),
    ];
    let error = refused(dir.path(), &bad, 2);
    for (name, _) in bad {
        assert!(error.contains(&format!("\n  {name} ")), "{name} is not named: {error}");
    }
    let error = refused(dir.path(), &[("LEVIATHAN_ARTIFACTS_URL", "ftp://hunter2")], 2);
    for name in ["LEVIATHAN_CONTROL_PLANE_TOKEN is missing", "LEVIATHAN_ARTIFACTS_URL begins with none of"] {
        assert!(error.contains(name), "{error}");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "something was made all the same");
}

#[test]
fn what_says_where_artifacts_are_is_refused_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    for (url, says) in [
        ("file:artifacts", "not file:///DIRECTORY"),
        ("https://me:hunter2@host/x", "credentials"),
        ("s3:///hunter2", "no bucket"),
        ("artifacts hunter2", "not a URL"),
    ] {
        let error = refused(dir.path(), &[&tokens()[..], &[("LEVIATHAN_ARTIFACTS_URL", url)]].concat(), 2);
        assert!(error.contains("LEVIATHAN_ARTIFACTS_URL ") && error.contains(says), "{url}: {error}");
    }
}

#[cfg(not(feature = "clouds"))]
#[test]
fn a_bucket_whose_client_is_not_built_in_is_refused_with_the_name_of_the_feature() {
    let dir = tempfile::tempdir().unwrap();
    let bucket = [("LEVIATHAN_ARTIFACTS_URL", "gs://bucket/prefix")];
    let error = refused(dir.path(), &[&tokens()[..], &bucket].concat(), 2);
    assert!(error.contains("--features clouds"), "{error}");
}

#[cfg(feature = "clouds")]
#[test]
fn it_serves_with_a_bucket_for_artifacts_and_says_of_one_that_does_not_answer_that_it_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let nobody = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let endpoint = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let bucket = [
        ("LEVIATHAN_ARTIFACTS_URL", "s3://bucket/prefix"),
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "hunter5"),
        ("AWS_REGION", "eu-north-1"),
        ("AWS_ENDPOINT", &endpoint),
        ("AWS_ALLOW_HTTP", "true"),
    ];
    let served = Served::start(api(dir.path(), &[&tokens()[..], &bucket].concat()));
    runtime().block_on(async {
        served.client(OPERATOR).asking().summary().await.unwrap();
        // The bucket's client tries for longer than this.
        let deadline = Instant::now() + Duration::from_secs(2);
        let put = served.client(WORKER).put_artifact(Bytes::from_static(b"x"), deadline).await.unwrap_err();
        assert!(!put.to_string().contains("hunter5"), "{put}");
        assert!(put.is_temporary(), "{put}");
    });
}

#[cfg(not(feature = "postgres"))]
#[test]
fn an_api_over_postgres_that_is_not_built_in_is_refused_with_the_name_of_the_feature() {
    let dir = tempfile::tempdir().unwrap();
    let error = refused(dir.path(), &[&tokens()[..], &[("LEVIATHAN_BACKEND", "postgres")]].concat(), 2);
    assert!(error.contains("--features postgres"), "{error}");
}

#[cfg(feature = "postgres")]
#[test]
fn a_directory_for_artifacts_beside_a_shared_log_is_refused_unless_it_is_said_to_be_shared() {
    use crate::postgres::server;
    use leviathan_core::log::Hash;
    let dir = tempfile::tempdir().unwrap();
    let (url, artifacts) =
        (server().new_database().unwrap(), format!("file://{}/kept", dir.path().display()));
    let over = [
        ("LEVIATHAN_BACKEND", "postgres"),
        ("LEVIATHAN_POSTGRES_URL", &url),
        ("LEVIATHAN_LOG", "demo"),
        ("LEVIATHAN_ARTIFACTS_URL", &artifacts),
    ];
    let variables = [&tokens()[..], &over].concat();
    let error = refused(dir.path(), &variables, 2);
    assert!(error.contains("LEVIATHAN_ARTIFACTS_SHARED=yes"), "{error}");

    let shared = [&variables[..], &[("LEVIATHAN_ARTIFACTS_SHARED", "yes")]].concat();
    let served = Served::start(api(dir.path(), &shared));
    let stored = runtime().block_on(served.client(WORKER).put_artifact(Bytes::from_static(b"bytes"), soon()));
    assert_eq!(stored.unwrap().sha256, Hash::of(b"bytes"));
    assert!(dir.path().join("kept").is_dir());

    let nothing = [&tokens()[..], &[("LEVIATHAN_BACKEND", "postgres")]].concat();
    let error = refused(dir.path(), &nothing, 2);
    for name in [
        "LEVIATHAN_POSTGRES_URL is missing",
        "LEVIATHAN_LOG is missing",
        "LEVIATHAN_ARTIFACTS_URL is missing",
    ] {
        assert!(error.contains(name), "{error}");
    }
    let away = [("LEVIATHAN_POSTGRES_URL", "postgres://leviathan:hunter2@127.0.0.1:1/x")];
    let error = refused(dir.path(), &[&shared[..], &away].concat(), 1);
    assert!(error.contains("can't be reached"), "{error}");
}

#[test]
fn it_serves_from_its_state_directory_and_goes_on_there_after_it_was_told_to_stop() {
    let dir = tempfile::tempdir().unwrap();
    let mut served = Served::start(api(dir.path(), &tokens()));
    let kept = runtime().block_on(async {
        let stored = served.client(WORKER).put_artifact(Bytes::from_static(b"bytes"), soon()).await.unwrap();
        assert_eq!(served.client(WORKER).asking().summary().await.unwrap_err().status(), Some(403));
        assert_eq!(served.client("hunter9").asking().summary().await.unwrap_err().status(), Some(401));
        (stored, served.client(OPERATOR).asking().summary().await.unwrap())
    });
    served.terminate();
    assert_eq!(served.ended().code(), Some(0));

    let again = Served::start(api(dir.path(), &tokens()));
    runtime().block_on(async {
        let operator = again.client(OPERATOR);
        assert_eq!(operator.asking().summary().await.unwrap(), kept.1);
        assert_eq!(operator.get_artifact(kept.0.sha256, 9, soon()).await.unwrap(), "bytes");
    });
    let error = refused(dir.path(), &tokens(), 1);
    assert!(error.contains("log"), "another process serves that log: {error}");
}

#[test]
fn a_port_that_is_in_use_is_named_with_what_chooses_another() {
    let dir = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let error = refused(dir.path(), &[&tokens()[..2], &[("LEVIATHAN_API_PORT", &port)]].concat(), 1);
    assert!(error.contains(&port) && error.contains("LEVIATHAN_API_PORT"), "{error}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "something was made all the same");
}

#[test]
fn either_of_two_operators_tokens_is_good_and_checkpoints_are_signed_by_the_key_of_a_file() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("key"), format!("{}\n", "0".repeat(64))).unwrap();
    let variables = [
        ("LEVIATHAN_CONTROL_PLANE_TOKEN", "hunter1, hunter2"),
        ("LEVIATHAN_API_PORT", "0"),
        ("LEVIATHAN_CHECKPOINT_KEY_FILE", "key"),
    ];
    let served = Served::start(api(dir.path(), &variables));
    let [key] = &served.said[..] else { panic!("{:?}", served.said) };
    assert_eq!(key, "key     3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29");
    for token in ["hunter1", "hunter2"] {
        let summary = runtime().block_on(served.client(token).asking().summary());
        assert_eq!(summary.unwrap().position.get(), 1);
    }
    let both = [&variables[..], &[("LEVIATHAN_CHECKPOINT_KEY", "hunter3")]].concat();
    assert!(refused(dir.path(), &both, 2).contains("LEVIATHAN_CHECKPOINT_KEY_FILE are both given"));
}

#[test]
fn a_request_under_way_is_finished_and_a_stream_is_ended_when_it_is_told_to_stop() {
    let dir = tempfile::tempdir().unwrap();
    let mut served = Served::start(api(dir.path(), &tokens()));
    let connect = |head: String| {
        let mut peer = TcpStream::connect(("127.0.0.1", served.port().parse::<u16>().unwrap())).unwrap();
        peer.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        peer.write_all(head.as_bytes()).unwrap();
        peer
    };
    let mut stream = connect(format!(
        "GET /v1/events/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {OPERATOR}\r\n\r\n"
    ));
    let mut told = [0; 12];
    stream.read_exact(&mut told).unwrap();
    assert_eq!(&told, b"HTTP/1.1 200");
    let body = r#"{"target":"radix","bundle_id":"b","events":[]}"#;
    let length = body.len();
    let mut half = connect(format!(
        "POST /v1/events/ingest HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {WORKER}\r\ncontent-length: {length}\r\nexpect: 100-continue\r\n\r\n"
    ));
    // It asks for the body, so it has begun with the request.
    let mut told = [0; 25];
    half.read_exact(&mut told).unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    served.terminate();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("event: error"), "{rest}");
    half.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    half.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(served.ended().code(), Some(0));
}

#[test]
fn a_token_key_makes_the_tokens_of_attempts_good() {
    use leviathan_core::executor::AttemptTokens;
    let dir = tempfile::tempdir().unwrap();
    let key = "hunter4-0123456789abcdef0123456789";
    let served = Served::start(api(dir.path(), &[&tokens()[..], &[("LEVIATHAN_TOKEN_KEY", key)]].concat()));
    let key = leviathan_http::TokenKey::new(&leviathan_core::Secret::new(key)).unwrap();
    let expires = std::time::SystemTime::now() + Duration::from_secs(60);
    let token = key.token_for(&"attempt-1".parse().unwrap(), expires.into());
    runtime().block_on(async {
        let client = served.client(token.expose());
        client.put_artifact(Bytes::from_static(b"x"), soon()).await.unwrap();
        let refused = client.asking().summary().await.unwrap_err();
        assert!(matches!(refused, ClientError::Refused { .. }) && refused.status() == Some(403), "{refused}");
    });
}
