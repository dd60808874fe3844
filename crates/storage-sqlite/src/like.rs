//! `LIKE`, bounded. That of SQLite compares a text of a million characters with a pattern of fifty
//! thousand for minutes, within one instruction of its machine that nothing breaks off.

use rusqlite::{
    Connection, Error, ffi,
    functions::{Context, FunctionFlags},
    types::ValueRef,
};

use crate::work;

/// Longest pattern, in bytes; as with SQLite.
const PATTERN_AT_MOST: usize = 50_000;

/// What SQLite says of a longer one.
pub(crate) const PATTERN_TOO_LONG: &str = "LIKE or GLOB pattern too complex";

/// How many steps go by before they are counted as work.
const STEPS: u32 = 4_096;

/// How many steps take as long as an instruction of SQLite's machine.
const STEPS_PER_INSTRUCTION: u64 = 8;

/// Puts it in the place of SQLite's.
pub(crate) fn define(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function(c"like", 2, flags, call)
}

/// `text LIKE pattern` calls `like(pattern, text)`.
fn call(context: &Context<'_>) -> rusqlite::Result<Option<bool>> {
    let ValueRef::Text(pattern) = context.get_raw(0) else {
        return Ok(None);
    };
    if pattern.len() > PATTERN_AT_MOST {
        return Err(failure(ffi::SQLITE_ERROR, Some(PATTERN_TOO_LONG)));
    }
    let ValueRef::Text(text) = context.get_raw(1) else {
        return Ok(None);
    };
    match is_like(text, pattern, || {
        work::spend(u64::from(STEPS) / STEPS_PER_INSTRUCTION)
    }) {
        Some(is_like) => Ok(Some(is_like)),
        None => Err(failure(ffi::SQLITE_INTERRUPT, None)),
    }
}

fn failure(code: i32, message: Option<&str>) -> Error {
    Error::SqliteFailure(ffi::Error::new(code), message.map(str::to_owned))
}

/// Whether a text looks like a pattern; none if `go_on`, which is asked now and then, says that it is
/// too much work. Both are UTF-8, of which `_` is a whole character.
fn is_like(text: &[u8], pattern: &[u8], mut go_on: impl FnMut() -> bool) -> Option<bool> {
    let (mut at, mut in_pattern) = (0, 0);
    // What follows the last `%` in the pattern, and where in the text it was looked for. To look for
    // it further on is enough: what an earlier `%` stood for need not change.
    let mut last_any: Option<(usize, usize)> = None;
    let mut steps = 0;
    while at < text.len() {
        steps += 1;
        if steps == STEPS {
            if !go_on() {
                return None;
            }
            steps = 0;
        }
        match pattern.get(in_pattern) {
            Some(b'%') => {
                in_pattern += 1;
                if in_pattern == pattern.len() {
                    return Some(true);
                }
                last_any = Some((in_pattern, at));
            }
            Some(b'_') => {
                in_pattern += 1;
                at += length_of_character(text[at]);
            }
            Some(byte) if byte.eq_ignore_ascii_case(&text[at]) => {
                in_pattern += 1;
                at += 1;
            }
            _ => {
                let Some((behind, from)) = last_any else {
                    return Some(false);
                };
                at = from + length_of_character(text[from]);
                in_pattern = behind;
                last_any = Some((behind, at));
            }
        }
    }
    Some(pattern[in_pattern..].iter().all(|byte| *byte == b'%'))
}

/// How many bytes a character has that begins with this one.
fn length_of_character(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// That of SQLite, to compare with.
    fn of_sqlite(connection: &Connection, text: &str, pattern: &str) -> bool {
        let select = "SELECT ?1 LIKE ?2";
        let answer = connection.query_row(select, [text, pattern], |row| row.get(0));
        answer.unwrap()
    }

    #[test]
    fn it_says_what_sqlite_says() {
        let connection = Connection::open_in_memory().unwrap();
        let parts = ["", "a", "A", "b", "ü", "Ü", "🦊", "_", "%", "%", "["];
        let mut random: u32 = 1;
        let mut next = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            parts[(random >> 16) as usize % parts.len()]
        };
        let mut alike = 0;
        for _ in 0..50_000 {
            let [text, pattern] = [3, 4].map(|many| (0..many).map(|_| next()).collect::<String>());
            let expected = of_sqlite(&connection, &text, &pattern);
            let found = is_like(text.as_bytes(), pattern.as_bytes(), || true);
            assert_eq!(Some(expected), found, "{text} like {pattern}");
            alike += u32::from(expected);
        }
        assert!(alike > 1_000, "{alike}");
    }

    #[test]
    fn what_is_unknown_stays_unknown() {
        let connection = Connection::open_in_memory().unwrap();
        define(&connection).unwrap();
        for select in ["SELECT NULL LIKE 'a'", "SELECT 'a' LIKE NULL"] {
            let answer = connection.query_row(select, [], |row| row.get::<_, Option<bool>>(0));
            assert_eq!(None, answer.unwrap(), "{select}");
        }
    }
}
