//! Making long texts short.

/// How much of an output goes into a sentence about it, in characters.
const TAIL: usize = 1000;

/// The end of an output, for a sentence about it, and marked where it was cut.
pub(crate) fn tail(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let text = text.trim();
    let start = text.char_indices().rev().nth(TAIL - 1).map_or(0, |(start, _)| start);
    match (text.is_empty(), start) {
        (true, _) => "(none)".to_owned(),
        (_, 0) => text.to_owned(),
        (_, start) => format!("…{}", &text[start..]),
    }
}

/// The text, cut between characters behind `limit` bytes, and marked where it was cut.
pub(crate) fn clip(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        text.to_owned()
    } else {
        format!("{}…", &text[..text.floor_char_boundary(limit)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_only_where_it_is_long() {
        assert_eq!(tail(b" \n"), "(none)");
        assert_eq!(tail(b"short\n"), "short");
        let long = tail("\u{1f40b}".repeat(TAIL + 5).as_bytes());
        assert_eq!((long.chars().count(), long.chars().next()), (TAIL + 1, Some('…')));
        assert_eq!(clip("short", 5), "short");
        assert_eq!(clip("\u{1f40b}\u{1f40b}", 5), "\u{1f40b}…");
    }
}
