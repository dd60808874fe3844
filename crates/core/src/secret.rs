use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// All that is said of a secret that does not fit.
pub(crate) const MISFIT_OF_SECRET: &str = "a secret is of the wrong type";

/// Something that must not be printed: in an event of an app's own, it comes in with the arguments
/// and goes out to nobody.
///
/// ```
/// use vestibule::Secret;
///
/// let pin = Secret::new("1234".to_owned());
/// assert_eq!("***", format!("{pin:?}"));
/// assert_eq!("1234", pin.reveal());
/// ```
///
/// The trap: written as JSON it is `"***"`, in an answer too. To send it somewhere, reveal it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Takes something in.
    pub const fn new(secret: T) -> Self {
        Self(secret)
    }

    /// The thing itself.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T> Serialize for Secret<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // What the type has to say of a wrong value may quote it.
        let secret = T::deserialize(deserializer);
        secret
            .map(Self)
            .map_err(|_| D::Error::custom(MISFIT_OF_SECRET))
    }
}
