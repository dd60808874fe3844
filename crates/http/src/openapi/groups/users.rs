use vestibule_model::ErrorCode::*;
use vestibule_wire::{RecordBody, UserBody, UserClassProperty};

use super::PROJECTION;
use crate::openapi::{
    codes::{
        BAD_BODY, HANDLED, NEW_COLUMNS, QUERY, RECORD, REGISTERS, TOKEN, UPDATES_USER, USER_VALUES,
    },
    described::{Described, get, post, put},
    requests,
};

pub(super) fn all() -> Vec<Described> {
    vec![
        post(
            "/api/users/register",
            "register",
            "Somebody becomes a user. It does not log in. With the objectId of a guest it is that \
             guest who becomes one. A dead token is ignored.",
        )
        .takes(requests::user)
        .answers::<UserBody<'_>>()
        .refuses(&[
            BAD_BODY,
            HANDLED,
            REGISTERS,
            USER_VALUES,
            NEW_COLUMNS,
            &[PropertyRepeated],
        ]),
        get("/api/users/{id}", "readUser", "A user, as a record.")
            .with(&PROJECTION)
            .answers::<RecordBody<'_>>()
            .refuses(&[TOKEN, HANDLED, RECORD, QUERY, &[FindDenied]]),
        put(
            "/api/users/{id}",
            "updateUser",
            "The columns of a user that come change, the others stay.",
        )
        .takes(requests::user_changes)
        .answers::<UserBody<'_>>()
        .refuses(&[
            BAD_BODY,
            TOKEN,
            HANDLED,
            USER_VALUES,
            NEW_COLUMNS,
            UPDATES_USER,
        ]),
        put(
            "/api/users/{id}/status",
            "changeUserStatus",
            "A user is enabled or disabled. For the CodeRunner's key only.",
        )
        .takes(requests::user_status)
        .refuses(&[
            BAD_BODY,
            TOKEN,
            HANDLED,
            &[
                StatusChangeDenied,
                ParameterRequired,
                UserNotFound,
                AlreadyDisabled,
                AlreadyEnabled,
            ],
        ]),
        get(
            "/api/users/userclassprops",
            "describeUserClass",
            "The columns of the table Users.",
        )
        .answers::<Vec<UserClassProperty<'_>>>()
        .refuses(&[TOKEN, &[OperationNotAllowed]]),
    ]
}
