//! Checks an exported log: every event in its place, unchanged, and, given what somebody else kept, nothing cut off or
//! written anew. Or checks its policy receipts: each is judged again from a clone of the repository.
//!
//! ```text
//! cargo run --example verify -- export.ndjson --head 42:9f86d081…
//! cargo run --example verify -- export.ndjson --checkpoint checkpoint.json --key 03a107bf…
//! cargo run --example verify -- export.ndjson --receipt --repo path/to/clone
//! ```

mod receipts;
mod witness;

use anyhow::{Context, Result};
use bytes::Bytes;
use clap::Parser;
use leviathan_core::log::{Fault, Head, verify_lines_with};
use receipts::check_receipts;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use witness::Witness;

/// No event comes near this. What has no line feed for so long is taken in pieces, so that memory stays bounded.
const MAX_LINE_BYTES: u64 = 32 * 1024 * 1024;

/// Checks an exported log line by line, in constant memory.
///
/// Prints the head that the log ends at and exits with 0, or prints the first fault and exits with 1. What can't be read
/// exits with 2. docs/event-log.md says what the check can show and what it cannot.
///
/// With --receipt it checks policy receipts instead, against a clone of the repository: the diff is made again from the two
/// commits, the policy read from the base commit, and the work judged anew. It prints what each receipt came to, and exits
/// with 0 if there are receipts and all hold, with 1 if one does not or can't be checked. Whether the log was changed is for
/// the check without --receipt to say.
#[derive(Debug, Parser)]
#[command(name = "verify")]
struct Options {
    /// The export, one event on each line; `-` reads standard input.
    file: PathBuf,
    #[command(flatten)]
    witness: Witness,
    /// Check the policy receipts among the lines: of an export, or a single event.
    #[arg(long, requires = "repo", conflicts_with_all = ["head", "passes", "checkpoint"])]
    receipt: bool,
    /// Any clone of the repository that has the commits which the receipts name.
    #[arg(long, value_name = "PATH", requires = "receipt")]
    repo: Option<PathBuf>,
    /// Only the receipts of this attempt.
    #[arg(long, value_name = "ID", requires = "receipt")]
    attempt: Option<String>,
    /// The patch of work that was refused, as the attempt's artifact `refused.patch` has it: no clone has that work.
    #[arg(long, value_name = "FILE", requires = "attempt")]
    patch: Option<PathBuf>,
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
fn run(options: &Options) -> Result<bool> {
    if let Some(repo) = &options.repo {
        return judge_again(options, repo);
    }
    let verdict = check(options)?;
    let said = match &verdict {
        Ok(head) => writeln!(io::stdout(), "verified {} events, head {head}", head.position),
        Err(fault) => writeln!(io::stdout(), "{fault}"),
    };
    said.context("the verdict could not be printed")?;
    Ok(verdict.is_ok())
}

fn judge_again(options: &Options, repo: &Path) -> Result<bool> {
    let unread = |file: &Path| format!("{} could not be read", file.display());
    let patch = options.patch.as_ref().map(|patch| std::fs::read(patch).with_context(|| unread(patch)));
    let export = open(&options.file).with_context(|| unread(&options.file))?;
    let patch = patch.transpose()?;
    let tally = check_receipts(Lines { export }, repo, options.attempt.as_deref(), patch.as_deref());
    Ok(tally.with_context(|| unread(&options.file))?.holds())
}

fn check(options: &Options) -> Result<Result<Head, Fault>> {
    let expected = options.witness.expected()?;
    let verdict = open(&options.file).and_then(|export| verify_lines_with(Lines { export }, &expected));
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
