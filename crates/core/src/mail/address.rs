use email_address::{EmailAddress, Options};

/// Whether mail can be sent to this. `Ann <ann@example.com>` is an address with a name around it.
pub(crate) fn is_address(text: &str) -> bool {
    EmailAddress::parse_with_options(text, Options::default().without_display_text()).is_ok()
}
