//! `Environment`: reading variables, and gathering all that is wrong with them.

use std::fmt;

/// The variables of a process, with what was found wrong so far.
pub(crate) struct Environment<'a> {
    get: &'a dyn Fn(&str) -> Option<std::ffi::OsString>,
    faults: Vec<String>,
}

/// All that is wrong with the environment. It repeats no value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Faults(pub(crate) Vec<String>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the environment can't be used:")?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for Faults {}

impl<'a> Environment<'a> {
    pub(crate) fn new(get: &'a dyn Fn(&str) -> Option<std::ffi::OsString>) -> Self {
        Self { get, faults: Vec::new() }
    }

    /// Says what is wrong with a variable.
    pub(crate) fn fault(&mut self, name: &str, what: impl fmt::Display) {
        self.faults.push(format!("{name} {what}"));
    }

    /// The variable's text. An empty one is as good as none.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let text = (self.get)(name)?.into_string();
        if text.is_err() {
            self.fault(name, "is not UTF-8");
        }
        text.ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// The variable as what `parse` makes of it.
    pub(crate) fn parsed<T, E: fmt::Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(name)?;
        parse(&text).map_err(|error| self.fault(name, error)).ok()
    }

    /// `value`, if nothing was wrong.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Faults> {
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(Faults(self.faults)),
        }
    }
}
