use vestibule_model::ErrorCode::{self, *};
use vestibule_wire::RowBody;

use super::{PAGE, PROJECTION};
use crate::openapi::{
    codes::{BAD_BODY, HANDLED, QUERY, TOKEN},
    described::{Described, QueryKey, get, post},
    requests,
};

const CHANGES: &[&[ErrorCode]] = &[
    BAD_BODY,
    TOKEN,
    HANDLED,
    &[
        RoleChangeDenied,
        ParameterRequired,
        RoleNotFound,
        SystemRoleAssigned,
        SystemRoleUnassigned,
        UserNotFound,
    ],
];

pub(super) fn all() -> Vec<Described> {
    vec![
        get(
            "/api/users/userroles",
            "userRoles",
            "The roles in which the request is made.",
        )
        .answers::<Vec<String>>()
        .refuses(&[TOKEN]),
        get(
            "/api/users/userroles/{id}",
            "userRolesOf",
            "The roles of that user.",
        )
        .answers::<Vec<String>>()
        .refuses(&[TOKEN, &[UserNotFound, OperationNotAllowed]]),
        get(
            "/api/users/role/{role}",
            "findByRole",
            "Users who have a role, of those whom the caller may find.",
        )
        .with(&[QueryKey::flag("loadRoles", "Whether each has `roles`.")])
        .with(&PAGE)
        .with(&PROJECTION)
        .answers::<Vec<RowBody<'_>>>()
        .refuses(&[TOKEN, HANDLED, QUERY, &[RoleNotFound, FindDenied]]),
        post(
            "/api/users/assignRole",
            "assignRole",
            "A user gets a custom role. For the CodeRunner's key only.",
        )
        .takes(requests::role_change)
        .refuses(CHANGES),
        post(
            "/api/users/unassignRole",
            "unassignRole",
            "A custom role is taken from a user. For the CodeRunner's key only.",
        )
        .takes(requests::role_change)
        .refuses(CHANGES),
    ]
}
