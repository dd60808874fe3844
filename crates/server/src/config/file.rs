use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};
use vestibule_core::HandlerConfig;

use super::{
    ConfigError, database,
    origin::{Origin, Place},
    similar::similar,
};
use crate::settings::{self, Setting};

/// The keys that are no settings of the process.
const EXPECT_HANDLERS: &str = "expect_handlers";
const HANDLERS: &str = "handlers";
const DISABLE: &str = "disable";
const ORDER: &str = "order";

/// What a `vestibule.toml` says.
#[derive(Debug, Default)]
pub(crate) struct ConfigFile {
    path: PathBuf,
    /// By the name of the flag.
    pub(crate) settings: HashMap<&'static str, Value>,
    pub(crate) handlers: HandlerConfig,
}

/// The value of a setting in the file: a text, or several for a list.
#[derive(Debug)]
pub(crate) struct Value {
    pub(crate) texts: Vec<String>,
    pub(crate) place: Place,
}

impl ConfigFile {
    /// Reads the file.
    ///
    /// # Errors
    /// Fails when it cannot be read, is not TOML, or says something that is no setting.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            file: path.to_owned(),
            source,
        })?;
        Self::parse(path, &text)
    }

    /// Takes the file's text apart.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let reader = Reader { path, text };
        // The parser's own display would show the line, and there may be a secret in it.
        let table = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
            file: path.to_owned(),
            line: reader.line(error.span().unwrap_or_default().start),
            message: error.message().to_owned(),
        })?;
        let mut file = Self {
            path: path.to_owned(),
            ..Self::default()
        };
        for (key, value) in table.get_ref() {
            match key.get_ref().as_ref() {
                EXPECT_HANDLERS => file.handlers.expect = reader.texts(EXPECT_HANDLERS, value)?,
                HANDLERS => reader.handlers(value, &mut file.handlers)?,
                name => {
                    let setting = reader.setting(name, key)?;
                    file.settings
                        .insert(setting.flag, reader.value(setting, value)?);
                }
            }
        }
        Ok(file)
    }

    /// Warns when others may read secrets that stand in the file.
    pub(crate) fn exposed_secrets(&self) -> Option<String> {
        let secrets = [
            &settings::ADMIN_TOKEN,
            &settings::KEY_CLOUDCODE,
            &settings::MAIL_SMTP_PASSWORD,
            &settings::DATABASE_PASSWORD,
            &settings::DATABASE,
        ];
        let secret = secrets.into_iter().find(|secret| {
            let value = self.settings.get(secret.flag);
            value.is_some_and(|value| {
                **secret != settings::DATABASE
                    || value.texts.iter().any(|url| database::has_password(url))
            })
        })?;
        is_open(&self.path).then(|| {
            let file = self.path.display();
            format!(
                "{file} holds a secret ({}) and others may read it; chmod 600 it",
                secret.key()
            )
        })
    }
}

/// Whether others than its owner may do anything with the file.
pub(super) fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

/// Reads values, and knows where they stand.
#[derive(Clone, Copy)]
struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Reader<'_> {
    fn setting(
        &self,
        name: &str,
        key: &Spanned<DeString<'_>>,
    ) -> Result<&'static Setting, ConfigError> {
        // The file cannot say which file to read.
        let known = settings::ALL.into_iter();
        let known: Vec<_> = known.filter(|known| **known != settings::CONFIG).collect();
        if let Some(setting) = known.iter().find(|setting| setting.key() == name) {
            return Ok(setting);
        }
        let known: Vec<_> = known.into_iter().map(Setting::key).collect();
        let known = known.iter().map(String::as_str);
        Err(self.unknown(
            name,
            key.span().start,
            known.chain([EXPECT_HANDLERS, HANDLERS]),
        ))
    }

    fn value(&self, setting: &Setting, value: &Spanned<DeValue<'_>>) -> Result<Value, ConfigError> {
        let key = setting.key();
        let texts = match value.get_ref() {
            DeValue::String(text) => vec![text.clone().into_owned()],
            DeValue::Integer(number) if setting.is_number() && number.radix() == 10 => {
                vec![number.as_str().to_owned()]
            }
            DeValue::Array(_) if setting.list => self.texts(&key, value)?,
            _ => {
                let example = setting.default.unwrap_or("...");
                let expected = format!("a text in quotes, as in {key} = \"{example}\"");
                return Err(self.invalid(&key, value, expected));
            }
        };
        let place = self.place(&key, value.span().start);
        Ok(Value { texts, place })
    }

    fn handlers(
        &self,
        value: &Spanned<DeValue<'_>>,
        handlers: &mut HandlerConfig,
    ) -> Result<(), ConfigError> {
        for (key, value) in self.table(HANDLERS, value)? {
            match key.get_ref().as_ref() {
                DISABLE => handlers.disable = self.texts("handlers.disable", value)?,
                ORDER => {
                    for (path, order) in self.table("handlers.order", value)? {
                        let path = path.get_ref().as_ref();
                        handlers
                            .order
                            .insert(path.to_owned(), self.order(path, order)?);
                    }
                }
                name => return Err(self.unknown(name, key.span().start, [DISABLE, ORDER])),
            }
        }
        Ok(())
    }

    fn order(&self, path: &str, value: &Spanned<DeValue<'_>>) -> Result<i32, ConfigError> {
        let number = value.get_ref().as_integer();
        let order =
            number.and_then(|number| i32::from_str_radix(number.as_str(), number.radix()).ok());
        order.ok_or_else(|| {
            let expected = format!("a whole number, as in \"{path}\" = 5");
            self.invalid(path, value, expected)
        })
    }

    fn table<'v, 't>(
        &self,
        key: &str,
        value: &'v Spanned<DeValue<'t>>,
    ) -> Result<&'v DeTable<'t>, ConfigError> {
        let table = value.get_ref().as_table();
        table.ok_or_else(|| self.invalid(key, value, format!("a table, as in [{key}]")))
    }

    fn texts(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, ConfigError> {
        let texts = value.get_ref().as_array().and_then(|array| {
            let texts = array
                .iter()
                .map(|item| item.get_ref().as_str().map(str::to_owned));
            texts.collect()
        });
        texts.ok_or_else(|| {
            let expected = format!("a list of texts in quotes, as in {key} = [\"...\"]");
            self.invalid(key, value, expected)
        })
    }

    fn invalid(&self, key: &str, value: &Spanned<DeValue<'_>>, expected: String) -> ConfigError {
        let place = self.place(key, value.span().start);
        ConfigError::invalid(&Origin::File(place), expected)
    }

    fn unknown<'k>(
        &self,
        name: &str,
        at: usize,
        known: impl IntoIterator<Item = &'k str>,
    ) -> ConfigError {
        ConfigError::Unknown {
            place: self.place(name, at),
            similar: similar(name, known).map(str::to_owned),
        }
    }

    fn place(&self, key: &str, at: usize) -> Place {
        Place {
            key: key.to_owned(),
            file: self.path.to_owned(),
            line: self.line(at),
        }
    }

    fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().iter().take(at);
        before.filter(|byte| **byte == b'\n').count() + 1
    }
}
