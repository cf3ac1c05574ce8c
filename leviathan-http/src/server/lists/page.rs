//! `take_page`: as many of a list as fit on a page, and where it goes on.

/// The first `limit` of a list, and the cursor of the last of them if there are more.
pub(super) fn take_page<C, T>(list: impl Iterator<Item = (C, T)>, limit: usize) -> (Vec<T>, Option<C>) {
    let mut list = list.peekable();
    let (mut page, mut last) = (Vec::new(), None);
    while page.len() < limit
        && let Some((cursor, element)) = list.next()
    {
        page.push(element);
        last = Some(cursor);
    }
    (page, last.filter(|_| list.peek().is_some()))
}
