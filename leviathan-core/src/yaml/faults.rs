//! `Faults`: collects what is wrong while a file is read.

use super::{BadFile, Fault};

/// So many faults are told of one file; whoever has more knows enough to begin.
const MAX_FAULTS: usize = 200;

/// What was found wrong in one file so far.
pub(crate) struct Faults {
    file: String,
    list: Vec<Fault>,
    found: usize,
}

impl Faults {
    /// Nothing wrong yet with the file of this name.
    pub(crate) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), list: Vec::new(), found: 0 }
    }

    /// How many were found. It rises with each, also beyond those that are kept.
    pub(crate) fn found(&self) -> usize {
        self.found
    }

    /// Adds one.
    pub(crate) fn push(&mut self, place: Option<(u64, u64)>, field: &str, what: String) {
        self.found += 1;
        if self.list.len() < MAX_FAULTS {
            let (line, column) = place.unzip();
            self.list.push(Fault { file: self.file.clone(), line, column, field: field.to_owned(), what });
        }
    }

    /// Those found, in the order of the file, with a last one that counts what was left out.
    pub(crate) fn into_list(mut self) -> Vec<Fault> {
        self.list.sort_by_key(|fault| (fault.line, fault.column));
        let untold = self.found - self.list.len();
        if untold > 0 {
            let what = format!("{untold} more faults that are not listed");
            self.list.push(Fault { file: self.file, line: None, column: None, field: String::new(), what });
        }
        self.list
    }

    /// What was read, if nothing was wrong.
    pub(crate) fn or<T>(self, read: Option<T>) -> Result<T, BadFile> {
        match read {
            Some(read) if self.found == 0 => Ok(read),
            _ => Err(BadFile { faults: self.into_list() }),
        }
    }
}
