use std::{fmt, str::FromStr};

use vestibule_model::{ActivityTime, ObjectId, Selector, Timestamp};
use vestibule_storage::GonePlace;

use crate::{Error, Result};

/// Where a page of a plan begins. Its text goes to whoever asks for pages; what stands in it is
/// nobody's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanPlace(pub(super) Place);

/// The same, for those who may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Among those who are gone by their rows.
    Gone(GonePlace),
    /// Behind this one of those whom handlers keep.
    Kept(Option<ObjectId>),
}

impl fmt::Display for PlanPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, after): (_, Option<(i64, Selector)>) = match &self.0 {
            Place::Kept(None) => return f.write_str("k"),
            Place::Kept(Some(id)) => return write!(f, "k.{id}"),
            Place::Gone(GonePlace::Departed(id)) => return write!(f, "d.{id}"),
            Place::Gone(GonePlace::Unused(after)) => {
                ("u", after.map(|(at, selector)| (at.as_millis(), selector)))
            }
            Place::Gone(GonePlace::Old(after)) => {
                ("o", after.map(|(at, selector)| (at.as_millis(), selector)))
            }
        };
        f.write_str(kind)?;
        let Some((at, selector)) = after else {
            return Ok(());
        };
        let selector = u128::from_be_bytes(*selector.as_bytes());
        write!(f, ".{at}.{selector:032x}")
    }
}

impl FromStr for PlanPlace {
    type Err = Error;

    /// Reads what a plan said.
    fn from_str(text: &str) -> Result<Self> {
        let unknown = || {
            Error::invalid("this is no place of a plan: send what the page before called `next`")
        };
        let id = |text: &str| ObjectId::parse(text).map_err(|_| unknown());
        let (kind, rest) = text.split_once('.').unwrap_or((text, ""));
        let after = || -> Result<Option<(i64, Selector)>> {
            if rest.is_empty() {
                return Ok(None);
            }
            let (at, selector) = rest.split_once('.').ok_or_else(unknown)?;
            let at = at.parse().map_err(|_| unknown())?;
            let selector = u128::from_str_radix(selector, 16).map_err(|_| unknown())?;
            Ok(Some((at, Selector::from_bytes(selector.to_be_bytes()))))
        };
        Ok(Self(match kind {
            "k" if rest.is_empty() => Place::Kept(None),
            "k" => Place::Kept(Some(id(rest)?)),
            "d" => Place::Gone(GonePlace::Departed(id(rest)?)),
            "u" => Place::Gone(GonePlace::Unused(
                after()?.map(|(at, selector)| (ActivityTime::from_millis(at), selector)),
            )),
            "o" => Place::Gone(GonePlace::Old(
                after()?.map(|(at, selector)| (Timestamp::from_millis(at), selector)),
            )),
            _ => return Err(unknown()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_can_be_sent_and_read_back() {
        let id = ObjectId::parse("G").unwrap();
        let selector = Selector::from_bytes([7; 16]);
        let (used, made) = (ActivityTime::from_millis(5), Timestamp::from_millis(-3));
        for place in [
            Place::Kept(None),
            Place::Kept(Some(id.clone())),
            Place::Gone(GonePlace::Departed(id)),
            Place::Gone(GonePlace::Unused(None)),
            Place::Gone(GonePlace::Unused(Some((used, selector)))),
            Place::Gone(GonePlace::Old(None)),
            Place::Gone(GonePlace::Old(Some((made, selector)))),
        ] {
            let place = PlanPlace(place);
            assert_eq!(place, place.to_string().parse().unwrap());
        }
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in ["", "x", "u.1", "u.a.b", "d.", "o.1.z"] {
            let error = text.parse::<PlanPlace>().unwrap_err();
            assert_eq!(8008, error.code().number(), "{text}");
        }
    }
}
