use sea_query::{
    DeleteStatement, DynIden, Expr, GenericBuilder, IndexCreateStatement, IndexDropStatement,
    InsertStatement, IntoIden, QueryBuilder, SelectStatement, TableAlterStatement,
    TableCreateStatement, TableDropStatement, UpdateStatement, Value, Values,
};
use vestibule_model::{ObjectId, Selector};
use vestibule_storage::{Constraint, Precondition};

use crate::{NewRow, OneRecord};

/// One statement and what its result means.
#[derive(Clone, Debug)]
pub struct Step {
    /// What to run.
    pub statement: Statement,
    /// What to make of the result.
    pub then: Then,
}

impl Step {
    /// A step from any kind of statement.
    pub fn new(statement: impl Into<Statement>, then: Then) -> Self {
        Self {
            statement: statement.into(),
            then,
        }
    }
}

/// What an engine makes of the result of a [`Step`].
///
/// A precondition in here is the one to name in
/// [`StorageError::Refused`](vestibule_storage::StorageError::Refused) if the result is not as it
/// should be.
#[derive(Clone, Debug, PartialEq)]
pub enum Then {
    /// Nothing: any number of rows is right.
    GoOn,
    /// The statement changes rows: it must have changed exactly one.
    ChangesOne(Precondition),
    /// The statement answers rows: there must be at least one.
    FindsRow(Precondition),
    /// The statement answers rows: there must be none.
    FindsNone(Precondition),
    /// The statement answers selectors: they must be these, in this order. An engine with several
    /// writers keeps the others from adding to them until the step has ended.
    FindsExactly(Precondition, Vec<Selector>),
    /// The statement answers selectors: add them, in ascending order, to
    /// [`Applied::ended`](vestibule_storage::Applied::ended).
    CollectsEnded,
    /// The statement answers selectors: add them, in ascending order, to
    /// [`Applied::moved`](vestibule_storage::Applied::moved).
    CollectsMoved,
    /// The statement makes the row with this id; of use to name the constraint it breaks.
    Inserts(ObjectId),
    /// The row that a foreign key of the statement refers to must be there.
    RefersTo(Precondition),
    /// The statement answers rows: there must be none, or this constraint would be broken.
    IsFree(Constraint),
    /// The statement changes the schema or the catalogue: whoever reads the catalogue reads it
    /// again. Statements are compiled against the new one from here on.
    ChangesSchema,
    /// The statement makes an index, as a part of a change of the schema: this constraint is broken if
    /// there are rows that it cannot have.
    Indexes(Constraint),
    /// The statement changes or removes records: add their number to
    /// [`Applied::changed`](vestibule_storage::Applied::changed).
    CountsChanged,
    /// The statement makes links: add their number to
    /// [`Applied::linked`](vestibule_storage::Applied::linked).
    CountsLinked {
        /// The constraint that is broken if a row would not be unique.
        to_one: Constraint,
        /// That the row exists that a foreign key refers to.
        parent: Precondition,
    },
    /// The statement removes links: add their number to
    /// [`Applied::unlinked`](vestibule_storage::Applied::unlinked).
    CountsUnlinked,
}

/// A query tree of any kind, for the engine to render in its own dialect.
#[derive(Clone, Debug)]
pub enum Statement {
    /// Answers rows.
    Select(SelectStatement),
    /// Answers a whole record by its id.
    OneRecord(OneRecord),
    /// Makes a row of values.
    NewRow(NewRow),
    /// Makes rows.
    Insert(InsertStatement),
    /// Changes rows.
    Update(UpdateStatement),
    /// Removes rows.
    Delete(DeleteStatement),
    /// Makes a table.
    CreateTable(TableCreateStatement),
    /// Changes the columns of a table.
    AlterTable(TableAlterStatement),
    /// Removes a table.
    DropTable(TableDropStatement),
    /// Makes an index.
    CreateIndex(IndexCreateStatement),
    /// Removes an index.
    DropIndex(IndexDropStatement),
    /// What no tree can say, in the words of the dialect; it is made of names of the catalogue only.
    Written(String),
}

impl Statement {
    /// The text of the statement in the dialect of `builder`, and the values to bind.
    pub fn build(self, builder: impl GenericBuilder) -> (String, Values) {
        let without_values = |sql| (sql, Values(Vec::new()));
        match self {
            Self::CreateTable(statement) => without_values(statement.build(builder)),
            Self::AlterTable(statement) => without_values(statement.build(builder)),
            Self::DropTable(statement) => without_values(statement.build(builder)),
            Self::CreateIndex(statement) => without_values(statement.build(builder)),
            Self::DropIndex(statement) => without_values(statement.build(builder)),
            Self::Written(statement) => without_values(statement),
            Self::OneRecord(record) => {
                build_written(&builder, |sql, place| record.write(sql, place))
            }
            Self::NewRow(row) => build_written(&builder, |sql, place| row.write(sql, place)),
            Self::Select(statement) => statement.build(builder),
            Self::Insert(statement) => statement.build(builder),
            Self::Update(statement) => statement.build(builder),
            Self::Delete(statement) => statement.build(builder),
        }
    }
}

fn build_written(
    builder: &impl QueryBuilder,
    write: impl FnOnce(&mut String, &mut dyn FnMut(&mut String, Value)),
) -> (String, Values) {
    let (mark, is_numbered) = builder.placeholder();
    let (mut sql, mut values) = (String::with_capacity(256), Vec::with_capacity(16));
    write(&mut sql, &mut |sql, value| {
        sql.push_str(mark);
        values.push(value);
        if is_numbered {
            sql.push_str(&values.len().to_string());
        }
    });
    (sql, Values(values))
}

impl From<OneRecord> for Statement {
    fn from(record: OneRecord) -> Self {
        Self::OneRecord(record)
    }
}

impl From<NewRow> for Statement {
    fn from(row: NewRow) -> Self {
        Self::NewRow(row)
    }
}

impl From<SelectStatement> for Statement {
    fn from(statement: SelectStatement) -> Self {
        Self::Select(statement)
    }
}

impl From<InsertStatement> for Statement {
    fn from(statement: InsertStatement) -> Self {
        Self::Insert(statement)
    }
}

impl From<UpdateStatement> for Statement {
    fn from(statement: UpdateStatement) -> Self {
        Self::Update(statement)
    }
}

impl From<DeleteStatement> for Statement {
    fn from(statement: DeleteStatement) -> Self {
        Self::Delete(statement)
    }
}

impl From<TableCreateStatement> for Statement {
    fn from(statement: TableCreateStatement) -> Self {
        Self::CreateTable(statement)
    }
}

impl From<TableAlterStatement> for Statement {
    fn from(statement: TableAlterStatement) -> Self {
        Self::AlterTable(statement)
    }
}

impl From<TableDropStatement> for Statement {
    fn from(statement: TableDropStatement) -> Self {
        Self::DropTable(statement)
    }
}

impl From<IndexCreateStatement> for Statement {
    fn from(statement: IndexCreateStatement) -> Self {
        Self::CreateIndex(statement)
    }
}

impl From<IndexDropStatement> for Statement {
    fn from(statement: IndexDropStatement) -> Self {
        Self::DropIndex(statement)
    }
}

/// A statement that makes one row of these columns and values.
pub(crate) fn insert_into(
    table: impl IntoIden,
    cells: impl IntoIterator<Item = (DynIden, Expr)>,
) -> InsertStatement {
    let (columns, values): (Vec<_>, Vec<_>) = cells.into_iter().unzip();
    let mut insert = InsertStatement::new();
    insert
        .into_table(table.into_iden())
        .columns(columns)
        // It panics when there are not as many values as columns, and these came in pairs.
        .values_panic(values);
    insert
}

/// A statement that makes a row of each row of a select.
///
/// The select answers nothing yet; `cells` says what it is to answer, and where that goes.
#[expect(
    clippy::expect_used,
    reason = "the select answers the very cells whose columns are named"
)]
pub(crate) fn insert_selected<const N: usize>(
    table: impl IntoIden,
    cells: [(&'static str, Expr); N],
    mut select: SelectStatement,
) -> InsertStatement {
    let (columns, values): (Vec<_>, Vec<_>) = cells.into_iter().unzip();
    select.exprs(values);
    let mut insert = InsertStatement::new();
    insert
        .into_table(table.into_iden())
        .columns(columns)
        .select_from(select)
        .expect("the select answers as many columns as are inserted");
    insert
}
