//! How much a client may ask for in one clause. Each bound is far above what people write, and far
//! below what hurts: a statement of SQLite may be 1,000 levels deep and have 32,766 parameters.

/// Longest text of a clause or a list, in characters.
pub(super) const LENGTH: usize = 64 * 1024;

/// How deep parentheses, `not`, signs and calls may be nested. Reading it takes 300 KiB of stack in
/// a debug build, and what comes of it is walked on a stack as well.
pub(super) const DEPTH: usize = 32;

/// Most comparisons in a clause; `and` and `or` between them are one level of SQL each.
pub(super) const COMPARISONS: usize = 500;

/// Most calculations and calls of functions in a clause.
pub(super) const OPERATIONS: usize = 50;

/// Most values in a clause, those in lists included.
pub(super) const VALUES: usize = 5000;

/// Most relations in one path.
pub(super) const PATH: usize = 5;

/// Most arguments of `concat`.
pub(super) const ARGUMENTS: usize = 10;

/// Most columns and functions to answer.
pub(super) const PROPERTIES: usize = 250;

/// Most things to sort by, and to group by.
pub(super) const KEYS: usize = 20;

/// Most characters of a client's text that come back in an error.
pub(super) const ECHO: usize = 64;
