/// Writes a name in double quotes, as both dialects have it.
pub(crate) fn quote(name: &str, sql: &mut String) {
    sql.push('"');
    if name.contains('"') {
        sql.push_str(&name.replace('"', "\"\""));
    } else {
        sql.push_str(name);
    }
    sql.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_in_a_name_ends_no_name() {
        let mut sql = String::new();
        quote("a\"b", &mut sql);
        assert_eq!(r#""a""b""#, sql);
    }
}
