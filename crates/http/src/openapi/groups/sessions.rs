use vestibule_model::ErrorCode::*;
use vestibule_wire::{AppInfo, GuestBody, UserBody, VerifiedBody};

use crate::openapi::{
    codes::{BAD_BODY, HANDLED, TOKEN},
    described::{Described, get, post},
    requests,
};

pub(super) fn all() -> Vec<Described> {
    vec![
        get("/api/info", "info", "What the SDK asks when it starts.").answers::<AppInfo<'_>>(),
        post(
            "/api/users/register/guest",
            "loginAsGuest",
            "A visitor comes in without a form. A dead token is ignored.",
        )
        .answers::<GuestBody<'_>>()
        .refuses(&[
            HANDLED,
            &[OperationNotAllowed, LimitExhausted, DuplicateEntry],
        ]),
        post(
            "/api/users/login",
            "login",
            "Logs in with identity and password; the CodeRunner's key also by objectId alone. A \
             dead token is ignored.",
        )
        .takes(requests::login)
        .answers::<UserBody<'_>>()
        .refuses(&[
            BAD_BODY,
            HANDLED,
            &[
                OperationNotAllowed,
                LoginByObjectIdDenied,
                LoginFailed,
                AlreadyLoggedIn,
                InvalidLoginOrPassword,
                EmptyLoginOrPassword,
                LoginDisabled,
                AccountLocked,
                ParameterRequired,
                TooManyLogins,
                UserNotFound,
                EmailNotConfirmed,
                AccountDisabled,
                ValueTooLong,
            ],
        ]),
        get(
            "/api/users/logout",
            "logout",
            "The session ends; without one nothing happens, and that is fine.",
        )
        .refuses(&[HANDLED, &[DeadToken]]),
        get(
            "/api/users/isvalidusertoken/{token}",
            "isValidUserToken",
            "Whether the token belongs to a live session. To ask is not to use.",
        )
        .answers::<bool>(),
        post(
            "/api/users/verifypassword",
            "verifyPassword",
            "Whether this is the password of the logged-in user. For the CodeRunner's key only.",
        )
        .takes(requests::password)
        .answers::<VerifiedBody>()
        .refuses(VERIFY_PASSWORD),
        post(
            "/api/users/verifypassowrd",
            "verifyPasswordAsTheSdkSpellsIt",
            "The same as verifypassword.",
        )
        .takes(requests::password)
        .answers::<VerifiedBody>()
        .refuses(VERIFY_PASSWORD),
    ]
}

const VERIFY_PASSWORD: &[&[vestibule_model::ErrorCode]] = &[
    BAD_BODY,
    HANDLED,
    TOKEN,
    &[VerifyPasswordDenied, NoAuthenticatedUser, ParameterRequired],
];
