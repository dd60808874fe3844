//! What belongs to the app itself: reads, and the statements of its changes.

use sea_query::{
    Expr, ExprTrait, InsertStatement, IntoIden, OnConflict, Order, SelectStatement, Value as Sql,
};
use vestibule_model::{KeyKind, Value};
use vestibule_storage::App;

use crate::{
    Query, Row,
    decode::Cells,
    names::{app, key, setting},
    statement::insert_into,
};

/// The row of the app, once for every key, which goes with it.
#[derive(Debug)]
pub struct AppRow {
    id: Option<String>,
    admin_token_hash: Option<[u8; 32]>,
    key: Option<(KeyKind, String)>,
}

/// The app's id, token and keys. Put together by [`assemble`].
pub fn app_and_keys() -> Query<AppRow> {
    let mut select = SelectStatement::new();
    select
        .column((app::TABLE, app::APP_ID))
        .column((app::TABLE, app::ADMIN_TOKEN_HASH))
        .column((key::TABLE, key::KIND))
        .column((key::TABLE, key::TEXT))
        .from(app::TABLE)
        // One statement for both, since a read is one snapshot; all keys go with the one row.
        .left_join(key::TABLE, Expr::col((key::TABLE, key::KIND)).is_not_null());
    Query::new(select, |row| {
        let mut cells = Cells::new(row, app::TABLE);
        let id = cells.maybe_text(app::APP_ID)?.map(str::to_owned);
        let hash = cells.cell(app::ADMIN_TOKEN_HASH, Row::bytes)?;
        let admin_token_hash = hash
            .map(|hash| hash.try_into())
            .transpose()
            .map_err(|_| cells.corrupt(app::ADMIN_TOKEN_HASH))?;
        cells.of_table(key::TABLE);
        let Some(kind) = cells.maybe_text(key::KIND)? else {
            return Ok(AppRow {
                id,
                admin_token_hash,
                key: None,
            });
        };
        cells.of_row(kind);
        let kind = KeyKind::from_name(kind).ok_or_else(|| cells.corrupt(key::KIND))?;
        let key = Some((kind, cells.text(key::TEXT)?.to_owned()));
        Ok(AppRow {
            id,
            admin_token_hash,
            key,
        })
    })
}

/// Puts together what [`app_and_keys`] answered; keys come in the order of [`KeyKind::ALL`].
pub fn assemble(mut rows: Vec<AppRow>) -> Option<App> {
    let first = rows.first_mut()?;
    let id = first.id.take()?;
    let admin_token_hash = first.admin_token_hash?;
    let mut keys: Vec<_> = rows.into_iter().filter_map(|row| row.key).collect();
    keys.sort_by_key(|(kind, _)| KeyKind::ALL.iter().position(|other| other == kind));
    Some(App {
        id,
        keys,
        admin_token_hash,
    })
}

/// The stored settings, in the order of their keys.
pub fn settings() -> Query<(String, Value)> {
    let mut select = SelectStatement::new();
    select
        .columns([setting::KEY, setting::VALUE])
        .from(setting::TABLE)
        .order_by(setting::KEY, Order::Asc);
    Query::new(select, |row| {
        let mut cells = Cells::new(row, setting::TABLE);
        let key = cells.text(setting::KEY)?.to_owned();
        cells.of_row(key.as_str());
        let value = cells.cell(setting::VALUE, Row::json)?;
        Ok((key, value.map_or(Value::Null, Value::from_json)))
    })
}

/// The app's row, if a server has made the app.
pub(crate) fn made() -> SelectStatement {
    let mut select = SelectStatement::new();
    select
        .column((app::TABLE, app::APP_ID))
        .from(app::TABLE)
        .and_where(Expr::col((app::TABLE, app::APP_ID)).is_not_null());
    select
}

/// Sets the app's id.
pub(crate) fn put_app_id(id: &str) -> InsertStatement {
    put_in_only_row(app::APP_ID, id.into())
}

/// Sets the SHA-256 of the admin token.
pub(crate) fn put_admin_token_hash(hash: &[u8; 32]) -> InsertStatement {
    put_in_only_row(app::ADMIN_TOKEN_HASH, Expr::val(hash.as_slice()))
}

/// Sets or replaces a key.
pub(crate) fn put_key(kind: KeyKind, text: &str) -> InsertStatement {
    put(
        key::TABLE,
        (key::KIND, kind.as_str().into()),
        (key::TEXT, text.into()),
    )
}

/// Sets or replaces a setting.
pub(crate) fn put_setting(key: &str, value: &Value) -> InsertStatement {
    put(
        setting::TABLE,
        (setting::KEY, key.into()),
        (setting::VALUE, Sql::from(value.to_json()).into()),
    )
}

fn put_in_only_row(column: &'static str, value: Expr) -> InsertStatement {
    put(app::TABLE, (app::ID, app::ONLY.into()), (column, value))
}

/// Makes the row with this key, or changes its value if it is there.
fn put(
    table: &'static str,
    key: (&'static str, Expr),
    value: (&'static str, Expr),
) -> InsertStatement {
    let mut insert = insert_into(
        table,
        [key.clone(), value.clone()].map(|(column, cell)| (column.into_iden(), cell)),
    );
    insert.on_conflict(OnConflict::column(key.0).update_column(value.0).to_owned());
    insert
}
