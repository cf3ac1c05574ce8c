//! The program `verify`, as somebody with an export in hand runs it.

use crate::program::program;
use leviathan_core::id::LogId;
use leviathan_core::log::{Checkpoint, EventBody, ExportLine, Head, SealedEvent};
use leviathan_core::{Secret, parse_timestamp};
use leviathan_http::checkpoint::CheckpointKey;
use std::io::Write;
use std::process::{Command, Output, Stdio};

/// The lines of a log of so many events, and its head.
fn export(events: usize) -> (Vec<u8>, Head) {
    let bodies = (1..=events).map(|n| EventBody::seal(format!("{{\"event_id\":\"e-{n}\"}}").into()));
    let sealed = SealedEvent::chain(Head::EMPTY, bodies);
    let mut export = Vec::new();
    sealed.iter().for_each(|event| ExportLine::write(&event.head, &event.body, &mut export));
    (export, sealed.last().map_or(Head::EMPTY, |event| event.head))
}

/// Runs a command on `input`.
fn run(command: &mut Command, input: impl FnOnce(&mut dyn Write) + Send) -> Output {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || input(&mut stdin));
        child.wait_with_output().unwrap()
    })
}

/// Runs `verify` on `input`, and returns its exit code, standard output and standard error.
fn verify(arguments: &[&str], input: &[u8]) -> (Option<i32>, String, String) {
    let output = run(Command::new(program("verify")).args(arguments), |stdin| {
        // A program that refuses its arguments reads nothing.
        let _ = stdin.write_all(input);
    });
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_good_export_is_verified_to_its_head_from_a_file_and_from_standard_input() {
    let (lines, head) = export(3);
    let expected = (Some(0), format!("verified 3 events, head {head}\n"), String::new());
    assert_eq!(verify(&["-"], &lines), expected);
    assert_eq!(verify(&["-", "--head", &head.to_string()], &lines), expected);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &lines).unwrap();
    assert_eq!(verify(&[file.path().to_str().unwrap()], b""), expected);
}

#[test]
fn the_first_fault_is_printed_with_its_position_and_ends_with_1() {
    #[track_caller]
    fn check(arguments: &[&str], lines: &[u8], expected: &str) {
        let (code, said, errors) = verify(arguments, lines);
        assert_eq!((code, errors.as_str()), (Some(1), ""), "{said}");
        assert!(said.starts_with(expected) && said.lines().count() == 1, "{said}");
    }
    let (lines, head) = export(3);
    let changed = String::from_utf8(lines.clone()).unwrap().replace("e-2", "e-9");
    check(&["-"], changed.as_bytes(), "position 2: changed: ");
    check(&["-"], b"not an export at all", "position 1: changed: ");
    check(&["-"], &lines[..lines.len() - 1], "position 3: changed: ");
    check(&["-", "--head", &head.to_string()], &export(2).0, "position 3: tail cut: ");
    check(&["-", "--head", &head.to_string()], &export(4).0, "position 4: tail added: ");
}

#[test]
fn a_cut_or_rewritten_log_is_found_by_a_checkpoint_or_by_the_trailer_of_a_commit() {
    let key = CheckpointKey::parse(&Secret::new("7".repeat(64))).unwrap();
    let (public, cut) = (key.public().to_string(), "a".repeat(63));
    let (_, head) = export(3);
    let time = parse_timestamp("2026-01-24T10:00:00Z").unwrap();
    let signed = key.sign(&Checkpoint { log_id: LogId::from_u128(7), head, time });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), serde_json::to_vec(&signed).unwrap()).unwrap();
    let checkpoint = file.path().to_str().unwrap();
    let rewritten = String::from_utf8(export(5).0).unwrap().replace("e-1", "e-9");
    let rewritten = reseal(&rewritten);
    let trailer = format!("Leviathan-Log-Head: {head}");
    for witness in [["--checkpoint", checkpoint, "--key", &public].as_slice(), &["--passes", &trailer]] {
        let check = |lines: &[u8]| verify(&[&["-"], witness].concat(), lines);
        assert_eq!(check(&export(3).0).0, Some(0));
        assert_eq!(check(&export(5).0).0, Some(0), "a log grows");
        for (lines, says) in
            [(&export(2).0, "position 3: tail cut: "), (&rewritten, "position 3: another log: ")]
        {
            let (code, said, errors) = check(lines);
            assert!(code == Some(1) && said.starts_with(says) && errors.is_empty(), "{said}{errors}");
        }
    }
    for (arguments, says) in [
        (["-", "--checkpoint", checkpoint, "--key", &cut].as_slice(), "expected a public key"),
        (&["-", "--checkpoint", checkpoint, "--key", &"0".repeat(64)], "was signed by key"),
        (&["-", "--checkpoint", checkpoint], "--key"),
        (&["-", "--checkpoint", "/no/such", "--key", &public], "/no/such can't be relied on"),
    ] {
        let (code, said, errors) = verify(arguments, &export(3).0);
        assert!(code == Some(2) && said.is_empty() && errors.contains(says), "{errors}");
    }
}

/// The same bodies in a chain of their own.
fn reseal(export: &str) -> Vec<u8> {
    let lines = export.split_inclusive('\n').map(|line| ExportLine::parse(&line.to_owned().into()).unwrap());
    let sealed = SealedEvent::chain(Head::EMPTY, lines.map(|line| EventBody::seal(line.body)));
    let mut resealed = Vec::new();
    sealed.iter().for_each(|event| ExportLine::write(&event.head, &event.body, &mut resealed));
    resealed
}

#[test]
fn bad_arguments_and_unreadable_files_end_with_2_and_one_message() {
    #[track_caller]
    fn check(arguments: &[&str], expected: &str) {
        let (code, said, errors) = verify(arguments, b"");
        assert_eq!((code, said.as_str()), (Some(2), ""), "{errors}");
        assert!(errors.starts_with("error: ") && errors.contains(expected), "{errors}");
    }
    check(&["/no/such/file"], "/no/such/file could not be read: No such file");
    check(&["/"], "/ could not be read: Is a directory");
    check(&["-", "--head", "42"], "expected a log head as POSITION:HASH");
    check(&["-", "--tail", "42"], "--tail");
    check(&[], "<FILE>");
}

#[test]
fn a_log_larger_than_the_memory_allowed_is_verified_and_a_line_without_an_end_is_refused() {
    let limited = || {
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -v 262144; exec \"$0\" -"]).arg(program("verify"));
        shell
    };
    let text = "x".repeat(256 * 1024);
    let mut head = Head::EMPTY;
    let verified = run(&mut limited(), |stdin| {
        for n in 0..1200 {
            let body = EventBody::seal(format!("{{\"event_id\":\"e-{n}\",\"text\":\"{text}\"}}").into());
            head = head.then(body.leaf());
            let mut line = Vec::new();
            ExportLine::write(&head, &body, &mut line);
            stdin.write_all(&line).unwrap();
        }
    });
    assert_eq!(String::from_utf8_lossy(&verified.stdout), format!("verified 1200 events, head {head}\n"));
    let refused = run(&mut limited(), |stdin| {
        // It may refuse before it has seen everything.
        let _ = (0..1200).try_for_each(|_| stdin.write_all(text.as_bytes()));
    });
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
}
