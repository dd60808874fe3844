use vestibule_model::{Cardinality, Catalogue, ObjectId, USERS};
use vestibule_storage::{Condition, CountQuery, StorageError, Visibility};

use super::saving::has_id;
use crate::engine::EngineInner;

/// What a merge of a guest into an existing user would be about, made from the schema: every
/// relation of users, every relation to users, and every table in which the guest owns a row.
///
/// It is as old as the conflict; what happens between it and the merge is seen to by the merge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MergeOutlook {
    /// The relations of the table `Users`.
    pub relations: Vec<RelationOutlook>,
    /// The relations of all tables that lead to users.
    pub references: Vec<ReferenceOutlook>,
    /// The tables in which the guest owns rows, its own row apart.
    pub owned: Vec<OwnedOutlook>,
}

/// A relation of the table `Users`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelationOutlook {
    /// The relation's name.
    pub name: String,
    /// The table that it leads to.
    pub to_table: String,
    /// To how many.
    pub cardinality: Cardinality,
    /// To how many records the guest is related.
    pub guest: u64,
    /// To how many records the existing user is related.
    pub existing: u64,
}

impl RelationOutlook {
    /// Whether both are related to a record where a user can be related to one only: a plan must say
    /// which.
    pub fn collides(&self) -> bool {
        self.cardinality == Cardinality::OneToOne && self.guest > 0 && self.existing > 0
    }
}

/// A relation to users.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReferenceOutlook {
    /// The table whose relation it is.
    pub table: String,
    /// The relation's name.
    pub relation: String,
    /// How many records of that table refer to the guest.
    pub guest: u64,
}

/// A table in which the guest owns rows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OwnedOutlook {
    /// Its name.
    pub table: String,
    /// How many.
    pub rows: u64,
}

impl MergeOutlook {
    /// The relation of users of that name.
    pub fn relation(&self, name: &str) -> Option<&RelationOutlook> {
        self.relations.iter().find(|relation| relation.name == name)
    }

    /// The relations that lead to one record and have one on both sides.
    pub fn collisions(&self) -> impl Iterator<Item = &RelationOutlook> {
        self.relations.iter().filter(|relation| relation.collides())
    }

    /// Whether taking this relation of users would have worked out as things stood.
    pub(super) fn leaves_room(&self, table: &str, relation: &str) -> bool {
        let relation = self.relation(relation).filter(|_| table == USERS);
        relation.is_some_and(|relation| !relation.collides())
    }

    /// Looks at a guest and at the user who has the identity.
    pub(super) async fn read(
        engine: &EngineInner,
        catalogue: &Catalogue,
        guest: &ObjectId,
        existing: &ObjectId,
    ) -> Result<Self, StorageError> {
        let mut outlook = Self::default();
        for table in &catalogue.tables {
            for relation in &table.relations {
                if table.name == USERS {
                    let children = async |user: &ObjectId| {
                        let condition = Condition::Referred {
                            by_table: USERS.to_owned(),
                            relation: relation.name.clone(),
                            condition: Box::new(has_id(user)),
                        };
                        count(engine, &relation.to_table, condition).await
                    };
                    outlook.relations.push(RelationOutlook {
                        name: relation.name.clone(),
                        to_table: relation.to_table.clone(),
                        cardinality: relation.cardinality,
                        guest: children(guest).await?,
                        existing: children(existing).await?,
                    });
                }
                if relation.to_table == USERS {
                    let condition = Condition::Related {
                        relation: relation.name.clone(),
                        condition: Box::new(has_id(guest)),
                    };
                    outlook.references.push(ReferenceOutlook {
                        table: table.name.clone(),
                        relation: relation.name.clone(),
                        guest: count(engine, &table.name, condition).await?,
                    });
                }
            }
        }
        let owned = engine.storage.owned_rows(guest).await?;
        let owned = owned.into_iter();
        outlook.owned = owned
            .map(|(table, rows)| OwnedOutlook { table, rows })
            .collect();
        Ok(outlook)
    }
}

async fn count(
    engine: &EngineInner,
    table: &str,
    condition: Condition,
) -> Result<u64, StorageError> {
    let query = CountQuery {
        table: table.to_owned(),
        condition: Some(condition),
        distinct: Vec::new(),
        visibility: Visibility::Everything,
    };
    engine.storage.count(&query).await
}
