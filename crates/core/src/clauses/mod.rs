//! The text of clients, checked against the catalogue: where- and having-clauses, projections,
//! groupings, orders and pages become queries of the storage.
//!
//! The way of a clause: `lexer` (words), `parser` and `terms` (syntax), `resolver`, `scope` and
//! `typing` (names and types), all within `bounds`. Lists go by `items` to `projection`. What comes
//! out names nothing but what the catalogue has and its reader may see; whatever else a client
//! wrote is a value.

mod bounds;
mod fault;
mod functions;
mod grouping;
mod items;
mod lexer;
mod page;
mod parser;
mod projection;
mod queries;
mod resolver;
mod scope;
mod syntax;
mod terms;
#[cfg(test)]
mod tests;
mod typing;

pub(crate) use page::{offset, page_size};
pub(crate) use queries::{condition, count, expression, find, related, table};
