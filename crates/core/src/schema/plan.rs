use std::fmt;

use vestibule_model::{Actor, AuditRecord, Catalogue, Column, ColumnType, Relation, Timestamp};
use vestibule_storage::{Change, Storage, StorageError};

use super::{
    declaration::TableDeclaration,
    definition,
    draft::{ATTEMPTS, Draft, changed_too_often, is_outdated},
    operator::refuse_rows_without,
};
use crate::{Error, Result};

/// How often a start waits for another server that changes the schema, each time for as long as the
/// storage makes a call wait: some seconds.
const WAITS_AT_MOST: usize = 12;

/// The schema as code asks for it: what the database has, and what a start adds to that.
#[derive(Debug)]
pub struct SchemaPlan {
    catalogue: Catalogue,
    additions: Vec<Addition>,
    declarations: Vec<TableDeclaration>,
}

/// One thing that a start adds.
#[derive(Debug)]
struct Addition {
    /// What is said of it in the log and in the audit trail: `addColumn Cart.items`.
    action: String,
    change: Change,
    by: TableDeclaration,
}

/// A plan that is being made.
struct Growing<'a> {
    draft: Draft<'a>,
    additions: Vec<Addition>,
}

impl Growing<'_> {
    /// Makes something, and remembers who asked for it.
    fn add(
        &mut self,
        by: &TableDeclaration,
        action: String,
        make: impl FnOnce(&mut Draft<'_>) -> Result<()>,
    ) -> Result<()> {
        let before = self.draft.changes().len();
        make(&mut self.draft).map_err(|error| at(by, error))?;
        let made = self.draft.changes().iter().skip(before);
        self.additions.extend(made.map(|change| Addition {
            action: action.clone(),
            change: change.clone(),
            by: *by,
        }));
        Ok(())
    }
}

/// A declaration that asks for what another one, or the database, says otherwise.
struct Contradiction<'a> {
    what: String,
    asked: String,
    by: &'a TableDeclaration,
    found: String,
    /// Who made it so; the database if nobody did.
    maker: Option<&'a TableDeclaration>,
}

impl SchemaPlan {
    /// Every declaration that is linked into this program.
    pub fn collected() -> Vec<TableDeclaration> {
        let mut collected: Vec<_> = inventory::iter::<TableDeclaration>
            .into_iter()
            .copied()
            .collect();
        // In which order the linker found them says nothing.
        collected
            .sort_by_key(|declaration| (declaration.name, declaration.module, declaration.line));
        collected
    }

    /// What these declarations add to that schema. Nothing is ever removed or changed.
    ///
    /// # Errors
    /// When two declarations contradict each other, or one contradicts the schema: both places are
    /// named. When a declaration asks for what cannot be: its place is named.
    pub fn of(catalogue: &Catalogue, declarations: &[TableDeclaration]) -> Result<Self> {
        // What contradicts the database is found here, and what comes later contradicts another
        // declaration.
        for by in declarations {
            for declared in by.columns {
                fits_column(catalogue, &[], by, &declared.column())?;
            }
            for declared in by.relations {
                fits_relation(catalogue, &[], &[], by, &declared.relation())?;
            }
        }
        let mut growing = Growing {
            draft: Draft::of(catalogue),
            additions: Vec::new(),
        };
        // Relations may go round in circles, so all tables are there before the first relation.
        for by in declarations {
            if growing.draft.catalogue().table(by.name).is_none() {
                let action = format!("createTable {}", by.name);
                growing.add(by, action, |draft| draft.create_table(by.name))?;
            }
        }
        for (index, by) in declarations.iter().enumerate() {
            for declared in by.columns {
                let column = definition::check(declared.column()).map_err(|e| at(by, e))?;
                let schema = growing.draft.catalogue();
                if !fits_column(schema, &declarations[..index], by, &column)? {
                    let action = format!("addColumn {}.{}", by.name, column.name);
                    growing.add(by, action, |draft| draft.add_column(by.name, column))?;
                }
            }
        }
        for (index, by) in declarations.iter().enumerate() {
            for declared in by.relations {
                let (relation, earlier) = (declared.relation(), &declarations[..index]);
                let schema = growing.draft.catalogue();
                if !fits_relation(schema, declarations, earlier, by, &relation)? {
                    let action = format!("addColumn {}.{}", by.name, relation.name);
                    growing.add(by, action, |draft| draft.add_relation(by.name, relation))?;
                }
            }
        }
        let (planned, _) = growing.draft.into_parts();
        Ok(Self {
            catalogue: planned.into_owned(),
            additions: growing.additions,
            declarations: declarations.to_vec(),
        })
    }

    /// The whole schema as it is after the start.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Whether a start would add this table.
    pub fn adds_table(&self, table: &str) -> bool {
        self.additions.iter().any(
            |addition| matches!(&addition.change, Change::CreateTable { name } if name == table),
        )
    }

    /// Whether a declaration keeps this table for server code alone.
    pub fn is_server_only(&self, table: &str) -> bool {
        let mut asking = self.asking_for_table(table);
        asking.any(|declaration| declaration.server_only)
    }

    /// Whether a start would add this column or relation.
    pub fn adds_column(&self, in_table: &str, name: &str) -> bool {
        self.additions
            .iter()
            .any(|addition| match &addition.change {
                Change::AddColumn { table, column } => table == in_table && column.name == name,
                Change::AddRelation { table, relation } => {
                    table == in_table && relation.name == name
                }
                _ => false,
            })
    }

    /// The declarations that ask for this table.
    pub fn asking_for_table<'a>(
        &'a self,
        table: &'a str,
    ) -> impl Iterator<Item = &'a TableDeclaration> {
        let declarations = self.declarations.iter();
        declarations.filter(move |declaration| declaration.name == table)
    }

    /// The declarations that ask for this column or relation.
    pub fn asking_for_column<'a>(
        &'a self,
        table: &'a str,
        name: &'a str,
    ) -> impl Iterator<Item = &'a TableDeclaration> {
        self.asking_for_table(table)
            .filter(move |declaration| declaration.names().any(|declared| declared == name))
    }
}

/// Adds to the database what these declarations ask for, at the start of an engine. Each addition
/// leaves a line in the log and a record in the audit trail.
pub(crate) async fn make(
    storage: &dyn Storage,
    declarations: &[TableDeclaration],
    now: Timestamp,
) -> Result<()> {
    if declarations.is_empty() {
        return Ok(());
    }
    let (mut attempts, mut waits) = (0, 0);
    while attempts < ATTEMPTS {
        let catalogue = storage.catalogue().await?;
        let plan = SchemaPlan::of(&catalogue, declarations)?;
        if plan.additions.is_empty() {
            return Ok(());
        }
        let mut changes = Vec::new();
        for addition in &plan.additions {
            if let Change::AddColumn { table, column } = &addition.change
                && catalogue.table(table).is_some()
            {
                let refused = refuse_rows_without(storage, table, column).await;
                refused.map_err(|error| at(&addition.by, error))?;
            }
            changes.push(addition.change.clone());
            changes.push(Change::Audit(AuditRecord {
                at: now,
                actor: Actor::Handler(addition.by.path()),
                action: addition.action.clone(),
                subject: None,
                caller: None,
            }));
        }
        match storage.apply(changes).await {
            Ok(_) => {
                for addition in &plan.additions {
                    let (action, by) = (&addition.action, addition.by.place());
                    tracing::info!(action, by, "the schema grew as the code asks");
                }
                return Ok(());
            }
            // Another server starts on the same database.
            Err(error) if is_outdated(&error) => attempts += 1,
            // And takes longer than a call may wait.
            Err(StorageError::Busy) if waits < WAITS_AT_MOST => waits += 1,
            Err(error) => return Err(error.into()),
        }
    }
    Err(changed_too_often())
}

/// Whether the schema has this column already; an error if it has another one of that name.
fn fits_column(
    catalogue: &Catalogue,
    earlier: &[TableDeclaration],
    by: &TableDeclaration,
    column: &Column,
) -> Result<bool> {
    let Some(table) = catalogue.table(by.name) else {
        return Ok(false);
    };
    let name = column.name.as_str();
    let (found, maker) = match (table.column(name), table.relation(name)) {
        (Some(found), _) if is_as_declared(found, column) => return Ok(true),
        (Some(found), _) => (describe_column(found), maker_of_column(earlier, by, name)),
        // No declared relation is there yet.
        (None, Some(found)) => (describe_relation(found), None),
        (None, None) => return Ok(false),
    };
    let contradiction = Contradiction {
        what: format!("column '{name}' of table '{}'", by.name),
        asked: describe_column(column),
        by,
        found,
        maker,
    };
    Err(contradiction.into())
}

/// Whether the schema has this relation already; an error if it has something else of that name.
fn fits_relation(
    catalogue: &Catalogue,
    declarations: &[TableDeclaration],
    earlier: &[TableDeclaration],
    by: &TableDeclaration,
    relation: &Relation,
) -> Result<bool> {
    let Some(table) = catalogue.table(by.name) else {
        return Ok(false);
    };
    let name = relation.name.as_str();
    let (found, maker) = match (table.relation(name), table.column(name)) {
        (Some(found), _) if found == relation => return Ok(true),
        (Some(found), _) => (
            describe_relation(found),
            maker_of_relation(earlier, by, name),
        ),
        // All columns came before all relations.
        (None, Some(found)) => (
            describe_column(found),
            maker_of_column(declarations, by, name),
        ),
        (None, None) => return Ok(false),
    };
    let contradiction = Contradiction {
        what: format!("relation '{name}' of table '{}'", by.name),
        asked: describe_relation(relation),
        by,
        found,
        maker,
    };
    Err(contradiction.into())
}

fn maker_of_column<'a>(
    declarations: &'a [TableDeclaration],
    by: &TableDeclaration,
    name: &str,
) -> Option<&'a TableDeclaration> {
    let mut same = declarations.iter().filter(|other| other.name == by.name);
    same.find(|other| other.columns.iter().any(|column| column.name() == name))
}

fn maker_of_relation<'a>(
    declarations: &'a [TableDeclaration],
    by: &TableDeclaration,
    name: &str,
) -> Option<&'a TableDeclaration> {
    let mut same = declarations.iter().filter(|other| other.name == by.name);
    same.find(|other| {
        other
            .relations
            .iter()
            .any(|relation| relation.name() == name)
    })
}

/// Whether a column that is there is what a declaration asks for. A whole number column that became
/// one with fractions still is: that is the dynamic schema's doing, and no client may keep a server
/// from starting. And what users log in with is required and unique, whatever was declared: that is
/// the operator's doing.
fn is_as_declared(found: &Column, declared: &Column) -> bool {
    let widened =
        found.column_type == ColumnType::Double && declared.column_type == ColumnType::Int;
    let default = |column: &Column| {
        let default = column.default.as_ref();
        default.map(|value| value.to_json().as_f64().map_or(value.to_json(), Into::into))
    };
    !found.system
        && (found.column_type == declared.column_type || widened)
        && found.size == declared.size
        && (found.identity || found.required == declared.required)
        && (found.identity || found.unique == declared.unique)
        && found.indexed == declared.indexed
        && default(found) == default(declared)
        && found.validator == declared.validator
}

fn describe_column(column: &Column) -> String {
    let mut words = vec![column.column_type.as_str().to_owned()];
    if let Some(size) = column.size {
        words.push(format!("of at most {size} characters"));
    }
    for (is_so, word) in [
        (column.system, "of Vestibule's own"),
        (column.required, "required"),
        (column.unique, "unique"),
        (column.indexed && !column.unique, "indexed"),
    ] {
        if is_so {
            words.push(word.to_owned());
        }
    }
    if let Some(default) = &column.default {
        words.push(format!("with the default {}", default.to_json()));
    }
    if let Some(validator) = &column.validator {
        words.push(format!("with the validator {validator:?}"));
    }
    words.join(" ")
}

fn describe_relation(relation: &Relation) -> String {
    format!(
        "a relation {} to table '{}'",
        relation.cardinality.as_str(),
        relation.to_table
    )
}

/// An error of a declaration, with its place.
fn at(by: &TableDeclaration, error: Error) -> Error {
    let log = format!(
        "{} declares a schema that cannot be: {}",
        by.place(),
        error.log()
    );
    error.logging(log)
}

impl fmt::Display for Contradiction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, asked, by) = (&self.what, &self.asked, self.by.place());
        let found = &self.found;
        let at = self
            .maker
            .map_or_else(|| "the database".to_owned(), TableDeclaration::place);
        let next = if self.maker.is_some() {
            "change one of them"
        } else {
            "declare it as it is there, or under another name; or run the server without this \
             declaration, remove what is there with the admin API, and start again"
        };
        write!(f, "{what} is {asked} in {by}, but {found} in {at}; {next}")
    }
}

impl From<Contradiction<'_>> for Error {
    fn from(contradiction: Contradiction<'_>) -> Self {
        Self::internal(contradiction.to_string())
    }
}
