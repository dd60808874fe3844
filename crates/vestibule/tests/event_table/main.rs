//! The table of events in the documentation is what the code says.
//!
//! `UPDATE_EXPECT=1 cargo test -p vestibule --test event_table` writes it anew.

mod backendless;
mod definition;
mod markdown;

use expect_test::expect_file;
use vestibule_core::EVENT_NAMES;

use crate::definition::{Definition, all_definitions, definition_of_custom_events};

#[test]
fn the_table_of_events_says_what_the_code_says() {
    let events = in_the_order_of_lists(all_definitions());
    let table = markdown::table(&events, &definition_of_custom_events());
    expect_file!["../../docs/event_table.md"].assert_eq(&table);
}

#[test]
fn the_table_has_every_event_and_no_other() {
    let mut defined: Vec<_> = all_definitions()
        .into_iter()
        .map(|event| event.name)
        .collect();
    let mut listed: Vec<_> = EVENT_NAMES.map(str::to_owned).into();
    defined.sort();
    listed.sort();
    assert_eq!(
        listed, defined,
        "left: `EVENT_NAMES`; right: what is an `Event` in the code"
    );
}

#[test]
fn every_event_says_what_it_is_called_on_backendless() {
    for event in all_definitions() {
        let said = event.backendless.as_deref().unwrap_or_else(|| {
            panic!(
                "{}: its docs need a paragraph that begins with `Backendless: `",
                event.ident
            )
        });
        if let Err(mistake) = backendless::check(said) {
            panic!("{}: {mistake}; its docs say: {said}", event.ident);
        }
    }
}

/// As `EVENT_NAMES` has them; what it lacks comes last, and another test tells of it.
fn in_the_order_of_lists(mut events: Vec<Definition>) -> Vec<Definition> {
    events.sort_by_key(|event| {
        let place = EVENT_NAMES.iter().position(|name| *name == event.name);
        place.unwrap_or(EVENT_NAMES.len())
    });
    events
}
