use std::collections::BTreeMap;

use super::RegistryError;

/// What the configuration says about handlers, by their path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandlerConfig {
    /// Handlers that do not run.
    pub disable: Vec<String>,
    /// Handlers that run in another order than their own.
    pub order: BTreeMap<String, i32>,
    /// Handlers without which the engine must not start.
    pub expect: Vec<String>,
}

impl HandlerConfig {
    /// What it names that is not there, and where it contradicts itself.
    pub(super) fn mistakes(&self, linked: &[&'static str]) -> Vec<RegistryError> {
        let named = [
            ("handlers.disable", &self.disable),
            ("expect_handlers", &self.expect),
        ]
        .into_iter()
        .flat_map(|(setting, paths)| paths.iter().map(move |path| (setting, path)))
        .chain(self.order.keys().map(|path| ("handlers.order", path)));
        let unknown = named
            .filter(|(_, path)| !linked.contains(&path.as_str()))
            .map(|(setting, path)| RegistryError::Unknown {
                setting,
                path: path.clone(),
                advice: advice(path, linked),
                linked: if linked.is_empty() {
                    "none".to_owned()
                } else {
                    linked.join(", ")
                },
            });
        let contradictions = self
            .expect
            .iter()
            .filter(|path| self.disable.contains(path))
            .map(|path| RegistryError::ExpectedAndDisabled { path: path.clone() });
        unknown.chain(contradictions).collect()
    }
}

/// A name that looks like the one that was meant; or else the crate that may be missing.
pub(super) fn advice(path: &str, linked: &[&'static str]) -> String {
    let last = |path: &str| path.rsplit("::").next().unwrap_or_default().to_owned();
    let alike = |other: &str| {
        strsim::jaro_winkler(path, other).max(strsim::jaro_winkler(&last(path), &last(other)))
    };
    let nearest = linked
        .iter()
        .max_by(|one, other| alike(one).total_cmp(&alike(other)));
    match (
        nearest.filter(|nearest| alike(nearest) > 0.9),
        path.split_once("::"),
    ) {
        (Some(nearest), _) => format!("did you mean {nearest}?"),
        (None, Some((name, _))) => {
            format!("name its crate in the server (`use {name} as _;`) or mend the name")
        }
        (None, None) => "a handler's name is `crate::module::function`".to_owned(),
    }
}
