//! Checking policy receipts: each is judged again from a clone of the repository.

use anyhow::Context;
use bytes::Bytes;
use leviathan_core::event::Event;
use leviathan_core::event::payload::PolicyReceipt;
use leviathan_core::log::ExportLine;
use leviathan_worker::receipt::{CheckedReceipt, ReceiptError, check_receipt};
use serde_json::Value;
use std::io::{self, Write};
use std::path::Path;

/// What the receipts of an export came to.
#[derive(Debug, Default)]
pub(super) struct Tally {
    holding: usize,
    wrong: usize,
    unknown: usize,
}

impl Tally {
    /// Whether there was a receipt, and every one holds.
    pub(super) fn holds(&self) -> bool {
        self.holding > 0 && self.wrong == 0 && self.unknown == 0
    }
}

/// Judges again each receipt of `lines`, those of `attempt` only if one is named, and prints what each came to. `patch`
/// makes again what was refused, and so is in no clone.
pub(super) fn check_receipts(
    lines: impl Iterator<Item = io::Result<Bytes>>,
    clone: &Path,
    attempt: Option<&str>,
    patch: Option<&[u8]>,
) -> anyhow::Result<Tally> {
    let mut tally = Tally::default();
    let mut out = io::stdout().lock();
    for line in lines {
        let Some(receipt) = receipt_of(&line?) else { continue };
        if attempt.is_some_and(|attempt| attempt != receipt.attempt_id.as_str()) {
            continue;
        }
        let checked = check_receipt(clone, &receipt, patch);
        match &checked {
            Ok(checked) if checked.differences.is_empty() => tally.holding += 1,
            Ok(_) => tally.wrong += 1,
            Err(_) => tally.unknown += 1,
        }
        print(&mut out, &receipt, &checked).context("the verdict could not be printed")?;
    }
    let Tally { holding, wrong, unknown } = tally;
    writeln!(out, "{holding} receipts hold, {wrong} do not, {unknown} could not be checked")?;
    Ok(tally)
}

fn print(
    out: &mut impl Write,
    receipt: &PolicyReceipt,
    checked: &Result<CheckedReceipt, ReceiptError>,
) -> io::Result<()> {
    let attempt = receipt.attempt_id.as_str().escape_debug();
    match checked {
        Ok(checked) if checked.differences.is_empty() => {
            write!(out, "{attempt}: {} tree {}, as it says", receipt.verdict.escape_debug(), receipt.tree)?;
            match checked.not_checked {
                0 => writeln!(out),
                some => writeln!(out, ", but for {some} of its violations, which no clone shows"),
            }
        }
        Ok(checked) => {
            checked.differences.iter().try_for_each(|difference| writeln!(out, "{attempt}: {difference}"))
        }
        Err(error) => writeln!(out, "{attempt}: not checked: {error}"),
    }
}

/// The receipt of a line, if it is one: of an export, of an API's page, or of a body alone.
fn receipt_of(line: &Bytes) -> Option<PolicyReceipt> {
    let body = ExportLine::parse(line).map_or_else(|_| line.clone(), |line| line.body);
    let event: Value = serde_json::from_slice(&body).ok()?;
    let kind = event.get("event_type")?.as_str()?;
    let version = event.get("version").map_or(Some(1), Value::as_u64)?;
    let payload = event.get("payload")?.to_string();
    match Event::decode(kind, u32::try_from(version).ok()?, &payload, None) {
        Ok(Event::PolicyReceipt(receipt)) => Some(receipt),
        _ => None,
    }
}
