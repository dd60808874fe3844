use vestibule_model::ErrorCode::*;
use vestibule_wire::ConfirmationUrlBody;

use crate::openapi::{
    codes::{HANDLED, TOKEN},
    described::{Described, get, post},
};

pub(super) fn all() -> Vec<Described> {
    vec![
        get(
            "/api/users/restorepassword/{identity}",
            "restorePassword",
            "Mails a link with which a forgotten password is replaced. A dead token is ignored.",
        )
        .refuses(&[
            HANDLED,
            &[
                OperationNotAllowed,
                RestoreUserNotFound,
                RestoreFailed,
                LimitExhausted,
                MailNotConfigured,
                AccountDisabled,
            ],
        ]),
        post(
            "/api/users/resendconfirmation/{identity}",
            "resendConfirmation",
            "Mails another link that confirms an email address; nothing happens without a mailer. A \
             dead token is ignored.",
        )
        .refuses(&[HANDLED, CONFIRMATION, &[LimitExhausted, AccountDisabled]]),
        post(
            "/api/users/createEmailConfirmationURL/{identity}",
            "createEmailConfirmationUrl",
            "The link that confirms an email address, for whoever wants to send it another way. For \
             the CodeRunner's key only.",
        )
        .answers::<ConfirmationUrlBody<'_>>()
        .refuses(&[TOKEN, HANDLED, CONFIRMATION, &[OperationNotAllowed]]),
    ]
}

const CONFIRMATION: &[vestibule_model::ErrorCode] =
    &[AlreadyConfirmed, ConfirmationOff, ConfirmationUserNotFound];
