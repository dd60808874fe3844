use vestibule_core::Error;

use crate::url_query::UrlQuery;

/// What an operator may say about the place in a list.
const KEYS: [&str; 2] = ["pageSize", "offset"];

/// Entries on a page unless the operator says otherwise, and at most.
const PAGE: u64 = 100;
const PAGE_AT_MOST: u64 = 1000;

/// Where a page of a list may begin at most: an engine walks there entry by entry.
const OFFSET_AT_MOST: u64 = 1_000_000_000;

/// Which page of a list is asked for: its offset, and how many entries it has at most.
///
/// # Errors
/// 8008 with the name of what is unknown, no number or out of range.
pub(super) fn place(query: &UrlQuery) -> Result<(u64, u64), Error> {
    query.only(&KEYS)?;
    let page_size = query.number("pageSize", 1..=PAGE_AT_MOST)?;
    let offset = query.number("offset", 0..=OFFSET_AT_MOST)?;
    Ok((offset.unwrap_or_default(), page_size.unwrap_or(PAGE)))
}
