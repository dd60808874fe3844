use vestibule_model::ErrorCode::{self, *};
use vestibule_wire::admin::{PermissionBody, RoleBody, SessionBody};

use super::PLACE;
use crate::openapi::{
    codes::BAD_BODY,
    described::{Described, QueryKey, delete, get, post, put},
    requests,
};

/// What a change of a user's roles may refuse.
const ASSIGNS: &[ErrorCode] = &[
    RoleNotFound,
    SystemRoleAssigned,
    SystemRoleUnassigned,
    UserNotFound,
    InvalidParameter,
];

pub(super) fn all() -> Vec<Described> {
    vec![
        get(
            "/admin/api/roles",
            "roles",
            "All roles, the system's first.",
        )
        .answers::<Vec<RoleBody<'_>>>(),
        post(
            "/admin/api/roles",
            "createRole",
            "A new custom role, which is answered.",
        )
        .takes(requests::new_role)
        .makes::<RoleBody<'_>>()
        .refuses(&[BAD_BODY, &[RoleExists]]),
        delete(
            "/admin/api/roles/{name}",
            "dropRole",
            "A custom role goes, with its assignments and its permissions.",
        )
        .refuses(&[&[RoleNotFound, SystemRoleRemoved]]),
        get(
            "/admin/api/permissions",
            "permissions",
            "Who may do what, single records apart.",
        )
        .with(&[
            QueryKey::text("role", "Of this role only; `*` is all roles."),
            QueryKey::text(
                "user",
                "Of the user with this objectId only; `*` is all users.",
            ),
            QueryKey::text(
                "resource",
                "With this only: `data`, `data:TABLE`, `users`, ..",
            ),
        ])
        .answers::<Vec<PermissionBody<'_>>>()
        .refuses(&[&[UserNotFound]]),
        put(
            "/admin/api/permissions",
            "setPermissionAsOperator",
            "One permission is set, or removed by INHERIT; answers how it stands now.",
        )
        .takes(requests::operators_permission)
        .answers::<PermissionBody<'_>>()
        .refuses(&[
            BAD_BODY,
            &[
                ParameterRequired,
                WrongOperation,
                OperationNotSupported,
                PermissionImpossible,
                RoleNotFound,
                TableNotFound,
                UserNotFound,
            ],
        ]),
        get(
            "/admin/api/users/{id}/sessions",
            "sessions",
            "The sessions of a user, the latest login first; never a token.",
        )
        .with(&PLACE)
        .answers::<Vec<SessionBody<'_>>>()
        .refuses(&[&[UserNotFound]]),
        delete(
            "/admin/api/users/{id}/sessions",
            "endSessions",
            "All sessions of a user end.",
        )
        .refuses(&[&[UserNotFound]]),
        delete(
            "/admin/api/users/{id}/sessions/{session}",
            "endSession",
            "One session ends.",
        )
        .refuses(&[&[UserNotFound, EntityNotFound]]),
        get(
            "/admin/api/users/{id}/roles",
            "customRolesOf",
            "The custom roles of a user.",
        )
        .answers::<Vec<RoleBody<'_>>>()
        .refuses(&[&[UserNotFound]]),
        post(
            "/admin/api/users/{id}/roles",
            "assignRoleAsOperator",
            "A user gets a custom role.",
        )
        .takes(requests::role)
        .refuses(&[BAD_BODY, ASSIGNS]),
        delete(
            "/admin/api/users/{id}/roles/{role}",
            "unassignRoleAsOperator",
            "A custom role is taken from a user.",
        )
        .refuses(&[ASSIGNS]),
    ]
}
