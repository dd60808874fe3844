//! JSON values as clients send them, and what the columns of a table make of them.

mod conversion;
mod dates;
mod misfit;
mod validators;

pub(crate) use conversion::convert;
pub(crate) use dates::parse_date;
pub(crate) use misfit::Misfit;
pub(crate) use validators::check_validator;
