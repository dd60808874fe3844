use vestibule_model::{Cardinality, Column, ColumnType, Relation, USERS, Value};

use super::{definition::Shape, names};

/// A table that code needs, as `table!` declares it.
///
/// The engine makes what is missing when it starts, and never removes anything.
#[derive(Clone, Copy, Debug)]
pub struct TableDeclaration {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [ColumnDeclaration],
    pub(crate) relations: &'static [RelationDeclaration],
    pub(crate) server_only: bool,
    pub(crate) module: &'static str,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
}

inventory::collect!(TableDeclaration);

/// A column of a [`TableDeclaration`].
#[derive(Clone, Copy, Debug)]
pub struct ColumnDeclaration {
    name: &'static str,
    column_type: ColumnType,
    size: Option<u32>,
    required: bool,
    unique: bool,
    indexed: bool,
    default: Option<DefaultValue>,
    validator: Option<&'static str>,
}

/// What a declared column has if a new record says nothing.
#[derive(Clone, Copy, Debug)]
enum DefaultValue {
    Boolean(bool),
    Integer(i64),
    Double(f64),
    Text(&'static str),
}

/// A relation of a [`TableDeclaration`].
#[derive(Clone, Copy, Debug)]
pub struct RelationDeclaration {
    name: &'static str,
    to_table: &'static str,
    cardinality: Cardinality,
}

impl TableDeclaration {
    /// Describes a table. Called by `table!`; there is no need to call it by hand.
    ///
    /// # Panics
    /// When something does not fit together, which is when it is compiled.
    #[track_caller]
    pub const fn new(
        name: &'static str,
        columns: &'static [ColumnDeclaration],
        relations: &'static [RelationDeclaration],
        module: &'static str,
        file: &'static str,
        line: u32,
    ) -> Self {
        assert!(
            names::is_well_formed(name),
            "the name of a table is a letter, then at most 62 letters, digits and underscores"
        );
        assert!(
            !names::is_reserved(name),
            "this name of a table is reserved: choose one that does not begin with `vestibule_` or \
             `sqlite_`, and is neither `bulk` nor `bulkupsert`"
        );
        let mut index = 0;
        while index < columns.len() + relations.len() {
            let name = name_at(columns, relations, index);
            assert!(
                names::is_well_formed(name),
                "the name of a column is a letter, then at most 62 letters, digits and underscores"
            );
            assert!(
                !is_every_tables(name),
                "every table has `objectId`, `ownerId`, `created` and `updated`: leave them out"
            );
            let mut other = 0;
            while other < index {
                assert!(
                    !name.eq_ignore_ascii_case(name_at(columns, relations, other)),
                    "two columns or relations have the same name, case aside"
                );
                other += 1;
            }
            if index < columns.len()
                && let Some(fault) = columns[index].shape().fault()
            {
                panic!("{}", fault);
            }
            index += 1;
        }
        Self {
            name,
            columns,
            relations,
            server_only: false,
            module,
            file,
            line,
        }
    }

    /// Server code alone sees and changes its records, whatever permissions say.
    ///
    /// # Panics
    /// For `Users`, when it is compiled.
    #[track_caller]
    pub const fn server_only(mut self) -> Self {
        assert!(
            !self.name.eq_ignore_ascii_case(USERS),
            "`Users` cannot be `server_only`: its records are reached over the user service; keep \
             what is private in a table of its own"
        );
        self.server_only = true;
        self
    }

    /// Where it stands: `carts/src/lib.rs:12`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    /// Its name in the audit trail: `carts::Cart`.
    pub(super) fn path(&self) -> String {
        format!("{}::{}", self.module, self.name)
    }

    /// The names of its columns and relations.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        let columns = self.columns.iter().map(|column| column.name);
        columns.chain(self.relations.iter().map(|relation| relation.name))
    }
}

impl ColumnDeclaration {
    /// A column of this name and type, and nothing special about it.
    pub const fn new(name: &'static str, column_type: ColumnType) -> Self {
        Self {
            name,
            column_type,
            size: None,
            required: false,
            unique: false,
            indexed: false,
            default: None,
            validator: None,
        }
    }

    /// Texts have at most so many characters; 500 unless told otherwise.
    pub const fn size(mut self, characters: u32) -> Self {
        self.size = Some(characters);
        self
    }

    /// A record must have it. Guests are exempt.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// No two records have the same value.
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// There is an index on it, so that finding by it is fast.
    pub const fn indexed(mut self) -> Self {
        self.indexed = true;
        self
    }

    /// Texts match this regular expression, in the syntax of the crate `regex`.
    pub const fn validator(mut self, pattern: &'static str) -> Self {
        self.validator = Some(pattern);
        self
    }

    /// What a new record has if it says nothing.
    pub const fn default_boolean(mut self, value: bool) -> Self {
        self.default = Some(DefaultValue::Boolean(value));
        self
    }

    /// What a new record has if it says nothing.
    pub const fn default_integer(mut self, value: i64) -> Self {
        self.default = Some(DefaultValue::Integer(value));
        self
    }

    /// What a new record has if it says nothing.
    pub const fn default_double(mut self, value: f64) -> Self {
        self.default = Some(DefaultValue::Double(value));
        self
    }

    /// What a new record has if it says nothing.
    pub const fn default_text(mut self, value: &'static str) -> Self {
        self.default = Some(DefaultValue::Text(value));
        self
    }

    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    const fn shape(&self) -> Shape {
        Shape {
            column_type: self.column_type,
            size: self.size,
            unique: self.unique,
            indexed: self.indexed,
            has_default: self.default.is_some(),
            has_validator: self.validator.is_some(),
        }
    }

    /// The column as the catalogue is to describe it.
    pub(super) fn column(&self) -> Column {
        let plain = Column::new(self.name, self.column_type);
        Column {
            size: self.size.or(plain.size),
            required: self.required,
            unique: self.unique,
            indexed: self.indexed,
            default: self.default.map(DefaultValue::value),
            validator: self.validator.map(str::to_owned),
            ..plain
        }
    }
}

impl DefaultValue {
    fn value(self) -> Value {
        match self {
            Self::Boolean(boolean) => Value::Boolean(boolean),
            Self::Integer(integer) => Value::Integer(integer),
            Self::Double(double) => Value::Double(double),
            Self::Text(text) => Value::from(text),
        }
    }
}

impl RelationDeclaration {
    /// A relation to one record of that table at most.
    pub const fn to_one(name: &'static str, to_table: &'static str) -> Self {
        Self {
            name,
            to_table,
            cardinality: Cardinality::OneToOne,
        }
    }

    /// A relation to any number of records of that table.
    pub const fn to_many(name: &'static str, to_table: &'static str) -> Self {
        Self {
            name,
            to_table,
            cardinality: Cardinality::OneToMany,
        }
    }

    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    /// The relation as the catalogue is to describe it.
    pub(super) fn relation(&self) -> Relation {
        Relation {
            name: self.name.to_owned(),
            to_table: self.to_table.to_owned(),
            cardinality: self.cardinality,
        }
    }
}

/// The names of columns and relations, counted through: they share one name space.
const fn name_at(
    columns: &'static [ColumnDeclaration],
    relations: &'static [RelationDeclaration],
    index: usize,
) -> &'static str {
    if index < columns.len() {
        columns[index].name
    } else {
        relations[index - columns.len()].name
    }
}

const fn is_every_tables(name: &str) -> bool {
    name.eq_ignore_ascii_case("objectId")
        || name.eq_ignore_ascii_case("ownerId")
        || name.eq_ignore_ascii_case("created")
        || name.eq_ignore_ascii_case("updated")
}
