//! `Entry`: a value of a file with the name of its field, read as what is expected there.

use super::{Faults, Fields, Node, Value};
use std::ops::RangeInclusive;

/// A value and the field that holds it. Each reader gives `None` where the value is another, and says so in the faults.
#[derive(Clone)]
pub(crate) struct Entry<'d> {
    text: &'d str,
    node: &'d Node,
    field: String,
}

impl<'d> Entry<'d> {
    pub(super) fn new(text: &'d str, node: &'d Node, field: String) -> Self {
        Self { text, node, field }
    }

    /// The line that it stands in.
    pub(crate) fn line(&self) -> u64 {
        self.node.place.0
    }

    /// Whether there is nothing.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.node.value, Value::Null)
    }

    /// Whether it is a list.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self.node.value, Value::List(_))
    }

    /// Says what is wrong here.
    pub(crate) fn fault(&self, faults: &mut Faults, what: impl Into<String>) {
        faults.push(Some(self.node.place), &self.field, what.into());
    }

    /// Says what is wrong with a field of this mapping that is not there.
    pub(super) fn fault_of(&self, faults: &mut Faults, name: &str, what: &str) {
        faults.push(Some(self.node.place), &self.field_of(name), what.to_owned());
    }

    /// Text. A number or a `yes` that nobody put in quotes is taken as it is written.
    pub(crate) fn text(&self, faults: &mut Faults) -> Option<String> {
        let text = match &self.node.value {
            Value::Text(text) => Some(text.as_str()),
            Value::Flag(_) | Value::Whole(_) | Value::Number => self.written(),
            _ => None,
        };
        match text {
            Some(text) if text.contains('\0') => self.fault(faults, "expected text without a NUL character"),
            Some(text) => return Some(text.to_owned()),
            None if matches!(self.node.value, Value::Mapping(_)) => {
                self.fault(faults, "expected text, found a mapping; put quotes around text that holds `: `");
            }
            None => return self.unexpected(faults, "text"),
        }
        None
    }

    /// Text that is not blank, without the white space around it.
    pub(crate) fn words(&self, faults: &mut Faults) -> Option<String> {
        let text = self.text(faults)?;
        if text.trim().is_empty() {
            self.fault(faults, "expected text that is not empty");
            return None;
        }
        Some(text.trim().to_owned())
    }

    /// `true` or `false`, `yes` or `no`.
    pub(crate) fn flag(&self, faults: &mut Faults) -> Option<bool> {
        match self.node.value {
            Value::Flag(flag) => Some(flag),
            _ => self.unexpected(faults, "`true` or `false`"),
        }
    }

    /// A whole number of `range`.
    pub(crate) fn whole(&self, faults: &mut Faults, range: RangeInclusive<u64>) -> Option<u64> {
        match self.node.value {
            Value::Whole(number) if range.contains(&number) => Some(number),
            _ => {
                self.unexpected(faults, &format!("a whole number from {} to {}", range.start(), range.end()))
            }
        }
    }

    /// One of a few words, in any case.
    pub(crate) fn choice<T: Copy>(&self, faults: &mut Faults, choices: &[(&str, T)]) -> Option<T> {
        let found = match &self.node.value {
            Value::Text(text) => choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(text.trim())),
            _ => None,
        };
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            return self.unexpected(faults, &format!("one of {}", words.join(", ")));
        }
        found.map(|(_, value)| *value)
    }

    /// The items of a list; none where there is no list.
    pub(crate) fn list(&self, faults: &mut Faults) -> Vec<Entry<'d>> {
        match &self.node.value {
            Value::Null => Vec::new(),
            Value::List(items) => {
                let item = |(index, node)| Entry::new(self.text, node, format!("{}[{index}]", self.field));
                items.iter().enumerate().map(item).collect()
            }
            _ => {
                self.unexpected::<()>(faults, "a list");
                Vec::new()
            }
        }
    }

    /// The texts of a list, none of them blank; what is no text is left out and said.
    pub(crate) fn texts(&self, faults: &mut Faults) -> Vec<String> {
        self.list(faults).iter().filter_map(|item| item.words(faults)).collect()
    }

    /// The fields of a mapping.
    pub(crate) fn fields(&self, faults: &mut Faults) -> Option<Fields<'d>> {
        let Value::Mapping(pairs) = &self.node.value else {
            return self.unexpected(faults, "a mapping");
        };
        let mut fields = Fields::new(self.clone());
        for (key, value) in pairs {
            let Some(name) = Entry::new(self.text, key, self.field.clone()).text(faults) else { continue };
            let field = self.field_of(&name);
            let key = Entry::new(self.text, key, field.clone());
            fields.insert(name, key, Entry::new(self.text, value, field), faults);
        }
        Some(fields)
    }

    fn field_of(&self, name: &str) -> String {
        if self.field.is_empty() { name.to_owned() } else { format!("{}.{name}", self.field) }
    }

    /// A field of this mapping, for a word about it: where it stands there again, the first.
    pub(crate) fn child(&self, name: &str) -> Option<Entry<'d>> {
        let Value::Mapping(pairs) = &self.node.value else { return None };
        let (_, value) =
            pairs.iter().find(|(key, _)| matches!(&key.value, Value::Text(text) if text == name))?;
        Some(Entry::new(self.text, value, self.field_of(name)))
    }

    /// Says that something else was expected here.
    fn unexpected<T>(&self, faults: &mut Faults, expected: &str) -> Option<T> {
        let found = match &self.node.value {
            Value::Null => "nothing".to_owned(),
            Value::List(_) => "a list".to_owned(),
            Value::Mapping(_) => "a mapping".to_owned(),
            Value::Text(text) => quoted(text),
            Value::Flag(_) | Value::Whole(_) | Value::Number => quoted(self.written().unwrap_or_default()),
        };
        self.fault(faults, format!("expected {expected}, found {found}"));
        None
    }

    /// The value as it is written in the file.
    fn written(&self) -> Option<&'d str> {
        self.text.get(self.node.span.clone())
    }
}

/// The beginning of a value, for a message.
fn quoted(text: &str) -> String {
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(40).flat_map(char::escape_debug).collect();
    let rest = if characters.next().is_some() { "…" } else { "" };
    format!("`{start}{rest}`")
}
