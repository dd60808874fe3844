//! The page on troubleshooting has every message that the macros and a start can give, and no other.

mod page;
mod source;

use page::Page;
use source::{Message, all_messages};

#[test]
fn every_message_is_on_the_page() {
    let page = Page::read();
    let missing: Vec<String> = all_messages()
        .iter()
        .filter(|message| !page.quotes().iter().any(|quote| message.is_in(quote)))
        .map(Message::to_string)
        .collect();
    assert!(
        missing.is_empty(),
        "docs/troubleshooting.md quotes no such message; add each after a `> `, with its cause and \
         its cure:\n{}",
        missing.join("\n")
    );
}

#[test]
fn no_message_on_the_page_is_out_of_date() {
    let messages = all_messages();
    let page = Page::read();
    let stale: Vec<&str> = page
        .quotes()
        .iter()
        .filter(|quote| !messages.iter().any(|message| message.is_in(quote)))
        .map(String::as_str)
        .collect();
    assert!(
        stale.is_empty(),
        "docs/troubleshooting.md quotes what nothing says any more:\n{}",
        stale.join("\n")
    );
}

#[test]
fn every_quote_is_followed_by_a_cure() {
    let page = Page::read();
    assert_eq!(Vec::<String>::new(), page.quotes_without_a_cure());
}
