//! `Part`: which of an artifact's bytes a request is to be answered with.

use axum::http::{HeaderMap, HeaderName, header};
use http_range_header::parse_range_header;
use std::ops::Range;

/// Which bytes a request is to be answered with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of them.
    Whole,
    /// These.
    Range(Range<u64>),
    /// None: the caller has them already.
    Known,
    /// None: they lie behind the end.
    Beyond,
}

impl Part {
    /// What is asked for of an artifact with this entity tag and size. Several ranges at once are answered with the whole,
    /// as is what is no range at all.
    pub(super) fn asked(headers: &HeaderMap, etag: &str, size: u64) -> Self {
        let said = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        if said(header::IF_NONE_MATCH).is_some_and(|known| names(known, etag)) {
            return Self::Known;
        }
        let wanted = said(header::RANGE).filter(|_| said(header::IF_RANGE).is_none_or(|known| known == etag));
        let Some(Ok(ranges)) = wanted.map(parse_range_header) else { return Self::Whole };
        match ranges.validate(size) {
            Err(_) => Self::Beyond,
            Ok(ranges) => match &ranges[..] {
                [only] => Self::Range(*only.start()..*only.end() + 1),
                _ => Self::Whole,
            },
        }
    }
}

/// Whether an entity tag is one of a list, however weakly it is meant.
fn names(list: &str, etag: &str) -> bool {
    list.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[track_caller]
    fn check(given: &[(HeaderName, &str)], expected: Part) {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        assert_eq!(Part::asked(&headers, "\"abc\"", 100), expected, "{given:?}");
    }

    #[test]
    fn a_range_is_taken_from_its_start_from_the_end_or_to_the_end() {
        check(&[], Part::Whole);
        check(&[(header::RANGE, "bytes=0-9")], Part::Range(0..10));
        check(&[(header::RANGE, "bytes=90-")], Part::Range(90..100));
        check(&[(header::RANGE, "bytes=-5")], Part::Range(95..100));
        check(&[(header::RANGE, "bytes=0-999")], Part::Range(0..100));
        check(&[(header::RANGE, "bytes=100-")], Part::Beyond);
        check(&[(header::RANGE, "bytes=0-1,5-6")], Part::Whole);
        check(&[(header::RANGE, "lines=0-1")], Part::Whole);
        check(&[(header::RANGE, "bytes=9-0")], Part::Beyond);
    }

    #[test]
    fn what_the_caller_has_is_not_sent_again() {
        check(&[(header::IF_NONE_MATCH, "\"abc\"")], Part::Known);
        check(&[(header::IF_NONE_MATCH, "\"x\", W/\"abc\"")], Part::Known);
        check(&[(header::IF_NONE_MATCH, "*")], Part::Known);
        check(&[(header::IF_NONE_MATCH, "\"abcd\"")], Part::Whole);
        check(&[(header::RANGE, "bytes=0-9"), (header::IF_RANGE, "\"abc\"")], Part::Range(0..10));
        check(&[(header::RANGE, "bytes=0-9"), (header::IF_RANGE, "\"old\"")], Part::Whole);
    }
}
