use std::ops::{Deref, DerefMut};

use rusqlite::{CachedStatement, Connection, Statement};

/// How many statements a connection keeps compiled. Each combination of columns that an update
/// names is one; everything else is a few dozen.
pub(crate) const STATEMENTS_KEPT: usize = 256;

/// Longest statement that is kept compiled, in bytes. A clause of a client can make one of a
/// megabyte, and a few hundred different ones of that size would be all the memory there is.
const LONGEST_KEPT: usize = 16 * 1024;

/// A compiled statement, kept for the next time or not.
pub(crate) enum Prepared<'c> {
    Once(Statement<'c>),
    Kept(CachedStatement<'c>),
}

/// Compiles a statement, unless it is kept compiled.
pub(crate) fn prepare<'c>(connection: &'c Connection, sql: &str) -> rusqlite::Result<Prepared<'c>> {
    if sql.len() > LONGEST_KEPT {
        return prepare_once(connection, sql);
    }
    connection.prepare_cached(sql).map(Prepared::Kept)
}

/// Compiles a statement that is not run again soon; what is kept compiled is for the others.
pub(crate) fn prepare_once<'c>(
    connection: &'c Connection,
    sql: &str,
) -> rusqlite::Result<Prepared<'c>> {
    connection.prepare(sql).map(Prepared::Once)
}

impl<'c> Deref for Prepared<'c> {
    type Target = Statement<'c>;

    fn deref(&self) -> &Statement<'c> {
        match self {
            Self::Once(statement) => statement,
            Self::Kept(statement) => statement,
        }
    }
}

impl<'c> DerefMut for Prepared<'c> {
    fn deref_mut(&mut self) -> &mut Statement<'c> {
        match self {
            Self::Once(statement) => statement,
            Self::Kept(statement) => statement,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_statement_is_kept_and_a_long_one_is_not() {
        let connection = Connection::open_in_memory().unwrap();
        let short = prepare(&connection, "SELECT 1").unwrap();
        assert!(matches!(short, Prepared::Kept(_)));
        let long = format!("SELECT 1{}", " ".repeat(LONGEST_KEPT));
        let long = prepare(&connection, &long).unwrap();
        assert!(matches!(long, Prepared::Once(_)));
    }
}
