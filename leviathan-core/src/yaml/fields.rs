//! `Fields`: the fields of a mapping by their names.

use super::{Entry, Faults};
use std::collections::BTreeMap;

/// The fields of a mapping. A field that is there but holds nothing counts as missing.
pub(crate) struct Fields<'d> {
    whole: Entry<'d>,
    by_name: BTreeMap<String, Field<'d>>,
}

struct Field<'d> {
    key: Entry<'d>,
    value: Entry<'d>,
}

impl<'d> Fields<'d> {
    pub(super) fn new(whole: Entry<'d>) -> Self {
        Self { whole, by_name: BTreeMap::new() }
    }

    /// Adds a field; one that is there already is a fault.
    pub(super) fn insert(&mut self, name: String, key: Entry<'d>, value: Entry<'d>, faults: &mut Faults) {
        match self.by_name.get(&name) {
            Some(first) => {
                key.fault(faults, format!("stands here again; the first is in line {}", first.key.line()))
            }
            None => _ = self.by_name.insert(name, Field { key, value }),
        }
    }

    /// The field of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Entry<'d>> {
        self.by_name.get(name).map(|field| &field.value).filter(|value| !value.is_null())
    }

    /// Whether the field is there, be it without a value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The field of this name, which must be there.
    pub(crate) fn require(&self, name: &str, faults: &mut Faults) -> Option<&Entry<'d>> {
        let found = self.get(name);
        if found.is_none() {
            self.whole.fault_of(faults, name, "is missing");
        }
        found
    }

    /// Says `what` of a field that is there but holds nothing.
    pub(crate) fn not_empty(&self, name: &str, what: &str, faults: &mut Faults) {
        if let Some(field) = self.by_name.get(name).filter(|field| field.value.is_null()) {
            field.key.fault(faults, what);
        }
    }

    /// Every field that holds something, with its name, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Entry<'d>)> {
        let there = self.by_name.iter().filter(|(_, field)| !field.value.is_null());
        there.map(|(name, field)| (name.as_str(), &field.value))
    }

    /// Says which fields are none of `known`.
    pub(crate) fn only(&self, known: &[&str], faults: &mut Faults) {
        for (_, field) in self.by_name.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
            field.key.fault(faults, format!("is no known field; expected one of {}", known.join(", ")));
        }
    }
}
