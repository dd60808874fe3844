use vestibule_model::ErrorCode::{self, *};
use vestibule_wire::{ColumnDescription, DeletionBody, GroupPageBody, RecordBody, RowBody};

use super::{GROUPING, PAGE, PROJECTION};
use crate::openapi::{
    codes::{
        BAD_BODY, HANDLED, QUERY, RECORD, REGISTERS, TABLE, TOKEN, UPDATES_USER, USER_VALUES,
        VALUES,
    },
    described::{Described, delete, get, post, put},
    requests,
};

/// What finding may refuse.
const FINDS: &[&[ErrorCode]] = &[BAD_BODY, TOKEN, HANDLED, TABLE, QUERY, &[FindDenied]];

/// What making a record may refuse.
const MAKES: &[&[ErrorCode]] = &[
    BAD_BODY,
    TOKEN,
    HANDLED,
    TABLE,
    VALUES,
    USER_VALUES,
    REGISTERS,
    &[CreateDenied, RecordExists, TableOperationDenied],
];

/// What changing a record may refuse.
const CHANGES: &[&[ErrorCode]] = &[
    BAD_BODY,
    TOKEN,
    HANDLED,
    TABLE,
    RECORD,
    VALUES,
    USER_VALUES,
    UPDATES_USER,
    &[UpdateRecordDenied],
];

pub(super) fn all() -> Vec<Described> {
    vec![
        get("/api/data/{table}", "findByQuery", "A page of records.")
            .with(&PAGE)
            .with(&PROJECTION)
            .with(&GROUPING)
            .answers::<Vec<RowBody<'_>>>()
            .refuses(FINDS),
        post(
            "/api/data/{table}/find",
            "find",
            "A page of records, or of what is computed from them.",
        )
        .may_take(requests::query)
        .answers::<Vec<RowBody<'_>>>()
        .refuses(FINDS),
        post(
            "/api/data/{table}/count",
            "count",
            "How many records there are.",
        )
        .may_take(requests::query)
        .answers::<u64>()
        .refuses(FINDS),
        get("/api/data/{table}/{id}", "findById", "One record.")
            .with(&PROJECTION)
            .answers::<RecordBody<'_>>()
            .refuses(FINDS)
            .refuses(&[RECORD]),
        get(
            "/api/data/{table}/pk",
            "findByPrimaryKey",
            "The one record that has all the values of the URL: `pk?column=value&column=value`.",
        )
        .answers::<RowBody<'_>>()
        .refuses(FINDS)
        .refuses(&[RECORD]),
        post("/api/data/{table}", "create", "A new record.")
            .takes(requests::record)
            .answers::<RecordBody<'_>>()
            .refuses(MAKES),
        put(
            "/api/data/{table}",
            "save",
            "A record with an objectId is changed, one without is made.",
        )
        .takes(requests::record)
        .answers::<RecordBody<'_>>()
        .refuses(MAKES)
        .refuses(CHANGES),
        put(
            "/api/data/{table}/upsert",
            "upsert",
            "A record is changed if it is there, and made if it is not.",
        )
        .takes(requests::record)
        .answers::<RecordBody<'_>>()
        .refuses(MAKES)
        .refuses(CHANGES),
        put(
            "/api/data/{table}/deep-save",
            "deepSave",
            "A record with the records that it relates to, all of them or none.",
        )
        .takes(requests::deep_record)
        .answers::<RecordBody<'_>>()
        .refuses(MAKES)
        .refuses(CHANGES)
        .refuses(&[&[RelationMissing, RelationOccupied]]),
        put(
            "/api/data/{table}/{id}",
            "update",
            "The columns that come change, the others stay.",
        )
        .takes(requests::record)
        .answers::<RecordBody<'_>>()
        .refuses(CHANGES),
        delete(
            "/api/data/{table}/{id}",
            "remove",
            "A record goes, and with it what relates it to others.",
        )
        .answers::<DeletionBody>()
        .refuses(&[
            TOKEN,
            HANDLED,
            TABLE,
            RECORD,
            &[RemoveDenied, RemoveUserDenied],
        ]),
        get(
            "/api/data/{table}/properties",
            "describeTable",
            "The columns and relations of a table.",
        )
        .answers::<Vec<ColumnDescription<'_>>>()
        .refuses(&[TOKEN, TABLE, &[DescribeDenied]]),
        get(
            "/api/data/{table}/table-name",
            "tableName",
            "The name of a table. A table has no id besides it.",
        )
        .answers::<String>()
        .refuses(&[TOKEN, TABLE, &[DescribeDenied]]),
        post(
            "/api/data/data-grouping/{table}",
            "group",
            "Groups of records within groups.",
        )
        .takes(requests::group_query)
        .answers::<GroupPageBody<'_>>()
        .refuses(FINDS),
        post(
            "/api/data/data-grouping/{table}/count",
            "countInGroup",
            "How many items there are in a group.",
        )
        .takes(requests::group_query)
        .answers::<u64>()
        .refuses(FINDS),
    ]
}
