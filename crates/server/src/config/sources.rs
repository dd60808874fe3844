use std::path::PathBuf;

use clap::ArgMatches;

use super::{
    ConfigError, Environment,
    file::{ConfigFile, Value},
    origin::{Given, Origin},
};
use crate::settings::Setting;

/// The places where a setting can be given, the strongest first.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'a> {
    flags: &'a ArgMatches,
    env: &'a Environment,
    file: Option<&'a ConfigFile>,
}

impl<'a> Sources<'a> {
    pub(crate) fn new(
        flags: &'a ArgMatches,
        env: &'a Environment,
        file: Option<&'a ConfigFile>,
    ) -> Self {
        Self { flags, env, file }
    }

    /// The text of a setting, if somebody gave it.
    pub(crate) fn text(
        &self,
        setting: &'static Setting,
    ) -> Result<Option<Given<String>>, ConfigError> {
        debug_assert!(!setting.list, "--{} is a list", setting.flag);
        Ok(self.list(setting)?.map(|mut given| Given {
            value: given.value.pop().unwrap_or_default(),
            origin: given.origin,
        }))
    }

    /// The texts of a setting that may be given several times, if somebody gave it.
    pub(crate) fn list(
        &self,
        setting: &'static Setting,
    ) -> Result<Option<Given<Vec<String>>>, ConfigError> {
        if let Some(values) = self.flags.get_many::<String>(setting.flag) {
            return Ok(Some(Given {
                value: values.cloned().collect(),
                origin: Origin::Flag(setting),
            }));
        }
        if let Some(value) = self.env.get(&setting.variable()) {
            let origin = Origin::Variable(setting);
            let value = value.to_str().ok_or_else(|| {
                ConfigError::invalid(&origin, "text, and holds bytes that are none (UTF-8)")
            })?;
            return Ok(Some(Given {
                value: vec![value.to_owned()],
                origin,
            }));
        }
        let in_file = self.file.and_then(|file| file.settings.get(setting.flag));
        Ok(in_file.map(|Value { texts, place }| Given {
            value: texts.clone(),
            origin: Origin::File(place.clone()),
        }))
    }

    /// A setting made what it is meant to be, or its default.
    pub(crate) fn parsed<T>(
        &self,
        setting: &'static Setting,
        check: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        match self.text(setting)? {
            Some(given) => given.parse(check),
            None => self.default(setting).parse(check),
        }
    }

    /// A path, or its default.
    pub(crate) fn path(&self, setting: &'static Setting) -> Result<PathBuf, ConfigError> {
        let given = self.text(setting)?.unwrap_or_else(|| self.default(setting));
        if given.value.is_empty() {
            return Err(ConfigError::invalid(&given.origin, "a path, and is empty"));
        }
        Ok(given.path())
    }

    fn default(&self, setting: &'static Setting) -> Given<String> {
        Given {
            value: setting.default.unwrap_or_default().to_owned(),
            origin: Origin::Flag(setting),
        }
    }
}
