//! The regular expressions of columns, compiled once.

use std::{
    collections::HashMap,
    sync::{LazyLock, PoisonError, RwLock},
};

use regex::{Regex, RegexBuilder};

use crate::{Error, Result};

/// Longest pattern, in bytes.
const LONGEST: usize = 1000;

/// Most memory for one compiled pattern. The crate `regex` takes linear time for every text, but a
/// pattern like `(a{99}){99}` would take more memory than it is worth.
const MEMORY: usize = 256 * 1024;

/// How many compiled patterns are kept; then all are forgotten, since an app has far fewer.
const KEPT: usize = 256;

static COMPILED: LazyLock<RwLock<HashMap<String, Regex>>> = LazyLock::new(RwLock::default);

/// Refuses what cannot be the validator of a column.
///
/// # Errors
/// 8008 in the words of the crate `regex`.
pub(crate) fn check_validator(pattern: &str) -> Result<()> {
    if pattern.len() > LONGEST {
        return Err(Error::invalid(format!(
            "a validator has at most {LONGEST} bytes"
        )));
    }
    compile(pattern)
        .map(drop)
        .map_err(|error| Error::invalid(format!("the validator cannot be used: {error}")))
}

/// Whether the pattern matches somewhere in the text; one that is to match all of it begins with
/// `^` and ends with `$`. A pattern that cannot be compiled matches nothing.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let compiled = COMPILED
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(pattern)
        .cloned();
    if let Some(regex) = compiled {
        return regex.is_match(text);
    }
    match compile(pattern) {
        Ok(regex) => {
            let matches = regex.is_match(text);
            let mut kept = COMPILED.write().unwrap_or_else(PoisonError::into_inner);
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(pattern.to_owned(), regex);
            matches
        }
        Err(error) => {
            tracing::warn!(pattern, %error, "a validator cannot be compiled, so no value fits its column");
            false
        }
    }
}

fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .size_limit(MEMORY)
        .dfa_size_limit(MEMORY)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_validator_matches_anywhere_unless_it_is_anchored() {
        assert!(matches("[0-9]+", "abc 123"));
        assert!(!matches("^[0-9]+$", "abc 123"));
        assert!(matches("^[0-9]+$", "123"));
    }

    #[test]
    fn what_does_not_compile_or_is_too_big_is_refused_and_matches_nothing() {
        for pattern in ["(", "(?=a)", "((a{99}){99}){99}", &"a".repeat(1001)] {
            let error = check_validator(pattern).unwrap_err();
            assert_eq!(8008, error.code().number(), "{pattern}");
        }
        assert!(!matches("(", "("));
        assert!(check_validator("^[a-z]{3,24}$").is_ok());
    }

    #[test]
    fn more_patterns_than_are_kept_work_just_the_same() {
        for number in 0..2 * KEPT {
            assert!(matches(&format!("^{number}$"), &number.to_string()));
        }
        let kept = COMPILED.read().unwrap_or_else(PoisonError::into_inner);
        assert!(kept.len() <= KEPT);
    }
}
