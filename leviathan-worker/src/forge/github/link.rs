//! Reading the `Link` header, which says where the next page is.

/// The address of the next page, if there is one.
pub(super) fn next(header: &str) -> Option<&str> {
    header.split(',').find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = |parameter: &str| {
            let relations = parameter.trim().strip_prefix("rel=")?.trim_matches('"');
            relations.split(' ').any(|relation| relation.eq_ignore_ascii_case("next")).then_some(())
        };
        parameters.split(';').find_map(is_next).map(|()| target)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_among_others() {
        let header = r#"<https://x/1?page=1>; rel="prev", <https://x/1?page=3>; title="a"; rel="next last""#;
        assert_eq!(next(header), Some("https://x/1?page=3"));
        for none in ["", r#"<https://x/1?page=1>; rel="prev""#, "https://x; rel=next", "<https://x", ",,;<>"]
        {
            assert_eq!(next(none), None, "{none}");
        }
    }
}
