//! `Route`: a row of the table.

use reqwest::Method;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Anybody,
    /// Operators, and who has a worker's token or an attempt's.
    Workers,
    Operators,
}

/// A route, what it takes and what it refuses of an operator.
pub(crate) struct Route {
    /// As the description of the API writes it.
    pub(crate) name: &'static str,
    pub(crate) who: Who,
    /// What an operator posts before, to have something to use the route for.
    pub(crate) before: Option<(&'static str, &'static str)>,
    pub(crate) taken: Vec<Case>,
    pub(crate) refused: Vec<Case>,
}

/// A request and what its answer says. Path and body may name things of the [`World`](super::World).
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) path: &'static str,
    pub(crate) body: &'static str,
    pub(crate) status: u16,
    /// The paths of the faults that are told.
    pub(crate) faults: &'static [&'static str],
}

impl Route {
    pub(crate) fn new(name: &'static str, who: Who) -> Self {
        Self { name, who, before: None, taken: Vec::new(), refused: Vec::new() }
    }

    pub(crate) fn after(self, path: &'static str, body: &'static str) -> Self {
        Self { before: Some((path, body)), ..self }
    }

    pub(crate) fn takes(self, status: u16, path: &'static str) -> Self {
        self.takes_body(status, path, "")
    }

    pub(crate) fn takes_body(mut self, status: u16, path: &'static str, body: &'static str) -> Self {
        self.taken.push(Case { path, body, status, faults: &[] });
        self
    }

    pub(crate) fn refuses(self, status: u16, path: &'static str, faults: &'static [&'static str]) -> Self {
        self.refuses_body(status, path, "", faults)
    }

    pub(crate) fn refuses_body(
        mut self,
        status: u16,
        path: &'static str,
        body: &'static str,
        faults: &'static [&'static str],
    ) -> Self {
        self.refused.push(Case { path, body, status, faults });
        self
    }

    pub(crate) fn method(&self) -> Method {
        self.name.split_once(' ').unwrap().0.parse().unwrap()
    }
}

impl Case {
    /// Whether it speaks of the world's attempt, so that the token of another is of no use for it.
    pub(crate) fn is_of_attempt(&self) -> bool {
        self.body.contains("{attempt}")
    }
}
