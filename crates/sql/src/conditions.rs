//! From conditions to expressions, and what of each table may be seen.

use std::{cell::Cell, rc::Rc};

use sea_query::{DynIden, Expr, ExprTrait, IntoIden, JoinType, SelectStatement};
use vestibule_model::{Relation, Table, USERS, Value};
use vestibule_storage::{Comparison, Condition, Operand, Rows, StorageError, Visibility};

use crate::{
    SqlCatalogue, dialect,
    names::{self, link, record},
    record_permissions, roles,
};

/// How many conditions about other tables a database may plan as one with the statement. With each, the
/// orders multiply in which it could join the tables.
const OTHERS_PLANNED_TOGETHER: u32 = 3;

static EVERYTHING: Visibility = Visibility::Everything;

/// The table at hand: what columns mean in a statement, and which rows its caller may see.
///
/// Everything that a clause names goes through here. A name that the catalogue does not know, or
/// that nobody may read, is refused; the text in the statement is the catalogue's own.
#[derive(Clone, Debug)]
pub(crate) struct Scope<'c> {
    pub(crate) catalogue: &'c SqlCatalogue,
    pub(crate) table: &'c Table,
    /// What the table is called in the statement.
    pub(crate) alias: DynIden,
    pub(crate) visibility: &'c Visibility,
    /// How many tables are around this one.
    depth: usize,
    /// Whether rows are looked for here, so that conditions are to be such that an index helps.
    /// Otherwise there is a row at hand already.
    looks_for_rows: bool,
    /// Whether this is inside of a [guard](Scope::guarded) already.
    pub(crate) is_guarded: bool,
    /// How many conditions of the statement are about other tables, so far.
    others: Rc<Cell<u32>>,
}

impl<'c> Scope<'c> {
    /// The scope of a statement about this table, which is called by its own name in it.
    pub(crate) fn of_table(
        catalogue: &'c SqlCatalogue,
        table: &str,
        visibility: &'c Visibility,
    ) -> Result<Self, StorageError> {
        let table = find_table(catalogue, table)?;
        Ok(Self::of(catalogue, table, visibility))
    }

    /// The same for a table of the catalogue.
    pub(crate) fn of(
        catalogue: &'c SqlCatalogue,
        table: &'c Table,
        visibility: &'c Visibility,
    ) -> Self {
        Self {
            catalogue,
            table,
            alias: table.name.clone().into_iden(),
            visibility,
            depth: 0,
            looks_for_rows: true,
            is_guarded: false,
            others: Rc::default(),
        }
    }

    /// This scope where conditions are about what is at hand: a row that was found, or a group.
    pub(crate) fn at_hand(&self) -> Self {
        Self {
            looks_for_rows: false,
            ..self.clone()
        }
    }

    /// This scope inside of a [guard](Scope::guarded).
    pub(crate) fn in_guard(&self) -> Self {
        Self {
            is_guarded: true,
            ..self.clone()
        }
    }

    /// Which rows the caller may see; all of them if there is no condition.
    pub(crate) fn visible(&self) -> Result<Option<Expr>, StorageError> {
        match self.visibility.of(&self.table.name) {
            Rows::All => Ok(None),
            Rows::Where(condition) => {
                // It is what guards the conditions of clients, and is not guarded by itself.
                let unguarded = Self {
                    visibility: &EVERYTHING,
                    ..self.clone()
                };
                unguarded.condition(condition).map(Some)
            }
            Rows::Nothing => Ok(Some(dialect::never())),
        }
    }

    /// Whether a row is as the condition says.
    pub(crate) fn condition(&self, condition: &Condition) -> Result<Expr, StorageError> {
        match condition {
            Condition::All(all) => {
                let (guarded, others): (Vec<_>, Vec<_>) =
                    all.iter().partition(|condition| self.guards(condition));
                let mut all = self.conditions(others)?;
                if !guarded.is_empty() {
                    all.push(self.guarded(&guarded)?);
                }
                Ok(all_of(all))
            }
            condition if self.guards(condition) => self.guarded(&[condition]),
            Condition::Any(any) => {
                let any = self.conditions(any)?;
                Ok(combined(any, |left, right| left.or(right)).unwrap_or_else(dialect::never))
            }
            Condition::Not(inner) => Ok(self.condition(inner)?.not()),
            Condition::Related {
                relation,
                condition,
            } => self.related(relation, condition),
            Condition::Referred {
                by_table,
                relation,
                condition,
            } => self.referred(by_table, relation, condition),
            test => self.test(test),
        }
    }

    /// A condition about the values of one row.
    fn test(&self, condition: &Condition) -> Result<Expr, StorageError> {
        match condition {
            Condition::Compare(left, comparison, right) => self.compare(left, *comparison, right),
            Condition::Like(text, pattern) => {
                let dialect = self.catalogue.dialect();
                Ok(dialect.like(self.operand(text)?, self.operand(pattern)?))
            }
            Condition::In(_, values) if values.is_empty() => Ok(dialect::never()),
            Condition::In(operand, values) => self.is_one_of(operand, values),
            Condition::IsNull(operand) => Ok(self.operand(operand)?.is_null()),
            Condition::IsTrue(operand) => Ok(self.operand(operand)?.eq(true)),
            Condition::Permits {
                operation,
                grantees,
                access,
            } => {
                let row = (self.table, self.column_of_id());
                let alias = format!("permission${}", self.depth);
                let permits = record_permissions::permits;
                Ok(permits(row, alias, *operation, grantees, *access))
            }
            Condition::HasRole(role) if self.table.name == USERS => {
                Ok(roles::has(self.column_of_id(), role))
            }
            Condition::HasRole(_) => Ok(dialect::never()),
            Condition::All(_)
            | Condition::Any(_)
            | Condition::Not(_)
            | Condition::Related { .. }
            | Condition::Referred { .. } => self.condition(condition),
        }
    }

    /// The scope of another table inside of this one.
    pub(crate) fn inner(&self, table: &'c Table) -> Self {
        let depth = self.depth + 1;
        Self {
            table,
            // No table and no column can be called so.
            alias: format!("row${depth}").into_iden(),
            depth,
            is_guarded: false,
            ..self.clone()
        }
    }

    /// The relation of that name of the table at hand, and where it leads to.
    pub(crate) fn relation(&self, name: &str) -> Result<(&'c Relation, &'c Table), StorageError> {
        let relation = find_relation(self.table, name)?;
        Ok((relation, find_table(self.catalogue, &relation.to_table)?))
    }

    fn conditions<'a>(
        &self,
        conditions: impl IntoIterator<Item = &'a Condition>,
    ) -> Result<Vec<Expr>, StorageError> {
        conditions
            .into_iter()
            .map(|condition| self.condition(condition))
            .collect()
    }

    fn compare(
        &self,
        left: &Operand,
        comparison: Comparison,
        right: &Operand,
    ) -> Result<Expr, StorageError> {
        if let (Operand::Column(column), Comparison::Equal, Operand::Value(Value::Text(owner))) =
            (left, comparison, right)
            && column == record::OWNER_ID
        {
            return Ok(self.owned_by(owner));
        }
        let mut compared = self.compared_with(right, left)?;
        let mut with = self.compared_with(left, right)?;
        if self.is_caseless(left) || self.is_caseless(right) {
            let dialect = self.catalogue.dialect();
            (compared, with) = (dialect.folded(compared), dialect.folded(with));
        }
        if self.compares_whole_with_fraction(left, right) {
            let dialect = self.catalogue.dialect();
            (compared, with) = dialect.exactly(compared, with);
        }
        Ok(match comparison {
            Comparison::Equal => compared.eq(with),
            Comparison::NotEqual => compared.ne(with),
            Comparison::Less => compared.lt(with),
            Comparison::LessOrEqual => compared.lte(with),
            Comparison::Greater => compared.gt(with),
            Comparison::GreaterOrEqual => compared.gte(with),
        })
    }

    /// One of several values.
    fn is_one_of(&self, operand: &Operand, values: &[Value]) -> Result<Expr, StorageError> {
        let values = values.iter().cloned().map(Operand::Value);
        let values: Vec<_> = values.collect();
        let with_fraction = |value| self.compares_whole_with_fraction(operand, value);
        if values.iter().any(with_fraction) {
            let any = values
                .iter()
                .map(|value| self.compare(operand, Comparison::Equal, value));
            let any = any.collect::<Result<_, _>>()?;
            return Ok(combined(any, |left, right| left.or(right)).unwrap_or_else(dialect::never));
        }
        let bound = values
            .iter()
            .map(|value| self.compared_with(operand, value));
        let mut bound = bound.collect::<Result<Vec<_>, _>>()?;
        let mut compared = self.operand(operand)?;
        if self.is_caseless(operand) {
            let dialect = self.catalogue.dialect();
            compared = dialect.folded(compared);
            bound = bound
                .into_iter()
                .map(|value| dialect.folded(value))
                .collect();
        }
        Ok(compared.is_in(bound))
    }

    /// Any visible record that the one at hand refers to.
    fn related(&self, relation: &str, condition: &Condition) -> Result<Expr, StorageError> {
        let (relation, to_table) = self.relation(relation)?;
        let links = names::link_table(&self.table.name, &relation.name);
        self.any(to_table, &links, (link::PARENT, link::CHILD), condition)
    }

    /// Any visible record that refers to the one at hand.
    fn referred(
        &self,
        by_table: &str,
        relation: &str,
        condition: &Condition,
    ) -> Result<Expr, StorageError> {
        let by_table = find_table(self.catalogue, by_table)?;
        let relation = find_relation(by_table, relation)?;
        if relation.to_table != self.table.name {
            return Err(unknown_column(by_table, &relation.name));
        }
        let links = names::link_table(&by_table.name, &relation.name);
        self.any(by_table, &links, (link::CHILD, link::PARENT), condition)
    }

    /// Any visible row of another table that is linked with the one at hand.
    fn any(
        &self,
        table: &'c Table,
        links: &str,
        (here, there): (&'static str, &'static str),
        condition: &Condition,
    ) -> Result<Expr, StorageError> {
        let inner = self.inner(table);
        let link_alias = format!("link${}", inner.depth).into_iden();
        let id = self.column_of_id();
        let mut select = SelectStatement::new();
        select
            .column((link_alias.clone(), here))
            .from_as(links.to_owned(), link_alias.clone())
            .join_as(
                JoinType::InnerJoin,
                table.name.clone(),
                inner.alias.clone(),
                Expr::col((inner.alias.clone(), record::OBJECT_ID))
                    .equals((link_alias.clone(), there)),
            )
            .and_where_option(inner.visible()?)
            .and_where(inner.condition(condition)?);
        self.others.update(|others| others + 1);
        if self.others.get() > OTHERS_PLANNED_TOGETHER {
            self.catalogue.dialect().plan_apart(&mut select);
        }
        // Both mean the same, since no link has a null in it. The first finds the few rows from the
        // other side, and so does not look at each row here; the second stops at the first match,
        // where to find all of them from the other side would be a great many.
        if is_narrow(table, condition) {
            return Ok(id.in_subquery(select));
        }
        select.and_where(Expr::col((link_alias, here)).eq(id));
        Ok(Expr::exists(select))
    }

    pub(crate) fn column_of_id(&self) -> Expr {
        Expr::col((self.alias.clone(), record::OBJECT_ID))
    }

    fn column_of_owner(&self) -> Expr {
        Expr::col((self.alias.clone(), record::OWNER_ID))
    }

    /// The rows that this user owns; unknown if nobody owns the row.
    ///
    /// Nearly every user owns the own row only, which the primary key finds; the rest is in a
    /// partial index that a guest, owning itself, has no entry in. Hence the two halves. Rows that
    /// are reached by their ids need none of this. Both forms are the same for every row: where the
    /// owner is null, either half is unknown or false, and one of them is unknown.
    fn owned_by(&self, owner: &str) -> Expr {
        let column = |name| Expr::col((self.alias.clone(), name));
        let owned = || self.column_of_owner().eq(owner);
        if self.table.name != USERS || self.depth > 0 || !self.looks_for_rows {
            return owned();
        }
        let is_owner = column(record::OBJECT_ID).eq(owner);
        let is_another = column(record::OWNER_ID).ne(column(record::OBJECT_ID));
        is_owner.and(owned()).or(owned().and(is_another))
    }
}

/// Whether an index finds the rows that are so, and they are probably few.
fn is_narrow(table: &Table, condition: &Condition) -> bool {
    let indexed = |operand: &Operand| match operand {
        Operand::Column(name) => table
            .column(name)
            .is_some_and(|column| column.indexed || column.unique),
        _ => false,
    };
    match condition {
        Condition::All(all) => all.iter().any(|condition| is_narrow(table, condition)),
        Condition::Compare(left, Comparison::Equal, Operand::Value(_)) => indexed(left),
        Condition::In(operand, _) => indexed(operand),
        _ => false,
    }
}

/// That all of it is so.
pub(crate) fn all_of(conditions: Vec<Expr>) -> Expr {
    combined(conditions, |left, right| left.and(right)).unwrap_or_else(dialect::always)
}

/// The conditions as one, none if there are none. The tree is as flat as can be, since databases bound
/// the depth of an expression and a clause may have hundreds of terms.
fn combined(mut conditions: Vec<Expr>, combine: fn(Expr, Expr) -> Expr) -> Option<Expr> {
    while conditions.len() > 1 {
        let mut halved = Vec::with_capacity(conditions.len().div_ceil(2));
        let mut rest = conditions.into_iter();
        while let Some(first) = rest.next() {
            halved.push(match rest.next() {
                Some(second) => combine(first, second),
                None => first,
            });
        }
        conditions = halved;
    }
    conditions.pop()
}

/// The table of that name.
pub(crate) fn find_table<'c>(
    catalogue: &'c SqlCatalogue,
    name: &str,
) -> Result<&'c Table, StorageError> {
    catalogue
        .table(name)
        .ok_or_else(|| StorageError::UnknownTable {
            table: name.to_owned(),
        })
}

fn find_relation<'c>(table: &'c Table, name: &str) -> Result<&'c Relation, StorageError> {
    table
        .relation(name)
        .ok_or_else(|| unknown_column(table, name))
}

fn unknown_column(table: &Table, column: &str) -> StorageError {
    StorageError::UnknownColumn {
        table: table.name.clone(),
        column: column.to_owned(),
    }
}
