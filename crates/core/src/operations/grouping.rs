//! The work of a grouping: groups level by level, a statement for each group, the records at the end
//! with their relations loaded together.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::{FutureExt, future::BoxFuture};
use vestibule_model::{
    Catalogue, Column, ErrorCode, Group, GroupItems, GroupPage, GroupQuery, GroupStep, Query,
    Record, Row, Table, Value,
};
use vestibule_storage::{
    Comparison, Condition, FindQuery, Operand, Output, Select, Sort, Storage, Visibility,
};

use super::{
    attempt::Failed,
    related_records::{RelatedRecords, Wanted, loadable, records_of},
    weight,
};
use crate::{Error, Result, clauses, context::Context, values};

/// Columns that one call may group by.
const COLUMNS_AT_MOST: usize = 10;

/// Pages that one call may read: each is a statement.
const PAGES_AT_MOST: usize = 500;

/// Records that one call may answer, over all groups.
const RECORDS_AT_MOST: usize = 10_000;

/// One column to group by.
pub(super) struct Level {
    /// As the client wrote it.
    column: String,
    /// What it is.
    output: Output,
    /// Its groups, of all records.
    groups: FindQuery,
}

impl Level {
    /// The columns to group by, outermost first, no more than the grouping is deep.
    ///
    /// # Errors
    /// 8008 for an impossible depth or for too many columns, 1006 for an unknown one.
    pub(super) fn all_of(
        grouping: &GroupQuery,
        catalogue: &Catalogue,
        table: &str,
        visibility: &Visibility,
    ) -> Result<Vec<Self>> {
        let columns = items(&grouping.query.group_by);
        if columns.is_empty() || columns.len() > COLUMNS_AT_MOST {
            let message = format!("groupBy names 1 to {COLUMNS_AT_MOST} columns");
            return Err(Error::invalid(message));
        }
        let depth = match grouping.depth {
            None => columns.len(),
            Some(depth) => usize::try_from(depth)
                .map_err(|_| Error::invalid("groupDepth cannot be negative"))?,
        };
        let levels = columns.iter().take(depth);
        levels
            .map(|column| Self::of(column, &grouping.query, catalogue, table, visibility))
            .collect()
    }

    fn of(
        column: &str,
        query: &Query,
        catalogue: &Catalogue,
        table: &str,
        visibility: &Visibility,
    ) -> Result<Self> {
        let is_about_it = |sort: &&str| sort.split_whitespace().next() == Some(column);
        let sort = items(&query.sort_by).into_iter().find(is_about_it);
        let groups = Query {
            where_clause: query.where_clause.clone(),
            properties: vec![column.to_owned()],
            group_by: vec![column.to_owned()],
            sort_by: sort.into_iter().map(str::to_owned).collect(),
            ..Query::default()
        };
        let mut groups = clauses::find(catalogue, table, &groups, visibility.clone())?;
        let output = match &groups.select {
            Select::Computed { outputs, .. } => outputs.first().cloned(),
            Select::WholeRecords | Select::Records(_) => None,
        };
        let output = output.ok_or_else(|| Error::invalid("groupBy must name columns"))?;
        if groups.sort.is_empty() {
            groups.sort.push(Sort {
                operand: output.operand.clone(),
                descending: false,
            });
        }
        Ok(Self {
            column: column.to_owned(),
            output,
            groups,
        })
    }

    /// The records of this group.
    fn condition(&self, value: Value) -> Condition {
        if value.is_null() {
            return Condition::IsNull(self.output.operand.clone());
        }
        Condition::Compare(
            self.output.operand.clone(),
            Comparison::Equal,
            Operand::Value(value),
        )
    }
}

/// The items of a list, of which each text may hold several.
fn items(list: &[String]) -> Vec<&str> {
    let mut depth = 0_i32;
    let mut items = Vec::new();
    for text in list {
        // The commas between the arguments of a function separate no items.
        let parts = text.split(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            c == ',' && depth == 0
        });
        items.extend(parts.map(str::trim).filter(|item| !item.is_empty()));
    }
    items
}

/// What leads to one group: the values of the outer columns.
///
/// # Errors
/// 8008 if the path does not follow the columns, or for a value that the column cannot have.
pub(super) fn conditions_of_path(path: &[GroupStep], levels: &[Level]) -> Result<Vec<Condition>> {
    if path.len() > levels.len() {
        return Err(Error::invalid(
            "groupPath has more steps than there are columns to group by",
        ));
    }
    let steps = path.iter().zip(levels);
    steps
        .map(|(step, level)| {
            if step.column.trim() != level.column {
                let message =
                    "the columns of groupPath must be those of groupBy, in the same order";
                return Err(Error::invalid(message));
            }
            let column = Column {
                size: None,
                ..Column::new(&level.column, level.output.column_type)
            };
            let value = values::convert(&column, step.value.clone()).map_err(|_| {
                let column = &level.column;
                Error::invalid(format!(
                    "groupPath has a value for '{column}' that the column cannot have"
                ))
            })?;
            Ok(level.condition(value))
        })
        .collect()
}

/// What all of these say, and what the query says already.
pub(super) fn narrowed(condition: Option<Condition>, path: &[Condition]) -> Option<Condition> {
    let mut all: Vec<_> = condition.into_iter().chain(path.iter().cloned()).collect();
    match all.len() {
        0 | 1 => all.pop(),
        _ => Some(Condition::All(all)),
    }
}

/// A grouping that was checked against the catalogue, and what it has cost so far.
pub(super) struct Grouping<'a> {
    storage: &'a dyn Storage,
    levels: Vec<Level>,
    records: FindQuery,
    wanted: Wanted,
    /// Outermost items: where they begin, and how many there may be.
    offset: u64,
    page_size: u64,
    group_page_size: u64,
    records_page_size: u64,
    pages: AtomicUsize,
    answered: AtomicUsize,
    answered_bytes: AtomicUsize,
}

impl<'a> Grouping<'a> {
    /// # Errors
    /// The codes of a find, and those of [`Level::all_of`].
    pub(super) fn new(
        grouping: &GroupQuery,
        storage: &'a dyn Storage,
        catalogue: &Catalogue,
        table: &Table,
        visibility: &Visibility,
    ) -> Result<Self> {
        let having = grouping.query.having.as_deref().unwrap_or_default();
        if !having.trim().is_empty() {
            let message = "having does not go with data grouping; use it in a find with groupBy";
            return Err(Error::new(ErrorCode::InvalidHaving, message));
        }
        let levels = Level::all_of(grouping, catalogue, &table.name, visibility)?;
        let wanted = Wanted::of(&grouping.query, catalogue, table)?;
        let query = Query {
            group_by: Vec::new(),
            ..grouping.query.clone()
        };
        let records = clauses::find(catalogue, &table.name, &query, visibility.clone())?;
        wanted.refuse_if_computed(&records.select)?;
        Ok(Self {
            storage,
            levels,
            records,
            wanted,
            offset: clauses::offset(grouping.query.offset)?,
            page_size: clauses::page_size(grouping.query.page_size)?,
            group_page_size: clauses::page_size(grouping.group_page_size)?,
            records_page_size: clauses::page_size(grouping.records_page_size)?,
            pages: AtomicUsize::new(0),
            answered: AtomicUsize::new(0),
            answered_bytes: AtomicUsize::new(0),
        })
    }

    /// What is below this path.
    ///
    /// # Errors
    /// 8008 for an impossible path, and when it would be more than one call may answer.
    pub(super) async fn page_at(
        &self,
        path: &[GroupStep],
        ctx: &Context,
        catalogue: &Catalogue,
        visibility: Visibility,
    ) -> Result<GroupPage, Failed> {
        let conditions = conditions_of_path(path, &self.levels)?;
        let mut page = self
            .page(path.len(), conditions, Some((self.offset, self.page_size)))
            .await?;
        let related = RelatedRecords {
            storage: self.storage,
            catalogue,
            visibility,
            loadable: &loadable(ctx),
        };
        let mut records = Vec::new();
        collect_records(&mut page, &mut records);
        related.load(&self.wanted, records).await?;
        Ok(page)
    }

    /// The groups of this level, or the records below the last one. `outermost` says where they
    /// begin and how many there may be if these are the outermost items.
    fn page(
        &self,
        level: usize,
        path: Vec<Condition>,
        outermost: Option<(u64, u64)>,
    ) -> BoxFuture<'_, Result<GroupPage, Failed>> {
        async move {
            let Some(groups_by) = self.levels.get(level) else {
                let (offset, limit) = outermost.unwrap_or((0, self.records_page_size));
                let (rows, has_next_page) = self.rows(&self.records, &path, offset, limit).await?;
                self.refuse_too_many(&rows)?;
                return Ok(GroupPage {
                    has_next_page,
                    items: GroupItems::Rows(rows),
                });
            };
            let (offset, limit) = outermost.unwrap_or((0, self.group_page_size));
            let (rows, has_next_page) = self.rows(&groups_by.groups, &path, offset, limit).await?;
            let mut groups = Vec::with_capacity(rows.len());
            for row in rows {
                let value = row.get(&groups_by.output.name).clone();
                let below = path.iter().cloned();
                let below = below.chain([groups_by.condition(value.clone())]).collect();
                groups.push(Group {
                    step: GroupStep {
                        column: groups_by.column.clone(),
                        value,
                    },
                    page: self.page(level + 1, below, None).await?,
                });
            }
            Ok(GroupPage {
                has_next_page,
                items: GroupItems::Groups(groups),
            })
        }
        .boxed()
    }

    /// A page of rows, and whether there are more: one more than the page is asked for.
    async fn rows(
        &self,
        query: &FindQuery,
        path: &[Condition],
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<Row>, bool), Failed> {
        if self.pages.fetch_add(1, Ordering::Relaxed) >= PAGES_AT_MOST {
            return Err(too_much().into());
        }
        let query = FindQuery {
            condition: narrowed(query.condition.clone(), path),
            offset,
            limit: limit + 1,
            ..query.clone()
        };
        let mut rows = self.storage.find(&query).await?;
        let page = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_next_page = rows.len() > page;
        rows.truncate(page);
        Ok((rows, has_next_page))
    }

    fn refuse_too_many(&self, rows: &[Row]) -> Result<()> {
        let records = rows.iter().filter_map(Row::record);
        let bytes: usize = records.map(|record| weight::of(&record.properties)).sum();
        let add = |to: &AtomicUsize, more| to.fetch_add(more, Ordering::Relaxed) + more;
        if add(&self.answered, rows.len()) > RECORDS_AT_MOST
            || add(&self.answered_bytes, bytes) > weight::AT_MOST
        {
            return Err(too_much());
        }
        Ok(())
    }
}

/// The records of all groups.
fn collect_records<'p>(page: &'p mut GroupPage, records: &mut Vec<&'p mut Record>) {
    match &mut page.items {
        GroupItems::Rows(rows) => records.extend(records_of(rows)),
        GroupItems::Groups(groups) => {
            for group in groups {
                collect_records(&mut group.page, records);
            }
        }
    }
}

fn too_much() -> Error {
    let mebibytes = weight::AT_MOST / 1024 / 1024;
    Error::invalid(format!(
        "one call answers at most {PAGES_AT_MOST} groups and {RECORDS_AT_MOST} records of {mebibytes} MiB; \
         ask for smaller pages, or for one group by groupPath"
    ))
}
