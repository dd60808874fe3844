use vestibule_model::ErrorCode::{self, *};
use vestibule_wire::SetPermissionBody;

use crate::openapi::{
    codes::{BAD_BODY, HANDLED, TABLE, TOKEN},
    described::{Described, put},
    requests,
};

const REFUSALS: &[&[ErrorCode]] = &[
    BAD_BODY,
    TOKEN,
    HANDLED,
    TABLE,
    &[
        PermissionChangeDenied,
        PermissionImpossible,
        WrongOperation,
        OperationNotSupported,
        ParameterRequired,
        RoleNotFound,
        UserNotFound,
    ],
];

pub(super) fn all() -> Vec<Described> {
    vec![
        put(
            "/api/data/{table}/permissions/{access}",
            "setTablePermission",
            "Who may, or may not, do what with all records of a table.",
        )
        .takes(requests::permission)
        .answers::<SetPermissionBody<'_>>()
        .refuses(REFUSALS),
        put(
            "/api/data/{table}/permissions/{access}/{id}",
            "setPermission",
            "Who may, or may not, do what with one record.",
        )
        .takes(requests::permission)
        .answers::<SetPermissionBody<'_>>()
        .refuses(REFUSALS)
        .refuses(&[&[EntityNotFound]]),
    ]
}
