use crate::{Query, Row, Value};

/// What a grouping asks for, in the words of a client (wire contract, section 9.6). Nothing in it
/// has been checked yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupQuery {
    /// Which records, by which columns to group (`group_by`, outermost first), what of each record,
    /// in which order; `page_size` and `offset` are those of the outermost items that are answered.
    pub query: Query,
    /// How many of the columns to group by; all of them if it says nothing. Deeper levels are
    /// answered as records of the last level.
    pub depth: Option<i64>,
    /// Only what is below this group: the values of the outer columns, outermost first.
    pub path: Vec<GroupStep>,
    /// How many groups within a group at most, 1 to 100; 10 if it says nothing.
    pub group_page_size: Option<i64>,
    /// How many records within a group at most, 1 to 100; 10 if it says nothing.
    pub records_page_size: Option<i64>,
}

/// One step on the way to a group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupStep {
    /// The column that was grouped by.
    pub column: String,
    /// The value that all records of the group have in it.
    pub value: Value,
}

/// A page of groups, or of the records of the last level.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupPage {
    /// Whether there are more than these.
    pub has_next_page: bool,
    /// What there is.
    pub items: GroupItems,
}

/// What stands in a page of a grouping.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupItems {
    /// Groups.
    Groups(Vec<Group>),
    /// Records.
    Rows(Vec<Row>),
}

/// Records that have one value in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// In which column, with which value.
    pub step: GroupStep,
    /// What is in it.
    pub page: GroupPage,
}
