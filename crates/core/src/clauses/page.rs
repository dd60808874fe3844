//! Pages (wire contract, section 9.2).

use vestibule_model::ErrorCode;

use crate::{Error, Result};

/// Rows in a page, if nobody says how many.
const DEFAULT: i64 = 10;

/// Most rows in a page.
const MOST: i64 = 100;

/// How many rows are asked for.
///
/// # Errors
/// 1005 below one, 1025 above the limit.
pub(crate) fn page_size(asked: Option<i64>) -> Result<u64> {
    match asked.unwrap_or(DEFAULT) {
        size if size > MOST => {
            let message =
                format!("a page has at most {MOST} records; ask for the next with offset");
            Err(Error::new(ErrorCode::PageSizeTooLarge, message))
        }
        size if size < 1 => {
            let message = format!("a page has at least 1 record and at most {MOST}");
            Err(Error::new(ErrorCode::InvalidPageSize, message))
        }
        size => Ok(size.unsigned_abs()),
    }
}

/// How many rows to leave out first.
///
/// # Errors
/// 1004 below zero.
pub(crate) fn offset(asked: Option<i64>) -> Result<u64> {
    u64::try_from(asked.unwrap_or_default())
        .map_err(|_| Error::new(ErrorCode::InvalidOffset, "an offset is 0 or more"))
}
