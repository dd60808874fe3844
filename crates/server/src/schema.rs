//! `vestibule schema`: every table and column, and which declaration asks for it.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use serde_json::{Value as Json, json};
use tokio::runtime;
use vestibule_core::{SchemaPlan, TableDeclaration};
use vestibule_model::{Cardinality, Column, Relation, Table};
use vestibule_storage_sqlite::Sqlite;

use crate::{config::Config, database, failure::Failure, handlers::table, serve::ServeError};

const HEADINGS: [&str; 6] = ["TABLE", "COLUMN", "TYPE", "OPTIONS", "", "ASKED FOR BY"];

/// What stands in the last column but one for what the next start adds.
const NEW: &str = "new";

/// Prints the schema that a start on this database leads to. Changes nothing; a server may be running
/// on it.
///
/// # Errors
/// As the start: when the declarations do not fit together or to the database, and when the
/// database cannot be read. Also when nothing can be printed.
pub(crate) fn print(config: &Config, as_json: bool, out: &mut impl Write) -> Result<(), Failure> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ServeError::Threads)?;
    let found = runtime.block_on(database::look(config))?;
    let catalogue = match &found {
        Some(catalogue) => catalogue,
        // It is the same in every kind of database.
        None => &Sqlite::fresh_catalogue().map_err(ServeError::from)?,
    };
    let plan = SchemaPlan::of(catalogue, &SchemaPlan::collected())
        .map_err(|error| ServeError::Start(error.log()))?;
    let text = if as_json {
        format!("{:#}\n", json(&plan))
    } else {
        let missing = found.is_none().then(|| database::place(config));
        text(&plan, missing.as_deref())
    };
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has seen enough: `vestibule schema | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

fn text(plan: &SchemaPlan, missing: Option<&str>) -> String {
    let tables = &plan.catalogue().tables;
    let rows: Vec<_> = tables.iter().flat_map(|table| rows(plan, table)).collect();
    let mut text = table(HEADINGS, &rows);
    let columns: usize = tables.iter().map(width).sum();
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "\n{} and {}",
        several(tables.len(), "table"),
        several(columns, "column")
    );
    let new = |is_table: bool| {
        let new = rows.iter().filter(|row| row[4] == NEW);
        new.filter(|row| row[1].is_empty() == is_table).count()
    };
    let new = (new(true), new(false));
    if let Some(data) = missing {
        let _ = write!(
            text,
            "; there is no database in {data} yet, and the first start makes all of it"
        );
    } else if new != (0, 0) {
        let (tables, columns) = (several(new.0, "table"), several(new.1, "column"));
        let _ = write!(text, "; the next start adds {tables} and {columns}");
    }
    text.push('\n');
    text
}

/// The line of a table, then those of its columns and relations.
fn rows(plan: &SchemaPlan, table: &Table) -> Vec<[String; 6]> {
    let line = |column: &str, kind: String, options: String, is_new: bool, by: String| {
        let new = if is_new { NEW } else { "" };
        [
            table.name.clone(),
            column.to_owned(),
            kind,
            options,
            new.to_owned(),
            by,
        ]
    };
    let by = |name: &str| places(plan.asking_for_column(&table.name, name)).join(", ");
    let new = |name: &str| plan.adds_column(&table.name, name);
    let head = line(
        "",
        "table".to_owned(),
        table_options(plan, table),
        plan.adds_table(&table.name),
        places(plan.asking_for_table(&table.name)).join(", "),
    );
    let columns = table.columns.iter().map(|column| {
        let name = column.name.as_str();
        let kind = match column.size {
            Some(size) => format!("{}({size})", column.column_type.as_str()),
            None => column.column_type.as_str().to_owned(),
        };
        line(name, kind, options(column), new(name), by(name))
    });
    let relations = table.relations.iter().map(|relation| {
        let name = relation.name.as_str();
        line(name, arrow(relation), String::new(), new(name), by(name))
    });
    std::iter::once(head)
        .chain(columns)
        .chain(relations)
        .collect()
}

/// A relation as `table!` writes it.
fn arrow(relation: &Relation) -> String {
    match relation.cardinality {
        Cardinality::OneToOne => format!("-> {}", relation.to_table),
        Cardinality::OneToMany => format!("-> [{}]", relation.to_table),
    }
}

fn table_options(plan: &SchemaPlan, table: &Table) -> String {
    let words = [
        (table.system, "system"),
        (plan.is_server_only(&table.name), "server_only"),
    ];
    let words = words.into_iter().filter(|(is_so, _)| *is_so);
    words.map(|(_, word)| word).collect::<Vec<_>>().join(", ")
}

fn options(column: &Column) -> String {
    let mut options: Vec<String> = [
        (column.system, "system"),
        (column.identity, "identity"),
        (column.required, "required"),
        (column.unique, "unique"),
        (column.indexed, "indexed"),
    ]
    .into_iter()
    .filter(|(is_so, _)| *is_so)
    .map(|(_, word)| word.to_owned())
    .collect();
    if let Some(default) = &column.default {
        options.push(format!("= {}", default.to_json()));
    }
    if let Some(validator) = &column.validator {
        options.push(format!("validator {validator:?}"));
    }
    options.join(", ")
}

/// The schema as `GET /admin/api/tables` answers it, with what is new and who asks for it.
fn json(plan: &SchemaPlan) -> Json {
    let tables = plan.catalogue().tables.iter();
    tables.map(|table| table_json(plan, table)).collect()
}

fn table_json(plan: &SchemaPlan, table: &Table) -> Json {
    let about = |name: &str, mut column: Json| {
        column["new"] = plan.adds_column(&table.name, name).into();
        column["askedForBy"] = places(plan.asking_for_column(&table.name, name)).into();
        column
    };
    let columns = table.columns.iter().map(|column| {
        let described = json!({
            "name": column.name, "type": column.column_type.as_str(), "size": column.size,
            "required": column.required, "unique": column.unique, "indexed": column.indexed,
            "default": column.default.as_ref().map(vestibule_model::Value::to_json),
            "validator": column.validator, "system": column.system, "toTable": null,
            "cardinality": null,
        });
        about(&column.name, described)
    });
    let relations = table.relations.iter().map(|relation| {
        let described = json!({
            "name": relation.name, "type": "RELATION", "size": null, "required": false,
            "unique": false, "indexed": false, "default": null, "validator": null,
            "system": false, "toTable": relation.to_table,
            "cardinality": relation.cardinality.as_str(),
        });
        about(&relation.name, described)
    });
    json!({
        "name": table.name,
        "system": table.system,
        "serverOnly": plan.is_server_only(&table.name),
        "new": plan.adds_table(&table.name),
        "askedForBy": places(plan.asking_for_table(&table.name)),
        "columns": columns.chain(relations).collect::<Vec<_>>(),
    })
}

fn places<'a>(declarations: impl Iterator<Item = &'a TableDeclaration>) -> Vec<String> {
    declarations.map(TableDeclaration::place).collect()
}

fn width(table: &Table) -> usize {
    table.columns.len() + table.relations.len()
}

fn several(count: usize, of: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {of}{ending}")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use vestibule_core::{ColumnDeclaration, RelationDeclaration};
    use vestibule_model::{Catalogue, ColumnType};

    use super::*;

    const COLUMNS: &[ColumnDeclaration] = &[
        ColumnDeclaration::new("items", ColumnType::Int).default_integer(0),
        ColumnDeclaration::new("code", ColumnType::String)
            .size(40)
            .unique()
            .validator("^[A-Z]+$"),
    ];
    const RELATIONS: &[RelationDeclaration] = &[RelationDeclaration::to_many("parts", "Cart")];
    const CART: TableDeclaration =
        TableDeclaration::new("Cart", COLUMNS, RELATIONS, "carts", "carts/src/lib.rs", 12);

    fn plan() -> SchemaPlan {
        let catalogue = Catalogue {
            tables: vec![Table::new("Order")],
        };
        SchemaPlan::of(&catalogue, &[CART]).unwrap()
    }

    #[test]
    fn every_column_has_a_line_that_says_what_it_is_and_who_asks_for_it() {
        expect![[r#"
            TABLE  COLUMN    TYPE         OPTIONS                            ASKED FOR BY
            Order            table
            Order  objectId  STRING_ID    system, unique, indexed
            Order  ownerId   STRING(500)  system, indexed
            Order  created   DATETIME     system, indexed
            Order  updated   DATETIME     system
            Cart             table                                      new  carts/src/lib.rs:12
            Cart   objectId  STRING_ID    system, unique, indexed
            Cart   ownerId   STRING(500)  system, indexed
            Cart   created   DATETIME     system, indexed
            Cart   updated   DATETIME     system
            Cart   items     INT          = 0                           new  carts/src/lib.rs:12
            Cart   code      STRING(40)   unique, validator "^[A-Z]+$"  new  carts/src/lib.rs:12
            Cart   parts     -> [Cart]                                  new  carts/src/lib.rs:12

            2 tables and 11 columns; the next start adds 1 table and 3 columns
        "#]]
        .assert_eq(&text(&plan(), None));
    }

    #[test]
    fn without_a_database_all_of_it_is_what_the_first_start_makes() {
        let text = text(&plan(), Some("data"));
        let last = text.lines().last().unwrap();
        assert!(last.contains("there is no database in data yet"), "{last}");
    }

    #[test]
    fn a_table_for_server_code_alone_says_so() {
        let plan = SchemaPlan::of(&Catalogue::default(), &[CART.server_only()]).unwrap();
        let text = text(&plan, None);
        let head = text.lines().nth(1).unwrap();
        assert!(head.contains("server_only"), "{head}");
        assert_eq!(json!(true), json(&plan)[0]["serverOnly"]);
    }

    #[test]
    fn the_json_is_that_of_the_admin_api_and_more() {
        let json = json(&plan());
        assert_eq!(json!(["carts/src/lib.rs:12"]), json[1]["askedForBy"]);
        assert_eq!(
            json!([true, false]),
            json!([json[1]["new"], json[1]["serverOnly"]])
        );
        let parts = &json[1]["columns"][6];
        assert_eq!(
            json!(["RELATION", "Cart"]),
            json!([parts["type"], parts["toTable"]])
        );
        assert_eq!(
            json!([false, []]),
            json!([json[0]["new"], json[0]["askedForBy"]])
        );
    }
}
