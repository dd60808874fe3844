//! What the mails say. Nothing in them was written by a user, the address apart: whoever could write a
//! word into them could send mails in our name.

use super::Mail;

/// The mail to somebody who wants a new password.
pub(super) fn restore_password(to: &str, site: &str, url: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        subject: "Set a new password".to_owned(),
        text: format!(
            "Hello,\n\
             \n\
             somebody, most likely you, asked for a new password for {to} at {site}.\n\
             To choose one, open this page within an hour:\n\
             \n\
             {url}\n\
             \n\
             It works once. If you ask again, only the newest link works.\n\
             \n\
             If it was not you, you need not do anything: your password stays as it is.\n\
             Do not pass the link on: whoever has it can set your password.\n"
        ),
    }
}

/// The mail to somebody who registered.
pub(super) fn confirm_email(to: &str, site: &str, url: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        subject: "Confirm your email address".to_owned(),
        text: format!(
            "Hello,\n\
             \n\
             somebody, most likely you, registered with {to} at {site}.\n\
             To confirm that this address is yours, open this page within a day:\n\
             \n\
             {url}\n\
             \n\
             It works once. If you ask for another mail, only the newest link works.\n\
             \n\
             If it was not you, do not open the page: nobody can use the account then.\n"
        ),
    }
}
