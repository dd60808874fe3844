/// Cuts a list as clients write it at its commas: not at those within parentheses or quotes, which
/// belong to a function or a text.
///
/// Empty items are left out. Parentheses that are never closed are for the engine to refuse.
pub(crate) fn split(list: &str) -> Vec<String> {
    let mut items = Vec::new();
    let (mut depth, mut quoted, mut start) = (0_usize, false, 0);
    for (at, character) in list.char_indices() {
        match character {
            '\'' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                items.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(&list[start..]);
    let items = items.into_iter().map(str::trim);
    items
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expected: &[&str], list: &str) {
        assert_eq!(expected.to_vec(), split(list), "{list:?}");
    }

    #[test]
    fn a_list_is_cut_at_its_commas() {
        check(&["a", "b desc"], " a ,b desc");
        check(&[], "");
        check(&[], " , ,");
    }

    #[test]
    fn functions_and_texts_are_not_cut() {
        check(
            &["Concat(a, Left(b, 2)) as c", "d"],
            "Concat(a, Left(b, 2)) as c, d",
        );
        check(&["Concat(a, ',)', '''')", "ü"], "Concat(a, ',)', ''''),ü");
    }

    #[test]
    fn what_is_never_closed_is_one_item() {
        check(&["a", "b(c, d"], "a, b(c, d");
        check(&["a)", "b"], "a), b");
        check(&["'a, b"], "'a, b");
    }
}
