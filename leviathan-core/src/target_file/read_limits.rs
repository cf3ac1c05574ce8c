//! Reading the `limits` of a target file.

use crate::limits::{Breaker, Budget, TargetLimits};
use crate::policy::check_path;
use crate::yaml::{Entry, Faults, Fields};
use std::num::NonZeroU32;

/// Reads `limits`: a mapping of the same names as in the log. A field that is not known is a fault, so that no limit is
/// believed in force that is not.
pub(super) fn read_limits(entry: &Entry<'_>, faults: &mut Faults) -> Option<TargetLimits> {
    let fields = entry.fields(faults)?;
    fields.only(&["max_running", "max_open_prs", "budget", "breaker", "allowed_prefixes"], faults);
    Some(TargetLimits {
        max_running: count(&fields, "max_running", faults),
        max_open_prs: count(&fields, "max_open_prs", faults),
        budget: fields.get("budget").and_then(|entry| read_budget(entry, faults)).unwrap_or_default(),
        breaker: fields.get("breaker").and_then(|entry| read_breaker(entry, faults)),
        allowed_prefixes: read_prefixes(&fields, faults),
    })
}

fn count(fields: &Fields<'_>, name: &str, faults: &mut Faults) -> Option<NonZeroU32> {
    fields.get(name).and_then(|entry| positive(entry, faults))
}

fn positive(entry: &Entry<'_>, faults: &mut Faults) -> Option<NonZeroU32> {
    let number = entry.whole(faults, 1..=u64::from(u32::MAX))?;
    u32::try_from(number).ok().and_then(NonZeroU32::new)
}

fn read_budget(entry: &Entry<'_>, faults: &mut Faults) -> Option<Budget> {
    let fields = entry.fields(faults)?;
    fields.only(&["tokens_per_day", "micro_usd_per_day"], faults);
    let mut amount = |name| fields.get(name).and_then(|entry| entry.whole(faults, 0..=u64::MAX));
    Some(Budget { tokens_per_day: amount("tokens_per_day"), micro_usd_per_day: amount("micro_usd_per_day") })
}

fn read_breaker(entry: &Entry<'_>, faults: &mut Faults) -> Option<Breaker> {
    let fields = entry.fields(faults)?;
    fields.only(&["failures", "cooldown_seconds"], faults);
    let failures = fields.require("failures", faults).and_then(|entry| positive(entry, faults));
    let cooldown =
        fields.require("cooldown_seconds", faults).and_then(|entry| entry.whole(faults, 0..=u64::MAX));
    Some(Breaker { failures: failures?, cooldown_seconds: cooldown? })
}

fn read_prefixes(fields: &Fields<'_>, faults: &mut Faults) -> Vec<String> {
    let what = "expected at least one folder or file; remove the line to let tasks touch any";
    fields.not_empty("allowed_prefixes", what, faults);
    let Some(list) = fields.get("allowed_prefixes") else { return Vec::new() };
    let items = list.list(faults);
    if list.is_list() && items.is_empty() {
        list.fault(faults, what);
    }
    items.iter().filter_map(|item| read_prefix(item, faults)).collect()
}

fn read_prefix(item: &Entry<'_>, faults: &mut Faults) -> Option<String> {
    let prefix = item.words(faults)?;
    if prefix.contains(['*', '?', '[', '{']) {
        item.fault(faults, "expected a folder or file without wildcards, such as `docs/`");
        return None;
    }
    let plain = prefix.strip_prefix("./").unwrap_or(&prefix).trim_end_matches('/');
    if let Err(error) = check_path(plain) {
        item.fault(faults, format!("the path {error}"));
        return None;
    }
    Some(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TargetFile;

    fn read(limits: &str) -> Result<TargetLimits, Vec<String>> {
        let text = format!("name: radix\nrepo_url: /srv/radix\nlimits:\n{limits}");
        match TargetFile::parse(&text, "t.yaml") {
            Ok(file) => Ok(file.limits),
            Err(error) => Err(error.faults.iter().map(ToString::to_string).collect()),
        }
    }

    #[test]
    fn all_limits_are_read_by_their_names_in_the_log() {
        let text = "  max_running: 3
  max_open_prs: 2
  budget: {tokens_per_day: 0, micro_usd_per_day: 18446744073709551615}
  breaker: {failures: 4, cooldown_seconds: 600}
  allowed_prefixes: [docs/, ./site, README.md]
";
        let limits = read(text).unwrap();
        assert_eq!(limits.max_running, NonZeroU32::new(3));
        assert_eq!(limits.max_open_prs, NonZeroU32::new(2));
        assert_eq!(limits.budget, Budget { tokens_per_day: Some(0), micro_usd_per_day: Some(u64::MAX) });
        let failures = NonZeroU32::new(4).unwrap();
        assert_eq!(limits.breaker, Some(Breaker { failures, cooldown_seconds: 600 }));
        assert_eq!(limits.allowed_prefixes, ["docs/", "./site", "README.md"]);

        let json = serde_json::to_string(&limits).unwrap();
        assert_eq!(serde_json::from_str::<TargetLimits>(&json).unwrap(), limits);
        assert_eq!(read("  max_running: 3\n").unwrap().allowed_prefixes, [""; 0]);
        assert_eq!(read(""), Ok(TargetLimits::default()));
    }

    #[test]
    fn each_bad_field_is_told_with_its_place_and_what_was_expected() {
        let text = "  max_running: 0
  max_open_prs: many
  budget: {tokens_per_day: -1, micro_usd_per_day: 0.5, usd_per_day: 3}
  breaker: {failures: 0}
  allowed_prefixes: [/etc, docs/*, ../x, \"\", .git]
  max_pens: 3
";
        let whole = "a whole number from";
        let expected = [
            format!("t.yaml:4: limits.max_running: expected {whole} 1 to 4294967295, found `0`"),
            format!("t.yaml:5: limits.max_open_prs: expected {whole} 1 to 4294967295, found `many`"),
            format!("t.yaml:6: limits.budget.tokens_per_day: expected {whole} 0 to {}, found `-1`", u64::MAX),
            format!("t.yaml:6: limits.budget.micro_usd_per_day: expected {whole} 0 to {}", u64::MAX),
            "t.yaml:6: limits.budget.usd_per_day: is no known field; expected one of tokens_per_day"
                .to_owned(),
            "t.yaml:7: limits.breaker.cooldown_seconds: is missing".to_owned(),
            format!("t.yaml:7: limits.breaker.failures: expected {whole} 1 to 4294967295, found `0`"),
            "t.yaml:8: limits.allowed_prefixes[0]: the path is absolute".to_owned(),
            "t.yaml:8: limits.allowed_prefixes[1]: expected a folder or file without wildcards".to_owned(),
            "t.yaml:8: limits.allowed_prefixes[2]: the path holds a part such as `..`".to_owned(),
            "t.yaml:8: limits.allowed_prefixes[3]: expected text that is not empty".to_owned(),
            "t.yaml:8: limits.allowed_prefixes[4]: the path leads into `.git`".to_owned(),
            "t.yaml:9: limits.max_pens: is no known field; expected one of max_running".to_owned(),
        ];
        let found = read(text).unwrap_err();
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(&expected), "{found}\nis not\n{expected}");
        }
    }

    #[test]
    fn an_empty_list_of_prefixes_is_not_taken_for_no_limit() {
        for text in ["  allowed_prefixes: []\n", "  allowed_prefixes:\n"] {
            let found = read(text).unwrap_err();
            assert!(
                found[0].starts_with("t.yaml:4: limits.allowed_prefixes: expected at least one"),
                "{found:?}"
            );
        }
        assert!(read("  3\n").unwrap_err()[0].starts_with("t.yaml:4: limits: expected a mapping"));
    }
}
