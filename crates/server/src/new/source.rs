//! Where the crates of Vestibule come from for a workspace that depends on them.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use toml::Value as Toml;

use super::NewError;

/// The crates that a workspace depends on, and their folders in a source tree.
const CRATES: [(&str, &str); 3] = [
    ("vestibule", "crates/vestibule"),
    ("vestibule-server", "crates/server"),
    ("vestibule-testkit", "crates/testkit"),
];

/// Where the crates of Vestibule come from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// From a source tree on this machine; as TOML has a path, in UTF-8.
    Tree(String),
    /// From the registry.
    Published,
}

impl Source {
    /// The tree that was asked for, or else the one that this program was built from, or else the
    /// published version.
    ///
    /// # Errors
    /// Fails when the tree that was asked for is none of ours.
    pub(super) fn find(wanted: Option<&PathBuf>) -> Result<Self, NewError> {
        let built_from = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        match wanted {
            Some(path) => Self::tree(path),
            None => Ok(Self::of(built_from)),
        }
    }

    /// This tree while it is one, and the published version otherwise.
    fn of(built_from: &Path) -> Self {
        Self::tree(built_from).unwrap_or(Self::Published)
    }

    fn tree(path: &Path) -> Result<Self, NewError> {
        let refusal = |why: String| NewError::Source {
            path: path.to_owned(),
            why,
        };
        let whole = path.canonicalize();
        let whole = whole.map_err(|error| refusal(error.to_string()))?;
        for (package, folder) in CRATES {
            let manifest = Path::new(folder).join("Cargo.toml");
            let there = manifest.display();
            let text = fs::read_to_string(whole.join(&manifest));
            let text = text.map_err(|error| refusal(format!("{there}: {error}")))?;
            let manifest: Option<toml::Table> = text.parse().ok();
            let name = manifest
                .as_ref()
                .and_then(|it| it.get("package")?.get("name")?.as_str());
            if name != Some(package) {
                return Err(refusal(format!(
                    "{there} is not that of the package {package}"
                )));
            }
        }
        match whole.into_os_string().into_string() {
            Ok(whole) => Ok(Self::Tree(whole)),
            Err(_) => Err(refusal(
                "its path is not UTF-8, and a Cargo.toml is".to_owned(),
            )),
        }
    }

    /// What stands in a manifest behind the name of one of our crates.
    pub(super) fn dependency(&self, package: &str) -> String {
        let folder = CRATES.iter().find(|(name, _)| *name == package);
        match (self, folder) {
            (Self::Tree(tree), Some((_, folder))) => {
                let path = Toml::String(format!("{tree}/{folder}"));
                format!("{{ path = {path} }}")
            }
            _ => Toml::String(env!("CARGO_PKG_VERSION").to_owned()).to_string(),
        }
    }
}

/// As in "it uses Vestibule ..".
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tree(tree) => write!(f, "from {tree}"),
            Self::Published => write!(
                f,
                "{} as published, since the source that this program was built from is gone \
                 (--source PATH names another)",
                env!("CARGO_PKG_VERSION")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_that_this_was_built_from_is_found() {
        let Source::Tree(tree) = Source::find(None).unwrap() else {
            panic!("it is there while its tests run");
        };
        let ours = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
        assert_eq!(ours.unwrap().canonicalize().unwrap(), Path::new(&tree));
        let dependency = Source::Tree(tree.clone()).dependency("vestibule-server");
        assert_eq!(format!("{{ path = \"{tree}/crates/server\" }}"), dependency);
    }

    #[test]
    fn when_that_tree_is_gone_the_published_version_is_used() {
        let folder = tempfile::tempdir().unwrap();
        for gone in [folder.path(), &folder.path().join("gone")] {
            let source = Source::of(gone);
            assert_eq!(Source::Published, source);
            let version = format!("{:?}", env!("CARGO_PKG_VERSION"));
            assert_eq!(version, source.dependency("vestibule"));
        }
    }

    #[test]
    fn a_path_is_written_as_toml_wants_it() {
        let dependency = Source::Tree("/a \"b\"\\c".to_owned()).dependency("vestibule");
        let read: toml::Table = format!("it = {dependency}").parse().unwrap();
        assert_eq!(
            Some("/a \"b\"\\c/crates/vestibule"),
            read["it"]["path"].as_str()
        );
    }
}
