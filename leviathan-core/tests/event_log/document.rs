//! The document itself, cut into the parts that tests read.

/// `docs/event-log.md`.
const TEXT: &str = include_str!("../../../docs/event-log.md");

/// The text of the only fenced block with this info string.
pub(crate) fn block(info: &str) -> &'static str {
    between(&format!("\n```{info}\n"), "```\n")
}

/// What stands between the comments `<!-- name -->` and `<!-- end of name -->`.
pub(crate) fn section(name: &str) -> &'static str {
    between(&format!("<!-- {name} -->\n"), &format!("<!-- end of {name} -->\n"))
}

fn between(begin: &str, end: &str) -> &'static str {
    let mut found = TEXT.split(begin).skip(1);
    let part = found.next().unwrap_or_else(|| panic!("docs/event-log.md has no {begin:?}"));
    assert!(found.next().is_none(), "docs/event-log.md has {begin:?} twice");
    part.split_once(end).unwrap_or_else(|| panic!("docs/event-log.md has no {end:?} behind {begin:?}")).0
}
