//! From syntax to conditions: every name is looked up, every literal gets the type of what it is
//! compared with, every step to related records becomes a condition about these.

use vestibule_model::{ColumnType, Table};
use vestibule_storage::{Comparison, Condition, Operand};

use super::{
    fault::Purpose,
    scope::{Scope, unknown_relation},
    syntax::{Clause, Path, Step, Term, TermKind, Test, TestKind},
    table,
    typing::{Typed, comparable, literal_as, of_type, own_type},
};
use crate::Result;

impl Scope<'_> {
    /// The condition that a clause means.
    pub(super) fn condition(&self, clause: &Clause) -> Result<Condition> {
        let all = |clauses: &[Clause]| -> Result<Vec<Condition>> {
            clauses
                .iter()
                .map(|clause| self.condition(clause))
                .collect()
        };
        match clause {
            Clause::All(clauses) => Ok(Condition::All(all(clauses)?)),
            Clause::Any(clauses) => Ok(Condition::Any(all(clauses)?)),
            Clause::Not(clause) => Ok(Condition::Not(Box::new(self.condition(clause)?))),
            Clause::Test(test) => self.related_test(test),
        }
    }

    /// A comparison, with the steps to the records that it is about. All its columns must be of the
    /// same record; what is compared is true for any record at the end of the steps.
    fn related_test(&self, test: &Test) -> Result<Condition> {
        let mut paths = Vec::new();
        for term in test.kind.terms() {
            term.paths(&mut paths);
        }
        let steps: &[Step] = paths.first().map_or(&[], |path| &path.steps);
        if paths.iter().any(|path| path.steps != steps) {
            let why = "the columns of one comparison must be of the same record";
            return Err(self.fault(test.at, why));
        }
        if !steps.is_empty() && self.purpose != Purpose::Where {
            return Err(self.fault(test.at, "columns of related records cannot be used here"));
        }
        let mut tables: Vec<&Table> = vec![self.table];
        for step in steps {
            tables.push(self.step(tables[tables.len() - 1], step)?);
        }
        let inner = Scope {
            table: tables[tables.len() - 1],
            ..*self
        };
        let mut condition = inner.test(test)?;
        for step in steps.iter().rev() {
            condition = stepped(step, condition);
        }
        Ok(condition)
    }

    /// The table that a step leads to.
    fn step<'b>(&'b self, from: &Table, step: &Step) -> Result<&'b Table> {
        match step {
            Step::Relation(name) => {
                let relation = from
                    .relation(name)
                    .ok_or_else(|| unknown_relation(name, from))?;
                table(self.catalogue, &relation.to_table)
            }
            Step::Inverted {
                table: by,
                relation,
            } => {
                let by = table(self.catalogue, by)?;
                by.relation(relation)
                    .filter(|relation| relation.to_table == from.name)
                    .ok_or_else(|| unknown_relation(relation, by))?;
                Ok(by)
            }
        }
    }

    /// A comparison of values of the table at hand.
    fn test(&self, test: &Test) -> Result<Condition> {
        let condition = match &test.kind {
            TestKind::Compare(left, comparison, right) => self.compare(left, *comparison, right)?,
            TestKind::CompareDates(left, comparison, right) => {
                let date = |term| self.must_be(term, ColumnType::DateTime, "a date");
                Condition::Compare(date(left)?, *comparison, date(right)?)
            }
            TestKind::Like(text, pattern) => Condition::Like(
                self.must_be(text, ColumnType::Text, "a text")?,
                self.must_be(pattern, ColumnType::Text, "a pattern")?,
            ),
            TestKind::In(term, list) => self.one_of(term, list)?,
            TestKind::Between(term, least, greatest) => Condition::All(vec![
                self.compare(term, Comparison::GreaterOrEqual, least)?,
                self.compare(term, Comparison::LessOrEqual, greatest)?,
            ]),
            TestKind::IsNull(term) => self.is_null(term)?,
            TestKind::IsTrue(term) => Condition::IsTrue(self.must_be(
                term,
                ColumnType::Boolean,
                "a comparison or a yes-or-no column",
            )?),
        };
        Ok(if test.negated {
            Condition::Not(Box::new(condition))
        } else {
            condition
        })
    }

    fn compare(&self, left: &Term, comparison: Comparison, right: &Term) -> Result<Condition> {
        let values = comparable((self.value(left)?, left), (self.value(right)?, right));
        let (left, right) = values.map_err(|fault| self.said(fault))?;
        Ok(Condition::Compare(left, comparison, right))
    }

    fn must_be(&self, term: &Term, column_type: ColumnType, wanted: &str) -> Result<Operand> {
        of_type(self.value(term)?, column_type, term, wanted).map_err(|fault| self.said(fault))
    }

    fn one_of(&self, term: &Term, list: &[Term]) -> Result<Condition> {
        let (operand, column_type) = self.typed(term)?;
        let values = list.iter().map(|item| match &item.kind {
            TermKind::Literal(literal) => {
                literal_as(literal, column_type, item.at, term).map_err(|fault| self.said(fault))
            }
            _ => Err(self.fault(item.at, "a list holds texts and numbers only")),
        });
        Ok(Condition::In(operand, values.collect::<Result<_>>()?))
    }

    /// Whether nothing is known: of a column, or whether there is no related record at all.
    fn is_null(&self, term: &Term) -> Result<Condition> {
        if let TermKind::Column(Path { column, .. }) = &term.kind
            && self.purpose == Purpose::Where
            && self.table.relation(column).is_some()
        {
            let any = stepped(&Step::Relation(column.clone()), Condition::All(Vec::new()));
            return Ok(Condition::Not(Box::new(any)));
        }
        let (operand, _) = self.typed(term)?;
        Ok(Condition::IsNull(operand))
    }

    /// A value and its type; that of a literal is its own.
    pub(super) fn typed(&self, term: &Term) -> Result<(Operand, ColumnType)> {
        match self.value(term)? {
            Typed::Operand(operand, column_type) => Ok((operand, column_type)),
            Typed::Literal(literal) => {
                let value = own_type(&literal, term.at).and_then(|column_type| {
                    let value = literal_as(&literal, column_type, term.at, term)?;
                    Ok((Operand::Value(value), column_type))
                });
                value.map_err(|fault| self.said(fault))
            }
        }
    }
}

/// What a step makes of a condition about the records that it leads to.
fn stepped(step: &Step, condition: Condition) -> Condition {
    let condition = Box::new(condition);
    match step {
        Step::Relation(relation) => Condition::Related {
            relation: relation.clone(),
            condition,
        },
        Step::Inverted { table, relation } => Condition::Referred {
            by_table: table.clone(),
            relation: relation.clone(),
            condition,
        },
    }
}
