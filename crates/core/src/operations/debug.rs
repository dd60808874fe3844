//! How events that carry whatever a client sent are printed: as they are described to observers. What
//! a client sends may be a password or a token, and these must not get into a log by `{event:?}`.

use std::fmt;

use super::{BulkCreate, BulkUpdate, BulkUpsert, Create, DeepSave, Update, Upsert};
use crate::{event::Event, json_text::JsonText};

macro_rules! print_as_described {
    ($($event:ty),+) => {
        $(impl fmt::Debug for $event {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} {}", Self::NAME, JsonText::of(self.describe()))
            }
        })+
    };
}

print_as_described!(
    Create, Update, Upsert, BulkCreate, BulkUpdate, BulkUpsert, DeepSave
);
