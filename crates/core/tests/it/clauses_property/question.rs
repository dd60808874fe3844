//! Whole queries, and what the model answers.

use std::cmp::Ordering;

use vestibule_model::{Properties, Query, Value};

use super::{
    generator::{clause, columns, term},
    model::{Model, compared, double, value},
    syntax::{Clause, Comparison, Term},
    world::{Dice, Kind, Row, compare, shape},
};

/// One query, generated.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) table: &'static str,
    pub(crate) clause: Option<Clause>,
    pub(crate) shown: Shown,
    /// What is answered, and under which name.
    outputs: Vec<(String, Term)>,
    /// By what to sort, and whether the greatest comes first.
    sort: Vec<(Term, bool)>,
    having: Option<(Term, Comparison, Value)>,
    offset: usize,
    page_size: usize,
    /// All of it as a client writes it.
    pub(crate) query: Query,
}

/// What the rows of an answer are.
#[derive(Clone, Debug)]
pub(crate) enum Shown {
    /// Records.
    Records,
    /// Different rows.
    Distinct,
    /// Groups by these; one of all rows if there are none.
    Groups(Vec<Term>),
}

/// One row of an answer: the id of a record, and values.
pub(crate) type Answer = (Option<String>, Properties);

const KINDS: [Kind; 5] = [
    Kind::Text,
    Kind::Whole,
    Kind::Fraction,
    Kind::Truth,
    Kind::Date,
];

impl Question {
    pub(crate) fn generate(dice: &Dice) -> Self {
        let table = dice.pick(&["Thing", "Thing", "Thing", "Part", "Place"]);
        let clause = (!dice.one_in(12)).then(|| clause(dice, table, 2));
        let mut outputs = Vec::new();
        let mut sort = Vec::new();
        let mut having = None;
        let shown = match dice.below(6) {
            0 => Shown::Groups((0..dice.below(3)).map(|_| key(dice, table)).collect()),
            1 => Shown::Distinct,
            _ => Shown::Records,
        };
        match &shown {
            Shown::Records => {
                if dice.one_in(3) {
                    outputs = named(dice, vec![any(dice, table), any(dice, table)]);
                }
                sort = (0..dice.below(3))
                    .map(|_| (any(dice, table), dice.one_in(2)))
                    .collect();
            }
            Shown::Distinct => {
                let keys = (0..=dice.below(2)).map(|_| key(dice, table)).collect();
                outputs = named(dice, keys);
                if dice.one_in(2) {
                    sort.push((dice.pick(&outputs).1, dice.one_in(2)));
                }
            }
            Shown::Groups(keys) => {
                let mut values = keys.clone();
                values.push(Term::Aggregate("count", None));
                values.push(aggregate(dice, table));
                outputs = named(dice, values);
                if dice.one_in(2) {
                    sort.push((dice.pick(&outputs).1, dice.one_in(2)));
                }
                if dice.one_in(2) {
                    let counted = Term::Aggregate("count", None);
                    let least = Value::from(dice.below(4) as i64);
                    having = Some((counted, dice.pick(&Comparison::ALL), least));
                }
            }
        }
        let mut question = Self {
            table,
            clause,
            shown,
            outputs,
            sort,
            having,
            offset: dice.pick(&[0, 0, 0, 0, 0, 0, 0, 1, 3, 40]),
            page_size: dice.pick(&[4, 100, 100, 100]),
            query: Query::new(),
        };
        question.query = question.written(dice);
        question
    }

    fn written(&self, dice: &Dice) -> Query {
        let mut query = Query::new()
            .offset(self.offset as i64)
            .page_size(self.page_size as i64);
        query.where_clause = self.clause.as_ref().map(|clause| clause.write(dice));
        query.distinct = matches!(self.shown, Shown::Distinct);
        for (name, term) in &self.outputs {
            query.properties.push(match term {
                Term::Column(column) if column == name => (*column).to_owned(),
                term => format!("{} as {name}", term.write(dice)),
            });
        }
        for (term, descending) in &self.sort {
            let order = if *descending {
                " desc"
            } else {
                dice.pick(&["", " asc", " ASC"])
            };
            query.sort_by.push(format!("{}{order}", term.write(dice)));
        }
        if let Shown::Groups(keys) = &self.shown {
            query.group_by = keys.iter().map(|key| key.write(dice)).collect();
        }
        query.having = self.having.as_ref().map(|(term, comparison, least)| {
            let term = if dice.one_in(2) {
                term.write(dice)
            } else {
                self.count_name()
            };
            let sign = match comparison {
                Comparison::Equal => "=",
                Comparison::NotEqual => "!=",
                Comparison::Less => "<",
                Comparison::LessOrEqual => "<=",
                Comparison::Greater => ">",
                Comparison::GreaterOrEqual => ">=",
            };
            format!("{term} {sign} {}", least.to_json())
        });
        query
    }

    /// What the number of rows of a group is called.
    fn count_name(&self) -> String {
        let counted = |(_, term): &&(String, Term)| matches!(term, Term::Aggregate(_, None));
        self.outputs.iter().find(counted).unwrap().0.clone()
    }

    /// The rows that the clause is true for.
    pub(crate) fn matching<'w>(&self, model: Model<'w>) -> Vec<&'w Row> {
        let is_true = |row: &&Row| match &self.clause {
            Some(clause) => model.truth(self.table, row, clause) == Some(true),
            None => true,
        };
        model
            .world
            .visible(model.viewer, self.table)
            .filter(is_true)
            .collect()
    }

    /// All that a find answers, page for page, and this page of it.
    pub(crate) fn answer(&self, model: Model<'_>) -> (usize, Vec<Answer>) {
        let rows = self.matching(model);
        // Each row of the answer with what it is made of.
        let mut answers: Vec<Vec<&Row>> = match &self.shown {
            Shown::Records => rows.into_iter().map(|row| vec![row]).collect(),
            Shown::Distinct => {
                let keys: Vec<Term> = self.outputs.iter().map(|output| output.1.clone()).collect();
                grouped(rows, &keys)
            }
            Shown::Groups(keys) if keys.is_empty() => vec![rows],
            Shown::Groups(keys) => grouped(rows, keys),
        };
        let total = answers.len();
        if let Some((term, comparison, least)) = &self.having {
            let is_true = |group: &Vec<&Row>| compared(&of_group(term, group), *comparison, least);
            answers.retain(|group| is_true(group) == Some(true));
        }
        let mut order = self.sort.clone();
        match &self.shown {
            Shown::Records => order.push((Term::Column("objectId"), true)),
            Shown::Distinct => order.extend(self.outputs.iter().map(|one| (one.1.clone(), false))),
            Shown::Groups(keys) => order.extend(keys.iter().map(|key| (key.clone(), false))),
        }
        answers.sort_by(|left, right| {
            let by = |(term, descending): &(Term, bool)| {
                let order = in_order(&of_group(term, left), &of_group(term, right));
                if *descending { order.reverse() } else { order }
            };
            order.iter().map(by).fold(Ordering::Equal, Ordering::then)
        });
        let page = answers.iter().skip(self.offset).take(self.page_size);
        (total, page.map(|group| self.shown_of(group)).collect())
    }

    fn shown_of(&self, group: &[&Row]) -> Answer {
        let value = |(name, term): &(String, Term)| (name.clone(), of_group(term, group));
        let mut values: Properties = self.outputs.iter().map(value).collect();
        if !matches!(self.shown, Shown::Records) {
            return (None, values);
        }
        if values.is_empty() {
            let all = group[0].cells.iter();
            values = all
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect();
        }
        values.remove("objectId");
        (Some(group[0].id().to_owned()), values)
    }
}

/// Something to group by.
fn key(dice: &Dice, table: &str) -> Term {
    if dice.one_in(4) {
        return any(dice, table);
    }
    let keys: Vec<_> = KINDS
        .iter()
        .flat_map(|kind| columns(shape(table), *kind))
        .collect();
    Term::Column(dice.pick(&keys))
}

/// Something with a value.
fn any(dice: &Dice, table: &str) -> Term {
    let shape = shape(table);
    let kinds: Vec<_> = KINDS
        .into_iter()
        .filter(|kind| !columns(shape, *kind).is_empty())
        .collect();
    term(dice, shape, dice.pick(&kinds), 1)
}

fn aggregate(dice: &Dice, table: &str) -> Term {
    let name = dice.pick(&["count", "sum", "avg", "min", "max"]);
    let kinds: &[Kind] = match name {
        "count" => &KINDS,
        "sum" | "avg" => &[Kind::Whole, Kind::Fraction],
        _ => &[Kind::Whole, Kind::Fraction, Kind::Text, Kind::Date],
    };
    let of = |kind: &Kind| columns(shape(table), *kind);
    let columns: Vec<_> = kinds.iter().flat_map(of).collect();
    Term::Aggregate(name, Some(Box::new(Term::Column(dice.pick(&columns)))))
}

/// Terms with names; what is no column needs an alias.
fn named(dice: &Dice, terms: Vec<Term>) -> Vec<(String, Term)> {
    let mut outputs: Vec<(String, Term)> = Vec::new();
    for (at, term) in terms.into_iter().enumerate() {
        let name = match &term {
            Term::Column(name) if *name == "objectId" || !dice.one_in(3) => (*name).to_owned(),
            _ => format!("value{at}"),
        };
        if outputs.iter().all(|output| output.0 != name) {
            outputs.push((name, term));
        }
    }
    outputs
}

/// Rows that are the same in some values; nulls are the same.
fn grouped<'r>(rows: Vec<&'r Row>, keys: &[Term]) -> Vec<Vec<&'r Row>> {
    let mut groups: Vec<Vec<&Row>> = Vec::new();
    for row in rows {
        let is_like = |key: &Term, other: &Row| in_order(&value(key, row), &value(key, other));
        let same = |group: &&mut Vec<&Row>| keys.iter().all(|key| is_like(key, group[0]).is_eq());
        match groups.iter_mut().find(same) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

/// Null before everything.
fn in_order(left: &Value, right: &Value) -> Ordering {
    match (left.is_null(), right.is_null()) {
        (false, false) => compare(left, right).unwrap(),
        (left, right) => right.cmp(&left),
    }
}

/// What a term is for some rows: for the first one, unless it is about all of them.
fn of_group(term: &Term, group: &[&Row]) -> Value {
    let (name, inner) = match term {
        Term::Aggregate(_, None) => return Value::from(group.len() as i64),
        Term::Aggregate(name, Some(inner)) => (*name, inner),
        term => return value(term, group[0]),
    };
    let values = group.iter().map(|row| value(inner, row));
    let mut values: Vec<_> = values.filter(|value| !value.is_null()).collect();
    values.sort_by(in_order);
    let sum = || values.iter().map(double).sum::<f64>();
    match name {
        "count" => Value::from(values.len() as i64),
        _ if values.is_empty() => Value::Null,
        "min" => values[0].clone(),
        "max" => values[values.len() - 1].clone(),
        "avg" => Value::from(sum() / values.len() as f64),
        _ if matches!(values[0], Value::Integer(_)) => {
            Value::from(values.iter().filter_map(Value::as_integer).sum::<i64>())
        }
        _ => Value::from(sum()),
    }
}
