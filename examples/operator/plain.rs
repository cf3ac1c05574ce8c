//! Making texts of others harmless for a terminal.

/// The text with whatever a terminal would obey, or would show in another order than it stands, as `\u{…}`. Line feeds and
/// tabs stay.
pub(crate) fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\n' | '\t' => shown.push(sign),
            sign if is_obeyed(sign) => shown.extend(sign.escape_unicode()),
            sign => shown.push(sign),
        }
    }
    shown
}

/// The same on one line.
pub(crate) fn one_line(text: &str) -> String {
    plain(text).replace(['\n', '\t'], " ")
}

/// JSON with the same signs as `\uXXXX`, which is the same JSON.
pub(crate) fn plain_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for sign in json.chars() {
        // Line feeds stand between JSON's parts; within its texts they are escaped already.
        if is_obeyed(sign) && sign != '\n' {
            shown.push_str(&format!("\\u{:04x}", u32::from(sign)));
        } else {
            shown.push(sign);
        }
    }
    shown
}

/// Control characters, and those that turn the direction of writing.
fn is_obeyed(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
