use vestibule_model::ErrorCode::{self, *};
use vestibule_wire::RecordBody;

use super::{PAGE, PROJECTION};
use crate::openapi::{
    codes::{BAD_BODY, CLAUSE, HANDLED, QUERY, RECORD, TABLE, TOKEN},
    described::{Described, QueryKey, delete, get, post, put},
    requests,
};

/// Says which records are meant, in the place of a body.
const WHERE: [QueryKey; 1] = [QueryKey::text(
    "whereClause",
    "Which records are meant; instead of ids in the body.",
)];

const LINKS: &[&[ErrorCode]] = &[
    BAD_BODY,
    TOKEN,
    HANDLED,
    TABLE,
    RECORD,
    CLAUSE,
    &[
        PropertiesNotFound,
        RelationOccupied,
        ColumnExists,
        ReservedName,
        RelatedTableMissing,
        TooManyColumns,
        SchemaChanged,
        ColumnMissing,
        TableOperationDenied,
        UpdateRecordDenied,
        UsersTableProhibited,
        UpdateDenied,
        UpdateNeedsLogin,
        FindDenied,
    ],
];

pub(super) fn all() -> Vec<Described> {
    const PATH: &str = "/api/data/{table}/{id}/{relation}";
    vec![
        get(
            PATH,
            "loadRelations",
            "A page of the records that one relates to; a list, also by a relation to one.",
        )
        .with(&PAGE)
        .with(&PROJECTION)
        .answers::<Vec<RecordBody<'_>>>()
        .refuses(&[
            TOKEN,
            HANDLED,
            TABLE,
            RECORD,
            QUERY,
            &[PropertiesNotFound, TableOperationDenied, FindDenied],
        ]),
        post(
            PATH,
            "setRelation",
            "These are the records that one relates to, and no others. Answers how many links \
             changed.",
        )
        .with(&WHERE)
        .may_take(requests::ids)
        .answers::<u64>()
        .refuses(LINKS),
        put(
            PATH,
            "addRelation",
            "Records join those that one relates to. Answers how many links changed.",
        )
        .with(&WHERE)
        .may_take(requests::ids)
        .answers::<u64>()
        .refuses(LINKS),
        delete(
            PATH,
            "deleteRelation",
            "Records are no longer related; they stay. Answers how many links changed.",
        )
        .with(&WHERE)
        .may_take(requests::ids)
        .answers::<u64>()
        .refuses(LINKS),
    ]
}
