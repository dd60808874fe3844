use vestibule_model::ErrorCode::{self, *};
use vestibule_wire::{
    RecordBody, RowBody,
    admin::{ColumnBody, TableBody},
};

use super::PAGE;
use crate::openapi::{
    codes::{BAD_BODY, NAMES, QUERY, RECORD, TABLE, USER_VALUES, VALUES},
    described::{Described, delete, get, patch, post},
    requests,
};

/// The table must be one of the app's own; two changes of the schema at once are one too many.
const SCHEMA: &[ErrorCode] = &[TableNotFound, SchemaChanged, UsersTableProhibited];

pub(super) fn all() -> Vec<Described> {
    vec![
        get(
            "/admin/api/tables",
            "tables",
            "All tables and their columns.",
        )
        .answers::<Vec<TableBody<'_>>>(),
        post(
            "/admin/api/tables",
            "createTable",
            "A new table with the columns that every table has.",
        )
        .takes(requests::new_table)
        .makes::<TableBody<'_>>()
        .refuses(&[BAD_BODY, NAMES, SCHEMA, &[TableExists, TooManyTables]]),
        delete(
            "/admin/api/tables/{name}",
            "dropTable",
            "A table goes with its rows.",
        )
        .refuses(&[SCHEMA, &[TableInUse]]),
        post(
            "/admin/api/tables/{name}/columns",
            "createColumn",
            "A new column or relation, which is answered.",
        )
        .takes(requests::new_column)
        .makes::<ColumnBody<'_>>()
        .refuses(&[
            BAD_BODY,
            NAMES,
            SCHEMA,
            &[
                ColumnExists,
                ColumnContradictsRows,
                TooManyColumns,
                RelatedTableMissing,
                InvalidDataType,
                InvalidDate,
                ValueTooLong,
                SystemColumnProhibited,
            ],
        ]),
        delete(
            "/admin/api/tables/{name}/columns/{column}",
            "dropColumn",
            "A column or a relation goes with what is in it.",
        )
        .refuses(&[SCHEMA, &[ColumnMissing, SystemColumnProhibited]]),
        patch(
            "/admin/api/tables/{name}/columns/{column}",
            "changeColumn",
            "Users log in with this column from now on. For columns of Users.",
        )
        .takes(requests::identity)
        .answers::<ColumnBody<'_>>()
        .refuses(&[
            BAD_BODY,
            SCHEMA,
            &[
                ColumnMissing,
                SystemColumnProhibited,
                ColumnContradictsRows,
                DuplicateEntry,
            ],
        ]),
        get(
            "/admin/api/tables/{name}/rows",
            "rows",
            "Rows of any table, whoever owns them.",
        )
        .with(&PAGE)
        .answers::<Vec<RowBody<'_>>>()
        .refuses(&[TABLE, QUERY]),
        patch(
            "/admin/api/tables/{name}/rows/{id}",
            "editRow",
            "Changes columns of one row, which is answered.",
        )
        .takes(requests::record)
        .answers::<RecordBody<'_>>()
        .refuses(&[
            BAD_BODY,
            TABLE,
            RECORD,
            VALUES,
            USER_VALUES,
            &[NothingToUpdate, IdentityExists, SystemColumnProhibited],
        ]),
    ]
}
