//! Names and label values that the API server takes, whatever an id looks like.

use leviathan_core::id::AttemptId;
use leviathan_core::log::Hash;

/// The longest name of a Job, and the longest value of a label.
const LONGEST: usize = 63;
/// How many hex digits stand for what a name can't say.
const DIGITS: usize = 16;

/// `leviathan-<attempt>`. Where that is no name, or too long for one, what is left of it and a hash of the whole id.
pub(crate) fn job_name(attempt: &AttemptId) -> String {
    let plain = format!("leviathan-{attempt}");
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    fitted(&plain, allowed, |c| c.to_ascii_lowercase())
}

/// The text, or where it is no label's value what is left of it and a hash of the whole.
pub(crate) fn label_value(text: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    fitted(text, allowed, |c| c)
}

fn fitted(text: &str, allowed: impl Fn(char) -> bool, similar: impl Fn(char) -> char) -> String {
    let alphanumeric = |c: &char| c.is_ascii_alphanumeric();
    let ends = [text.chars().next(), text.chars().last()];
    if text.len() <= LONGEST
        && text.chars().all(&allowed)
        && ends.iter().all(|end| end.as_ref().is_some_and(alphanumeric))
    {
        return text.to_owned();
    }
    let left: String = text
        .chars()
        .map(similar)
        .map(|c| if allowed(c) { c } else { '-' })
        .skip_while(|c| !c.is_ascii_alphanumeric())
        .take(LONGEST - DIGITS - 1)
        .collect();
    let hash = &Hash::of(text.as_bytes()).to_string()[..DIGITS];
    match left.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()) {
        "" => hash.to_owned(),
        left => format!("{left}-{hash}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn id(text: &str) -> AttemptId {
        AttemptId::new(text).unwrap()
    }

    fn is_label_value(text: &str) -> bool {
        crate::config::Check("test").label_value(text).is_ok()
    }

    #[test]
    fn an_id_of_ours_stands_in_the_name_as_it_is() {
        assert_eq!(job_name(&id("attempt-0123456789abcdef")), "leviathan-attempt-0123456789abcdef");
        assert_eq!(label_value("docs.guide_2"), "docs.guide_2");
    }

    #[test]
    fn ids_that_look_alike_have_names_of_their_own() {
        let long = "a".repeat(80);
        let ids =
            ["attempt-1", "Attempt-1", "attempt_1", "attempt-1-", "attempt 1", "попытка-1", "попытка-2"]
                .map(str::to_owned)
                .into_iter()
                .chain([
                    long.clone(),
                    format!("{long}b"),
                    format!("{long}c"),
                    "---".to_owned(),
                    "....".to_owned(),
                ]);
        let ids: Vec<String> = ids.collect();
        assert_eq!(ids.iter().map(|text| job_name(&id(text))).collect::<BTreeSet<_>>().len(), ids.len());
        assert_eq!(ids.iter().map(|text| label_value(text)).collect::<BTreeSet<_>>().len(), ids.len());
    }

    proptest! {
        #[test]
        fn any_id_gives_a_valid_name_and_always_the_same(text in "\\PC{1,200}|[a-z0-9-]{1,100}|[\\x01-\\x7f]{1,80}") {
            let name = job_name(&id(&text));
            prop_assert!(crate::config::Check("test").dns_label(&name).is_ok(), "{name}");
            prop_assert!(name.starts_with("leviathan"));
            prop_assert_eq!(&name, &job_name(&id(&text)));
            prop_assert!(is_label_value(&label_value(&text)));
        }

        #[test]
        fn different_ids_have_different_names(
            one in "[A-Za-z0-9._ é日-]{1,80}",
            other in "[A-Za-z0-9._ é日-]{1,80}",
        ) {
            prop_assume!(one != other);
            prop_assert_ne!(job_name(&id(&one)), job_name(&id(&other)));
            prop_assert_ne!(label_value(&one), label_value(&other));
        }
    }
}
