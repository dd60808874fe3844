//! What of each row is answered (wire contract, section 9.3).

use vestibule_model::{Catalogue, ColumnType, Query, Table};
use vestibule_storage::{Operand, Output, Select};

use super::{
    fault::{Purpose, shown},
    functions::default_name,
    grouping::{check_grouped, has_aggregate},
    items::{Item, parse_items},
    scope::{Scope, unknown_column},
    syntax::{Term, TermKind},
};
use crate::Result;

/// The column that every record is answered with.
pub(super) const ID: &str = "objectId";

/// What a query asks for, names looked up.
pub(super) struct Projection {
    /// Every value, with the `objectId` if it is one of them.
    pub(super) outputs: Vec<Output>,
    /// By what to group; empty if not at all.
    pub(super) group_by: Vec<Operand>,
    /// Whether there is one row a group: of all rows if `group_by` is empty.
    pub(super) grouped: bool,
    /// Whether equal rows are answered once.
    pub(super) distinct: bool,
    /// Whether nobody said what is wanted, which is all of it.
    whole: bool,
}

/// Every column of a record, but the `objectId`.
pub(super) fn outputs_of_record(table: &Table) -> Vec<Output> {
    columns(table).filter(|output| output.name != ID).collect()
}

fn columns(table: &Table) -> impl Iterator<Item = Output> {
    table.readable_columns().map(|column| Output {
        name: column.name.clone(),
        operand: Operand::Column(column.name.clone()),
        column_type: column.column_type,
    })
}

impl Projection {
    /// Checks properties, excluded properties and grouping of a query.
    ///
    /// # Errors
    /// 1006 for what does not exist; 8008 for what cannot be asked for.
    pub(super) fn of(catalogue: &Catalogue, table: &Table, query: &Query) -> Result<Self> {
        let properties = parse_items(&query.properties, Purpose::Properties)?;
        let group_by = parse_items(&query.group_by, Purpose::GroupBy)?;
        let scope = Scope {
            aggregates: true,
            ..Scope::of(catalogue, table, Purpose::Properties)
        };
        let mut outputs = Vec::new();
        for item in &properties {
            match &item.term {
                Some(term) => add(&mut outputs, output(&scope, item, term)?, &scope, item.at)?,
                None => {
                    for column in columns(table) {
                        add(&mut outputs, column, &scope, item.at)?;
                    }
                }
            }
        }
        let keys = group_keys(catalogue, table, &outputs, &group_by)?;
        if properties.is_empty() && keys.is_empty() {
            outputs = columns(table).collect();
        } else if properties.is_empty() {
            for (key, item) in keys.iter().zip(&group_by) {
                add(&mut outputs, key.clone(), &scope, item.at)?;
            }
        }
        let whole = properties.is_empty() && keys.is_empty() && query.exclude_properties.is_empty();
        let everything = keys.is_empty() && properties.iter().all(|item| item.term.is_none());
        let excludes_id = exclude(catalogue, table, query, &mut outputs)?;
        let group_by: Vec<Operand> = keys.into_iter().map(|key| key.operand).collect();
        let aggregates = outputs.iter().any(|output| has_aggregate(&output.operand));
        let grouped = aggregates || !group_by.is_empty();
        if grouped {
            for output in &outputs {
                check_grouped(&output.operand, &group_by, Purpose::Properties)?;
            }
        }
        Ok(Self {
            // Records that are answered with their ids are all different.
            distinct: query.distinct && (excludes_id || !everything),
            outputs,
            group_by,
            grouped,
            whole,
        })
    }

    /// Whether the rows are no records.
    pub(super) fn is_computed(&self) -> bool {
        self.grouped || self.distinct
    }

    /// What the storage is asked for.
    pub(super) fn select(self) -> Result<Select> {
        if !self.is_computed() {
            if self.whole {
                return Ok(Select::WholeRecords);
            }
            let mut outputs = self.outputs;
            outputs.retain(|output| output.name != ID);
            return Ok(Select::Records(outputs));
        }
        if self.outputs.is_empty() {
            let why = "nothing is left to answer".to_owned();
            return Err(Purpose::ExcludedProperties.error(why));
        }
        Ok(Select::Computed {
            outputs: self.outputs,
            distinct: self.distinct,
        })
    }
}

fn output(scope: &Scope<'_>, item: &Item, term: &Term) -> Result<Output> {
    let (operand, column_type) = scope.own(term)?;
    let name = match (&item.alias, &term.kind) {
        (Some(alias), _) => alias.clone(),
        (None, TermKind::Column(path)) => path.column.clone(),
        (None, TermKind::Call { function, .. }) => default_name(function),
        (None, _) => return Err(scope.fault(item.at, "this needs a name: add 'as' and one")),
    };
    let is_id = operand == Operand::Column(ID.to_owned());
    if name.starts_with("___") || (name == ID && !is_id) || name.len() > 63 {
        let why = format!("'{}' cannot be an alias", shown(&name));
        return Err(scope.fault(item.at, why));
    }
    Ok(Output {
        name,
        operand,
        column_type,
    })
}

/// Adds an output, unless it is there already.
fn add(outputs: &mut Vec<Output>, output: Output, scope: &Scope<'_>, at: usize) -> Result<()> {
    match outputs.iter().find(|other| other.name == output.name) {
        Some(other) if other.operand == output.operand => {}
        Some(_) => {
            let why = format!(
                "two values are called '{}'; give one of them an alias with 'as'",
                shown(&output.name)
            );
            return Err(scope.fault(at, why));
        }
        None => outputs.push(output),
    }
    Ok(())
}

/// What to group by, as it is answered if nothing else is asked for. An alias can be named too, but
/// a column of the same name comes first, as in SQL.
fn group_keys(
    catalogue: &Catalogue,
    table: &Table,
    outputs: &[Output],
    items: &[Item],
) -> Result<Vec<Output>> {
    let aliases: Vec<Output> = outputs
        .iter()
        .filter(|output| table.readable_column(&output.name).is_none())
        .cloned()
        .collect();
    let scope = Scope {
        aliases: &aliases,
        ..Scope::of(catalogue, table, Purpose::GroupBy)
    };
    let mut keys: Vec<Output> = Vec::new();
    for item in items {
        let Some(term) = &item.term else { continue };
        let (operand, column_type) = scope.own(term)?;
        if has_aggregate(&operand) || matches!(operand, Operand::Value(_)) {
            let why = "rows are grouped by columns and functions of one row";
            return Err(scope.fault(item.at, why));
        }
        if column_type == ColumnType::Json {
            return Err(scope.fault(item.at, "rows cannot be grouped by JSON"));
        }
        let name = match &term.kind {
            TermKind::Column(path) => path.column.clone(),
            TermKind::Call { function, .. } => default_name(function),
            _ => "value".to_owned(),
        };
        let key = Output {
            name,
            operand,
            column_type,
        };
        keys.push(key);
    }
    Ok(keys)
}

/// Leaves out what is not wanted; says whether the `objectId` is part of it.
fn exclude(
    catalogue: &Catalogue,
    table: &Table,
    query: &Query,
    outputs: &mut Vec<Output>,
) -> Result<bool> {
    let purpose = Purpose::ExcludedProperties;
    let mut excludes_id = false;
    for item in parse_items(&query.exclude_properties, purpose)? {
        let Some(Term {
            kind: TermKind::Column(path),
            ..
        }) = &item.term
        else {
            let scope = Scope::of(catalogue, table, purpose);
            return Err(scope.fault(item.at, "expected the name of a column"));
        };
        let name = path.column.as_str();
        let known = path.steps.is_empty()
            && (table.readable_column(name).is_some()
                || table.relation(name).is_some()
                || outputs.iter().any(|output| output.name == name));
        if !known {
            return Err(unknown_column(name, table));
        }
        excludes_id |= name == ID;
        outputs.retain(|output| output.name != name);
    }
    Ok(excludes_id)
}
