//! What tables, columns and relations may be called (design, section 5).

use vestibule_model::ErrorCode;

use crate::{Error, Result};

/// Longest name, in characters. The shortest limit among the databases that a table may have to
/// live in: PostgreSQL cuts names off after 63 bytes.
const NAME_AT_MOST: usize = 63;

/// Refuses what no table may be called (1154).
pub(super) fn check_table(name: &str) -> Result<()> {
    check("table", name)?;
    if is_reserved(name) {
        return Err(reserved(format!(
            "no table can be called '{name}': names that begin with `vestibule_` or `sqlite_` are \
             reserved, and so are `bulk` and `bulkupsert`"
        )));
    }
    Ok(())
}

/// Whether a table's name belongs to somebody else: to Vestibule (`vestibule_*`), to SQLite
/// (`sqlite_*`), or to the URLs (`/data/bulk/Order`).
pub(super) const fn is_reserved(name: &str) -> bool {
    begins_with(name, "vestibule_")
        || begins_with(name, "sqlite_")
        || name.eq_ignore_ascii_case("bulk")
        || name.eq_ignore_ascii_case("bulkupsert")
}

/// Whether a name is made of the characters that names are made of, and is not too long.
pub(super) const fn is_well_formed(name: &str) -> bool {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes.len() > NAME_AT_MOST || !bytes[0].is_ascii_alphabetic() {
        return false;
    }
    let mut index = 1;
    while index < bytes.len() {
        if !bytes[index].is_ascii_alphanumeric() && bytes[index] != b'_' {
            return false;
        }
        index += 1;
    }
    true
}

const fn begins_with(name: &str, beginning: &str) -> bool {
    match name.as_bytes().split_at_checked(beginning.len()) {
        Some((head, _)) => head.eq_ignore_ascii_case(beginning.as_bytes()),
        None => false,
    }
}

/// Refuses what no column and no relation may be called (1154).
pub(super) fn check_column(name: &str) -> Result<()> {
    check("column", name)
}

/// Whether a property belongs to the envelope of a record rather than to the record: clients echo
/// `___class`, `__meta` and their like, and no column can be called so.
pub(super) fn is_envelope(name: &str) -> bool {
    name.starts_with("__")
}

fn check(what: &str, name: &str) -> Result<()> {
    if is_well_formed(name) {
        return Ok(());
    }
    Err(reserved(format!(
        "no {what} can be called '{}': a name is a letter, then at most {} letters, digits and \
         underscores",
        shown(name),
        NAME_AT_MOST - 1
    )))
}

/// A name as an error may show it: short, and without characters that could break a line.
pub(crate) fn shown(name: &str) -> String {
    let mut shown: String = name.chars().take(NAME_AT_MOST).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    shown.escape_debug().to_string()
}

fn reserved(message: String) -> Error {
    Error::new(ErrorCode::ReservedName, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_letter_then_letters_digits_and_underscores() {
        let longest = format!("A{}", "b".repeat(62));
        for name in ["A", "order", "Order_2", "select", "table", longest.as_str()] {
            assert_eq!(Ok(()), check_table(name));
            assert_eq!(Ok(()), check_column(name));
        }
        let too_long = format!("{longest}b");
        for name in [
            "",
            "1st",
            "_a",
            "a-b",
            "a b",
            "a\"b",
            "a'; --",
            "Straße",
            "名",
            "a\0",
            "a.b",
            too_long.as_str(),
        ] {
            assert_eq!(1154, check_table(name).unwrap_err().code().number());
            assert_eq!(1154, check_column(name).unwrap_err().code().number());
        }
    }

    #[test]
    fn what_belongs_to_somebody_else_is_no_table_in_any_case() {
        for name in [
            "vestibule_session",
            "Vestibule_x",
            "SQLITE_master",
            "bulk",
            "BulkUpsert",
        ] {
            assert_eq!(1154, check_table(name).unwrap_err().code().number());
            assert_eq!(Ok(()), check_column(name));
        }
    }

    #[test]
    fn an_error_shows_a_long_name_shortened_and_a_line_break_escaped() {
        let error = check_column(&format!("a\n{}", "b".repeat(300))).unwrap_err();
        assert!(error.message().contains(r"a\nbbb"), "{}", error.message());
        assert!(error.message().len() < 250, "{}", error.message());
    }
}
