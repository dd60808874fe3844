//! Loads the records that other records refer to, one level after the other: one statement for each
//! relation of a level, however many records refer by it.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};

use vestibule_model::{
    Cardinality, Catalogue, ErrorCode, ObjectId, PermissionOperation, Query, Record, Related, Row,
    Table,
};
use vestibule_storage::{Records, Rows, Select, Visibility};

use super::{attempt::Failed, matching_children, weight};
use crate::{Error, Result, clauses, context::Context, permissions, schema::shown};

/// Levels of relations that one call may load.
const LEVELS_AT_MOST: u32 = 5;

/// Related records that one call may load, and that one statement may answer.
const RECORDS_AT_MOST: usize = 10_000;

/// Which relations to load with records of one table, checked against the catalogue.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    root: Step,
    page_size: Option<i64>,
}

/// What is wanted of the records at one place.
#[derive(Debug, Default)]
struct Step {
    /// The relations that paths name, and what is wanted behind them.
    named: BTreeMap<String, Step>,
    /// How many levels of all relations there are to load from here on.
    levels: u32,
}

impl Wanted {
    /// What a query wants of the records of this table.
    ///
    /// # Errors
    /// 1021 for a path that names no relation, 8008 for more levels than may be loaded, 1005 and
    /// 1025 for an impossible page size.
    pub(super) fn of(query: &Query, catalogue: &Catalogue, table: &Table) -> Result<Self> {
        clauses::page_size(query.relations_page_size)?;
        let levels = query.relations_depth.unwrap_or_default();
        let levels = u32::try_from(levels)
            .ok()
            .filter(|levels| *levels <= LEVELS_AT_MOST)
            .ok_or_else(|| {
                let message = format!("relationsDepth is a number from 0 to {LEVELS_AT_MOST}");
                Error::invalid(message)
            })?;
        let mut root = Step {
            levels,
            ..Step::default()
        };
        let texts = query.load_relations.iter();
        let paths = texts.flat_map(|text| text.split(',')).map(str::trim);
        for path in paths.filter(|path| !path.is_empty()) {
            root.add(path, catalogue, table)?;
        }
        Ok(Self {
            root,
            page_size: query.relations_page_size,
        })
    }

    /// Values computed from several records refer to nothing.
    ///
    /// # Errors
    /// 8008 if relations are to be loaded with them.
    pub(super) fn refuse_if_computed(&self, select: &Select) -> Result<()> {
        if matches!(select, Select::Computed { .. }) && !self.is_nothing() {
            return Err(Error::invalid(
                "relations cannot be loaded with distinct, groupBy or aggregates; ask for one or the \
                 other",
            ));
        }
        Ok(())
    }

    /// Whether there is nothing to load.
    pub(super) fn is_nothing(&self) -> bool {
        self.root.levels == 0 && self.root.named.is_empty()
    }
}

impl Step {
    fn add(&mut self, path: &str, catalogue: &Catalogue, table: &Table) -> Result<()> {
        if path.split('.').count() > LEVELS_AT_MOST as usize {
            let message = format!(
                "a path of relations has at most {LEVELS_AT_MOST} steps, and '{}' has more",
                shown(path)
            );
            return Err(Error::invalid(message));
        }
        let (mut step, mut table) = (self, Some(table));
        let mut names = path.split('.').map(str::trim);
        while let Some(name) = names.next() {
            if name == "*" && names.clone().next().is_none() {
                step.levels = step.levels.max(1);
                return Ok(());
            }
            let relation = table
                .and_then(|table| table.relation(name))
                .ok_or_else(|| no_such_relation(name, table))?;
            table = catalogue.table(&relation.to_table);
            step = step.named.entry(name.to_owned()).or_default();
        }
        Ok(())
    }
}

fn no_such_relation(name: &str, table: Option<&Table>) -> Error {
    let table = table.map_or("?", |table| table.name.as_str());
    let message = format!(
        "there is no relation '{}' in table '{table}' that could be loaded",
        shown(name)
    );
    Error::new(ErrorCode::PropertiesNotFound, message)
}

/// A place in the tree of records: what is wanted of the records there.
#[derive(Clone, Copy)]
struct Place<'w> {
    step: Option<&'w Step>,
    levels: u32,
}

impl<'w> Place<'w> {
    fn at(step: Option<&'w Step>, levels: u32) -> Self {
        let levels = levels.max(step.map_or(0, |step| step.levels));
        Self { step, levels }
    }

    fn wants(self, relation: &str) -> bool {
        self.levels > 0
            || self
                .step
                .is_some_and(|step| step.named.contains_key(relation))
    }

    fn behind(self, relation: &str) -> Self {
        let step = self.step.and_then(|step| step.named.get(relation));
        Self::at(step, self.levels.saturating_sub(1))
    }
}

/// Whether this caller may load what any records of this table refer to, if a query asks for that.
///
/// # Errors
/// 1134 if not.
pub(super) fn permit_loading(ctx: &Context, table: &str, query: &Query) -> Result<()> {
    let is_named = |text: &String| text.split(',').any(|path| !path.trim().is_empty());
    let is_wanted = query.relations_depth.is_some_and(|levels| levels != 0)
        || query.load_relations.iter().any(is_named);
    if !is_wanted {
        return Ok(());
    }
    permissions::permit(ctx, table, PermissionOperation::LoadRelations)
}

/// With which records of each table this caller may load what they refer to.
pub(super) fn loadable(ctx: &Context) -> impl Fn(&str) -> Rows + Sync {
    |table| permissions::rows(ctx, table, PermissionOperation::LoadRelations)
}

/// Loads related records on behalf of one call.
pub(super) struct RelatedRecords<'a, S: ?Sized> {
    pub(super) storage: &'a S,
    pub(super) catalogue: &'a Catalogue,
    pub(super) visibility: Visibility,
    /// The records of a table whose related records may be loaded; the others stay without.
    pub(super) loadable: &'a (dyn Fn(&str) -> Rows + Sync),
}

impl<S: Records + Sync + ?Sized> RelatedRecords<'_, S> {
    /// Puts what is wanted into these records.
    ///
    /// # Errors
    /// 8008 when it would be more than one call may load.
    pub(super) async fn load(
        &self,
        wanted: &Wanted,
        records: Vec<&mut Record>,
    ) -> Result<(), Failed> {
        if wanted.is_nothing() {
            return Ok(());
        }
        let root = Place::at(Some(&wanted.root), 0);
        let mut level: Vec<_> = records.into_iter().map(|record| (record, root)).collect();
        let query = Query {
            page_size: wanted.page_size,
            ..Query::default()
        };
        let (mut loaded, mut loaded_bytes) = (0, 0);
        while !level.is_empty() {
            for ((table, relation), parents) in self.parents(&level) {
                let may_load = self.may_load(&table, parents).await?;
                let asked = may_load.clone();
                let found = self.children(&table, &relation, asked, &query).await?;
                let records = level.iter_mut();
                let parents = records.filter(|(record, place)| {
                    record.table() == table
                        && place.wants(&relation)
                        && may_load.contains(record.id())
                });
                let one = self.is_to_one(&table, &relation);
                for (parent, _) in parents {
                    let children = found.get(parent.id()).map_or(&[][..], Vec::as_slice);
                    loaded += children.len();
                    if loaded > RECORDS_AT_MOST {
                        return Err(too_many().into());
                    }
                    let weights = children.iter().map(|child| weight::of(&child.properties));
                    loaded_bytes += weights.sum::<usize>();
                    if loaded_bytes > weight::AT_MOST {
                        return Err(too_heavy().into());
                    }
                    let children = children.to_vec();
                    let related = if one {
                        Related::One(children.into_iter().next().map(Box::new))
                    } else {
                        Related::Many(children)
                    };
                    parent.related.insert(relation.clone(), related);
                }
            }
            level = next_level(level);
        }
        Ok(())
    }

    /// The relations that are wanted at this level, each with all records that refer by it.
    fn parents(
        &self,
        level: &[(&mut Record, Place<'_>)],
    ) -> BTreeMap<(String, String), HashSet<ObjectId>> {
        let mut parents: BTreeMap<_, HashSet<ObjectId>> = BTreeMap::new();
        for (record, place) in level {
            let table = self.catalogue.table(record.table());
            let relations = table.into_iter().flat_map(|table| &table.relations);
            for relation in relations.filter(|relation| place.wants(&relation.name)) {
                let key = (record.table().to_owned(), relation.name.clone());
                parents.entry(key).or_default().insert(record.id().clone());
            }
        }
        parents
    }

    /// Those of these records whose related records may be loaded.
    async fn may_load(
        &self,
        table: &str,
        records: HashSet<ObjectId>,
    ) -> Result<HashSet<ObjectId>, Failed> {
        let rows = (self.loadable)(table);
        if rows == Rows::All || rows == *self.visibility.of(table) {
            return Ok(records);
        }
        let records = records.into_iter().collect();
        let records = matching_children::among(self.storage, table, records, rows).await?;
        Ok(records.into_iter().collect())
    }

    async fn children(
        &self,
        table: &str,
        relation: &str,
        parents: HashSet<ObjectId>,
        query: &Query,
    ) -> Result<HashMap<ObjectId, Vec<Record>>, Failed> {
        let parents: Vec<_> = parents.into_iter().collect();
        let mut related = clauses::related(
            self.catalogue,
            table,
            relation,
            Vec::new(),
            query,
            self.visibility.clone(),
        )?;
        // One statement, unless its answer might be larger than everything that may be loaded.
        let each = usize::try_from(related.limit).unwrap_or(usize::MAX);
        let at_once = (RECORDS_AT_MOST / each.max(1)).max(1);
        let (mut found, mut count) = (HashMap::new(), 0);
        for parents in parents.chunks(at_once) {
            related.parents = parents.to_vec();
            for (parent, children) in self.storage.related(&related).await? {
                count += children.len();
                found.insert(parent, children);
            }
            if count > RECORDS_AT_MOST {
                return Err(too_many().into());
            }
        }
        Ok(found)
    }

    fn is_to_one(&self, table: &str, relation: &str) -> bool {
        self.catalogue
            .table(table)
            .and_then(|table| table.relation(relation))
            .is_some_and(|relation| relation.cardinality == Cardinality::OneToOne)
    }
}

/// The records among these rows.
pub(super) fn records_of(rows: &mut [Row]) -> Vec<&mut Record> {
    rows.iter_mut()
        .filter_map(|row| match row {
            Row::Record(record) => Some(record),
            Row::Computed { .. } => None,
        })
        .collect()
}

/// The records that the records of a level refer to, each with what is wanted of it.
fn next_level<'r, 'w>(level: Vec<(&'r mut Record, Place<'w>)>) -> Vec<(&'r mut Record, Place<'w>)> {
    let mut next = Vec::new();
    for (record, place) in level {
        for (relation, related) in &mut record.related {
            let behind = place.behind(relation);
            match related {
                Related::One(one) => {
                    next.extend(one.as_deref_mut().map(|record| (record, behind)));
                }
                Related::Many(many) => {
                    next.extend(many.iter_mut().map(|record| (record, behind)));
                }
            }
        }
    }
    next
}

fn too_heavy() -> Error {
    let mebibytes = weight::AT_MOST / 1024 / 1024;
    Error::invalid(format!(
        "more than {mebibytes} MiB of related records would have to be loaded; ask for fewer relations, \
         fewer levels or smaller pages"
    ))
}

fn too_many() -> Error {
    Error::invalid(format!(
        "more than {RECORDS_AT_MOST} related records would have to be loaded; ask for fewer relations, \
         fewer levels or smaller pages"
    ))
}
