//! The Python lines of `docs/event-log.md`, run by Python.

use super::document;
use super::verdict::Case;
use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Runs the lines of the document, unchanged, over many exports in one process: `open` gives each time the next export.
const DRIVER: &str = r#"
import contextlib, io, struct, sys
lines = compile(sys.argv[1], "docs/event-log.md", "exec")
while sizes := sys.stdin.buffer.read(8):
    export, head = (sys.stdin.buffer.read(size) for size in struct.unpack(">II", sizes))
    sys.argv = ["check.py", "export.ndjson"] + (["--head", head.decode()] if head else [])
    said, code = io.StringIO(), 0
    try:
        with contextlib.redirect_stdout(said):
            exec(lines, {"open": lambda *_: io.BytesIO(export)})
    except SystemExit as end:
        said.write(str(end.code))
        code = 1
    print(code, said.getvalue().strip())
"#;

/// What the Python lines made of an export.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) accepted: bool,
    pub(crate) said: String,
}

/// What the lines make of each of `cases`, in order.
pub(crate) fn answers(cases: &[Case]) -> Vec<Answer> {
    let mut input = Vec::new();
    for Case { export, head } in cases {
        let head = head.map(|head| head.to_string()).unwrap_or_default();
        for part in [export.len(), head.len()] {
            input.extend_from_slice(&u32::try_from(part).unwrap().to_be_bytes());
        }
        input.extend_from_slice(export);
        input.extend_from_slice(head.as_bytes());
    }
    let output = run(&["-c", DRIVER, document::block("python")], input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<_> = said
        .lines()
        .map(|line| {
            let (code, said) = line.split_once(' ').unwrap();
            Answer { accepted: code == "0", said: said.to_owned() }
        })
        .collect();
    assert_eq!(answers.len(), cases.len(), "one answer for each case");
    answers
}

/// Runs Python with these arguments on `input`.
pub(crate) fn run(arguments: &[&str], input: Vec<u8>) -> Output {
    #[allow(
        clippy::disallowed_methods,
        reason = "core does no I/O; its tests ask another language for its view"
    )]
    let python = Command::new("python3")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut python = python.unwrap_or_else(|error| {
        panic!("python3 could not be started ({error}); .ci/test installs it, or says how")
    });
    let mut stdin = python.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // Beside the reading, since each side of a full pipe would wait for the other. A Python that ends early is told
        // by its output.
        scope.spawn(move || stdin.write_all(&input));
        python.wait_with_output().unwrap()
    })
}
