//! Checks an exported log: every event in its place, unchanged, and, given the head, none cut off or added at the end.
//!
//! ```text
//! cargo run --example verify -- export.ndjson --head 42:9f86d081…
//! ```

use anyhow::Context;
use bytes::Bytes;
use clap::Parser;
use leviathan_core::log::{Fault, Head, verify_lines};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// No event comes near this. What has no line feed for so long is taken in pieces, so that memory stays bounded.
const MAX_LINE_BYTES: u64 = 32 * 1024 * 1024;

/// Checks an exported log line by line, in constant memory.
///
/// Prints the head that the log ends at and exits with 0, or prints the first fault and exits with 1. What can't be read
/// exits with 2. docs/event-log.md says what the check can show and what it cannot.
#[derive(Debug, Parser)]
#[command(name = "verify")]
struct Options {
    /// The export, one event on each line; `-` reads standard input.
    file: PathBuf,
    /// The head that the log must end at, as the host printed it. Without it a cut or lengthened tail goes unseen.
    #[arg(long, value_name = "POSITION:HASH")]
    head: Option<Head>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            // Nobody is left to tell if this can't be written either; the exit code says it.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Prints the verdict and returns whether the log verified.
fn run(options: &Options) -> anyhow::Result<bool> {
    let verdict = check(options)?;
    let said = match &verdict {
        Ok(head) => writeln!(io::stdout(), "verified {} events, head {head}", head.position),
        Err(fault) => writeln!(io::stdout(), "{fault}"),
    };
    said.context("the verdict could not be printed")?;
    Ok(verdict.is_ok())
}

fn check(options: &Options) -> anyhow::Result<Result<Head, Fault>> {
    let verdict = open(&options.file).and_then(|export| verify_lines(Lines { export }, options.head));
    verdict.with_context(|| format!("{} could not be read", options.file.display()))
}

fn open(file: &Path) -> io::Result<Box<dyn BufRead>> {
    if file == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    Ok(Box::new(BufReader::with_capacity(256 * 1024, File::open(file)?)))
}

/// The lines of an export, each with its line feed if it has one.
struct Lines {
    export: Box<dyn BufRead>,
}

impl Iterator for Lines {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<io::Result<Bytes>> {
        let mut line = Vec::new();
        match self.export.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) => Some(Ok(line.into())),
            Err(error) => Some(Err(error)),
        }
    }
}
