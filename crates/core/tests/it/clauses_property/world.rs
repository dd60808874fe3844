//! Tables, and random rows in them: in the engine, and in memory.

use std::{cmp::Ordering, collections::BTreeMap};

use vestibule::{prelude::*, table};
use vestibule_model::{Randomness, SeededRandomness};
use vestibule_testkit::{TestClient, TestKit};

table! {
    collect = false;
    pub(super) Thing {
        label: String,
        note: Text,
        number: Int,
        order: Int,
        score: Double,
        done: Boolean,
        due: DateTime,
        extra: Json,
        parts -> [Part],
        place -> Place,
        others -> [Thing],
    }
}

table! {
    collect = false;
    pub(super) Part { label: String, number: Int, score: Double, due: DateTime, origin -> Place }
}

table! {
    collect = false;
    pub(super) Place { label: String, number: Int, done: Boolean }
}

/// What the columns of a table hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Whole,
    Fraction,
    Truth,
    Date,
    Json,
}

/// A table as the generator and the model know it.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
    /// Its relations, and where they lead to.
    pub(crate) relations: &'static [(&'static str, &'static str)],
}

/// The columns that every table has.
pub(crate) const SYSTEM: [(&str, Kind); 4] = [
    ("objectId", Kind::Text),
    ("ownerId", Kind::Text),
    ("created", Kind::Date),
    ("updated", Kind::Date),
];

pub(crate) const SHAPES: [Shape; 3] = [
    Shape {
        name: "Thing",
        columns: &[
            ("label", Kind::Text),
            ("note", Kind::Text),
            ("number", Kind::Whole),
            ("order", Kind::Whole),
            ("score", Kind::Fraction),
            ("done", Kind::Truth),
            ("due", Kind::Date),
            ("extra", Kind::Json),
        ],
        relations: &[("parts", "Part"), ("place", "Place"), ("others", "Thing")],
    },
    Shape {
        name: "Part",
        columns: &[
            ("label", Kind::Text),
            ("number", Kind::Whole),
            ("score", Kind::Fraction),
            ("due", Kind::Date),
        ],
        relations: &[("origin", "Place")],
    },
    Shape {
        name: "Place",
        columns: &[
            ("label", Kind::Text),
            ("number", Kind::Whole),
            ("done", Kind::Truth),
        ],
        relations: &[],
    },
];

pub(crate) fn shape(table: &str) -> &'static Shape {
    SHAPES.iter().find(|shape| shape.name == table).unwrap()
}

/// Random choices that a seed repeats.
pub(crate) struct Dice(SeededRandomness);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(SeededRandomness::new(seed))
    }

    /// A number below `end`.
    pub(crate) fn below(&self, end: usize) -> usize {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_le_bytes(bytes) as usize % end
    }

    pub(crate) fn one_in(&self, number: usize) -> bool {
        self.below(number) == 0
    }

    pub(crate) fn pick<T: Clone>(&self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }
}

/// Texts that are easily confused.
pub(crate) const TEXTS: [&str; 18] = [
    "", "a", "A", "ab", "Abc", " b ", "10%", "a_c", "O'Hara", "ünï", "Ünï", "日本", "🦊🦊", "42",
    "9", "null", "a -- b", "\\",
];

pub(crate) const DATES: [i64; 8] = [
    -1,
    -86_400_001,
    0,
    951_782_400_000,
    1_427_068_800_000,
    1_427_116_021_123,
    1_767_225_600_000,
    1_767_225_600_002,
];

/// One row of any table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) cells: BTreeMap<&'static str, Value>,
}

impl Row {
    pub(crate) fn id(&self) -> &str {
        self.cells["objectId"].as_text().unwrap()
    }

    pub(crate) fn get(&self, column: &str) -> Value {
        self.cells[column].clone()
    }
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Viewer {
    Server,
    Owner(usize),
}

/// The rows of all tables, and what refers to what.
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) owners: Vec<String>,
    pub(crate) rows: BTreeMap<&'static str, Vec<Row>>,
    /// Table, relation, parent, child.
    pub(crate) links: Vec<(&'static str, &'static str, String, String)>,
}

impl World {
    /// The rows of a table that somebody may see.
    pub(crate) fn visible(&self, viewer: Viewer, table: &str) -> impl Iterator<Item = &Row> {
        let owner = match viewer {
            Viewer::Server => None,
            Viewer::Owner(at) => Some(Value::from(self.owners[at].as_str())),
        };
        self.rows[table].iter().filter(move |row| {
            let owned = |owner: &Value| *owner == row.cells["ownerId"];
            owner.as_ref().is_none_or(owned)
        })
    }
}

/// An app with these tables.
pub(crate) async fn open(seed: u64) -> impl std::ops::Deref<Target = TestKit> {
    let kit = TestKit::bare().schema(&[Thing, Part, Place]).seed(seed);
    crate::start(kit).await
}

/// Fills the tables, and says with what.
pub(crate) async fn fill(kit: &TestKit, clients: &[TestClient<'_>], seed: u64) -> World {
    let dice = Dice::new(seed);
    let mut world = World {
        seed,
        owners: clients[1..]
            .iter()
            .map(|client| client.id().to_string())
            .collect(),
        rows: BTreeMap::new(),
        links: Vec::new(),
    };
    for (shape, count) in SHAPES.iter().zip([21, 18, 9]) {
        let mut rows = Vec::new();
        for chunk in 0..count / 3 {
            let client = dice.below(clients.len());
            let chunk: Vec<_> = (0..3)
                .map(|at| {
                    (
                        format!("{}-{}", dice.below(10), chunk * 3 + at),
                        cells(&dice, shape),
                    )
                })
                .collect();
            let properties = chunk.iter().map(|(id, cells)| {
                let named = |(name, value): (&&str, &Value)| ((*name).to_owned(), value.clone());
                let mut properties: Properties = cells.iter().map(named).collect();
                properties.insert("objectId".to_owned(), Value::from(id.as_str()));
                properties
            });
            let event = BulkCreate::new(shape.name, properties.collect());
            clients[client].submit(event).await.unwrap();
            let owner = client.checked_sub(1).map(|at| world.owners[at].clone());
            for (id, mut cells) in chunk {
                cells.insert("objectId", Value::from(id));
                cells.insert("ownerId", Value::from(owner.clone()));
                cells.insert("created", Value::from(kit.engine().now()));
                cells.insert("updated", Value::Null);
                rows.push(Row { cells });
            }
            let pause = dice.below(3) as u64;
            kit.advance(std::time::Duration::from_millis(pause)).await;
        }
        world.rows.insert(shape.name, rows);
    }
    for shape in &SHAPES {
        for (relation, to_table) in shape.relations {
            link(kit, &dice, &mut world, (shape.name, relation), to_table).await;
        }
    }
    world
}

async fn link(
    kit: &TestKit,
    dice: &Dice,
    world: &mut World,
    (table, relation): (&'static str, &'static str),
    to_table: &str,
) {
    let most = if matches!(relation, "place" | "origin") {
        1
    } else {
        3
    };
    let ids = |table: &str| -> Vec<String> {
        world.rows[table]
            .iter()
            .map(|row| row.id().to_owned())
            .collect()
    };
    let choices = ids(to_table);
    for parent in ids(table) {
        let mut children: Vec<String> = (0..dice.below(most + 1))
            .map(|_| dice.pick(&choices))
            .collect();
        children.sort();
        children.dedup();
        if children.is_empty() {
            continue;
        }
        let id = |text: &String| ObjectId::parse(text).unwrap();
        let ids = Children::Ids(children.iter().map(id).collect());
        let event = AddRelation::new(table, id(&parent), relation, ids);
        kit.code_runner().submit(event).await.unwrap();
        for child in children {
            world.links.push((table, relation, parent.clone(), child));
        }
    }
}

fn cells(dice: &Dice, shape: &Shape) -> BTreeMap<&'static str, Value> {
    let cell = |(name, kind): &(&'static str, Kind)| {
        let value = match kind {
            _ if dice.one_in(4) => Value::Null,
            // Numbers that do not fit into a double; no calculation uses this column.
            Kind::Whole if *name == "order" => {
                let far = [
                    i64::MAX,
                    i64::MAX - 1,
                    i64::MIN,
                    (1 << 53) + 1,
                    1 << 53,
                    -1,
                    0,
                ];
                Value::from(dice.pick(&far))
            }
            Kind::Text => Value::from(dice.pick(&TEXTS)),
            Kind::Whole => Value::from(dice.below(9) as i64 - 3),
            // Quarters are exact, and so are their sums.
            Kind::Fraction => Value::from((dice.below(25) as f64 - 8.0) / 4.0),
            Kind::Truth => Value::from(dice.one_in(2)),
            Kind::Date => Value::from(dice.pick(&DATES)),
            Kind::Json => Value::from(serde_json::json!({ "a": [dice.pick(&TEXTS)] })),
        };
        (*name, value)
    };
    shape.columns.iter().map(cell).collect()
}

/// How two values compare, null with nothing. Numbers compare exactly.
pub(crate) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Boolean(left), Value::Boolean(right)) => Some(left.cmp(right)),
        (Value::Text(left), Value::Text(right)) => Some(left.as_bytes().cmp(right.as_bytes())),
        (Value::Integer(left), Value::Integer(right)) => Some(left.cmp(right)),
        (Value::Double(left), Value::Double(right)) => left.partial_cmp(right),
        (Value::Integer(left), Value::Double(right)) => Some(exactly(*left, *right)),
        (Value::Double(left), Value::Integer(right)) => Some(exactly(*right, *left).reverse()),
        _ => panic!("{left:?} and {right:?} are never compared"),
    }
}

fn exactly(whole: i64, double: f64) -> Ordering {
    let floor = double.floor();
    match i128::from(whole).cmp(&(floor as i128)) {
        Ordering::Equal if double > floor => Ordering::Less,
        other => other,
    }
}
