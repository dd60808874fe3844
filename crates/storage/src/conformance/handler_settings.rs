use vestibule_model::HandlerSetting;

use super::{Scratch, samples::*};
use crate::Change;

fn setting(path: &str, enabled: Option<bool>, order: Option<i32>) -> HandlerSetting {
    HandlerSetting {
        path: path.to_owned(),
        enabled,
        order,
    }
}

pub async fn what_is_wanted_of_a_handler_takes_the_place_of_what_was(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    assert!(done(storage.handler_settings().await).is_empty());
    let wanted = [
        setting("B::a", Some(true), Some(i32::MIN)),
        setting("a::b", Some(false), None),
        setting("a::c'\"%", None, Some(i32::MAX)),
    ];
    let put = |setting: &HandlerSetting| Change::PutHandlerSetting(setting.clone());
    done(storage.apply(wanted.iter().rev().map(put).collect()).await);
    assert_eq!(wanted, *done(storage.handler_settings().await));
    let other = setting("a::b", None, Some(7));
    done(storage.apply(vec![put(&other)]).await);
    let found = done(storage.handler_settings().await);
    assert_eq!(
        [&wanted[0], &other, &wanted[2]],
        *found.iter().collect::<Vec<_>>()
    );
}

pub async fn a_handler_of_which_nothing_is_wanted_is_forgotten(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let changes = [
        setting("a::b", Some(false), Some(1)),
        setting("a::b", None, None),
        setting("never::wanted", None, None),
    ];
    let changes = changes.map(Change::PutHandlerSetting);
    done(storage.apply(changes.to_vec()).await);
    assert!(done(storage.handler_settings().await).is_empty());
}

pub async fn a_reopened_database_knows_what_is_wanted_of_handlers(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let wanted = setting("a::b", Some(false), Some(-3));
    done(
        storage
            .apply(vec![Change::PutHandlerSetting(wanted.clone())])
            .await,
    );
    storage.close().await;
    let storage = scratch.open().await;
    assert_eq!([wanted], *done(storage.handler_settings().await));
}
