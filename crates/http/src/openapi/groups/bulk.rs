use vestibule_model::ErrorCode::{self, *};

use crate::openapi::{
    codes::{BAD_BODY, CLAUSE, HANDLED, REGISTERS, TABLE, TOKEN, USER_VALUES, VALUES},
    described::{Described, QueryKey, post, put},
    requests,
};

const SAVES: &[&[ErrorCode]] = &[
    BAD_BODY,
    TOKEN,
    HANDLED,
    TABLE,
    VALUES,
    USER_VALUES,
    REGISTERS,
    &[
        CreateDenied,
        RecordExists,
        EntityNotFound,
        UpdateRecordDenied,
        TableOperationDenied,
        UpdateDenied,
        UpdateNeedsLogin,
        UpdateFieldsEmpty,
        IdentityExists,
        NothingToUpdate,
    ],
];

pub(super) fn all() -> Vec<Described> {
    vec![
        post(
            "/api/data/bulk/{table}",
            "bulkCreate",
            "New records; answers their ids in the same order.",
        )
        .takes(requests::records)
        .answers::<Vec<String>>()
        .refuses(SAVES),
        put(
            "/api/data/bulkupsert/{table}",
            "bulkUpsert",
            "Records are changed if they are there, and made if they are not; answers their ids in \
             the same order.",
        )
        .takes(requests::records)
        .answers::<Vec<String>>()
        .refuses(SAVES),
        put(
            "/api/data/bulk/{table}",
            "bulkUpdate",
            "The same change of many records; answers how many.",
        )
        .with(&[QueryKey::text("where", "Which records are meant: `price > 10`.").required()])
        .takes(requests::record)
        .answers::<u64>()
        .refuses(&[
            BAD_BODY,
            TOKEN,
            HANDLED,
            TABLE,
            CLAUSE,
            VALUES,
            USER_VALUES,
            &[
                BulkUpdateOfSystemColumns,
                BulkUpdateOfIdentity,
                NothingToUpdate,
                UpdateRecordDenied,
                UpdateDenied,
                UpdateNeedsLogin,
                UpdateFieldsEmpty,
                FindDenied,
                OperationNotAllowed,
            ],
        ]),
        post(
            "/api/data/bulk/{table}/delete",
            "bulkRemove",
            "Many records go; answers how many.",
        )
        .takes(requests::bulk_where)
        .answers::<u64>()
        .refuses(&[
            BAD_BODY,
            TOKEN,
            HANDLED,
            TABLE,
            CLAUSE,
            &[RemoveDenied, RemoveUserDenied, FindDenied],
        ]),
    ]
}
