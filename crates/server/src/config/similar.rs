use super::Environment;
use crate::settings;

/// How alike two names must be for one to be taken for a slip of the other: 1 is the same.
const ALIKE: f64 = 0.8;

/// The name that was most likely meant.
pub(crate) fn similar<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.replace('-', "_").to_lowercase();
    known
        .into_iter()
        .map(|known| (strsim::jaro(&name, &known.to_lowercase()), known))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

/// Warns of variables that look like ours and are not.
///
/// They are not refused as keys in the file are: an environment is shared, and Kubernetes puts
/// `VESTIBULE_SERVICE_HOST` and its like there by itself.
pub(crate) fn misspelled_variables(env: &Environment) -> Vec<String> {
    let known = settings::ALL.map(|setting| setting.variable());
    let short = |variable: &str| variable.strip_prefix("VESTIBULE_").map(str::to_owned);
    let names: Vec<_> = known.iter().filter_map(|name| short(name)).collect();
    let mut warnings: Vec<_> = env
        .keys()
        .filter(|variable| !known.contains(variable))
        .filter_map(|variable| Some((variable, short(variable)?)))
        .filter_map(|(variable, name)| {
            let meant = similar(&name, names.iter().map(String::as_str))?;
            Some(format!(
                "the environment variable {variable} means nothing; did you mean VESTIBULE_{meant}?"
            ))
        })
        .collect();
    warnings.sort();
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_name_that_was_meant() {
        let known = ["listen", "key_js", "key_ios", "trusted_proxy"];
        for (slip, meant) in [
            ("lisen", Some("listen")),
            ("key-js", Some("key_js")),
            ("KEY_IOS", Some("key_ios")),
            ("trusted_proxies", Some("trusted_proxy")),
            ("workers", None),
        ] {
            assert_eq!(meant, similar(slip, known), "{slip}");
        }
    }

    #[test]
    fn a_misspelled_variable_is_named_and_those_of_kubernetes_are_not() {
        let env = [
            "VESTIBULE_LISEN",
            "VESTIBULE_SERVICE_HOST",
            "VESTIBULE_PORT",
            "VESTIBULE_DATA",
        ]
        .map(|name| (name.to_owned(), "x".into()));
        assert_eq!(
            vec![
                "the environment variable VESTIBULE_LISEN means nothing; \
                 did you mean VESTIBULE_LISTEN?"
            ],
            misspelled_variables(&env.into())
        );
    }
}
