//! What the operator does to the schema. These are no events: no handler sees them.

use std::{future::Future, sync::Arc};

use vestibule_model::{
    Actor, AuditRecord, Catalogue, Column, Relation, Table, USERS, UserStatus, Value,
};
use vestibule_storage::{Change, Comparison, Condition, CountQuery, Operand, Storage, Visibility};

use super::{
    definition,
    draft::{ATTEMPTS, Draft, changed_too_often, is_outdated},
};
use crate::{
    Error, Result,
    engine::{Engine, EngineInner},
};

impl Engine {
    /// Makes a table with the columns that every table has. For the operator.
    ///
    /// # Errors
    /// 1154 for a name that no table may have, 1161 if there is one whose name differs in case at
    /// most, 1151 if there are as many as there may be.
    pub async fn create_table(&self, name: &str) -> Result<Table> {
        let name = name.to_owned();
        self.as_operator(async move |engine| {
            let action = format!("createTable {name}");
            let plan = |draft: &mut Draft<'_>| draft.create_table(&name);
            let catalogue = engine.change_schema(action, plan).await?;
            table_of(&catalogue, &name)
        })
        .await
    }

    /// Removes a table with its rows and all relations of its own. For the operator.
    ///
    /// # Errors
    /// 1009 if there is no such table, 1148 for `Users`, 1162 for the other tables of Vestibule's own,
    /// 1167 while other tables relate to it.
    pub async fn drop_table(&self, name: &str) -> Result<()> {
        let name = name.to_owned();
        self.as_operator(async move |engine| {
            let action = format!("dropTable {name}");
            let plan = |draft: &mut Draft<'_>| draft.drop_table(&name);
            engine.change_schema(action, plan).await?;
            Ok(())
        })
        .await
    }

    /// Makes a column; rows that are there have its default in it. For the operator.
    ///
    /// # Errors
    /// 1009 if there is no such table, 1154 for a name that no column may have, 1152 if the table has a
    /// column or a relation whose name differs in case at most, 1149 if it has as many as it may
    /// have, 8008 if the column does not fit together, 1156 if it is required and rows would be
    /// without it.
    pub async fn add_column(&self, table: &str, column: Column) -> Result<Table> {
        if column.system || column.identity {
            let message = "a new column is neither a system column nor what users log in with";
            return Err(Error::invalid(message));
        }
        let (table, column) = (table.to_owned(), definition::check(column)?);
        self.as_operator(async move |engine| {
            let action = format!("addColumn {table}.{}", column.name);
            refuse_rows_without(&*engine.storage, &table, &column).await?;
            let plan = |draft: &mut Draft<'_>| draft.add_column(&table, column.clone());
            let catalogue = engine.change_schema(action, plan).await?;
            table_of(&catalogue, &table)
        })
        .await
    }

    /// Makes a relation. For the operator.
    ///
    /// # Errors
    /// As [`add_column`](Engine::add_column), and 1150 if there is no table that it leads to.
    pub async fn add_relation(&self, table: &str, relation: Relation) -> Result<Table> {
        let table = table.to_owned();
        self.as_operator(async move |engine| {
            let action = format!("addColumn {table}.{}", relation.name);
            let plan = |draft: &mut Draft<'_>| draft.add_relation(&table, relation.clone());
            let catalogue = engine.change_schema(action, plan).await?;
            table_of(&catalogue, &table)
        })
        .await
    }

    /// Removes a column with its values, or a relation with its links. For the operator.
    ///
    /// # Errors
    /// 1009 and 1126 if there is no such table or column, 1162 for the columns of Vestibule's own and
    /// for the one that users log in with.
    pub async fn drop_column(&self, table: &str, column: &str) -> Result<()> {
        let (table, column) = (table.to_owned(), column.to_owned());
        self.as_operator(async move |engine| {
            let action = format!("dropColumn {table}.{column}");
            let plan = |draft: &mut Draft<'_>| draft.drop_column(&table, &column);
            engine.change_schema(action, plan).await?;
            Ok(())
        })
        .await
    }

    /// Does the operator's work in a task of its own, like every call that can write: an operator
    /// who hangs up must not leave it half done.
    pub(crate) async fn as_operator<T, W>(
        &self,
        work: impl FnOnce(Arc<EngineInner>) -> W + Send + 'static,
    ) -> Result<T>
    where
        T: Send + 'static,
        W: Future<Output = Result<T>> + Send + 'static,
    {
        let Some(call) = self.inner.admit() else {
            return Err(Error::unavailable("the server is going down"));
        };
        let work = work(Arc::clone(&self.inner));
        tokio::spawn(async move {
            let done = work.await;
            drop(call);
            done
        })
        .await?
    }
}

impl EngineInner {
    /// Changes the schema and writes down that the operator did; plans anew when somebody else was
    /// faster. Answers the schema that it leads to.
    async fn change_schema(
        &self,
        action: String,
        plan: impl Fn(&mut Draft<'_>) -> Result<()> + Send + Sync,
    ) -> Result<Catalogue> {
        for _ in 0..ATTEMPTS {
            let catalogue = self.storage.catalogue().await?;
            let (planned, mut changes) = {
                let mut draft = Draft::of(&catalogue);
                plan(&mut draft)?;
                let (planned, changes) = draft.into_parts();
                (planned.into_owned(), changes)
            };
            changes.push(Change::Audit(AuditRecord {
                at: self.clock.now(),
                actor: Actor::Admin,
                action: action.clone(),
                subject: None,
                caller: None,
            }));
            match self.apply(changes).await {
                Ok(_) => return Ok(planned),
                Err(error) if is_outdated(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(changed_too_often())
    }
}

fn table_of(catalogue: &Catalogue, name: &str) -> Result<Table> {
    let table = catalogue.table(name).cloned();
    table.ok_or_else(|| Error::internal("a table that was just changed is not in the catalogue"))
}

/// Refuses a required column without a default where there are rows already (1156). Guests are
/// exempt. A row that comes between this look and the making of the column stays without a value.
pub(super) async fn refuse_rows_without(
    storage: &dyn Storage,
    table: &str,
    column: &Column,
) -> Result<()> {
    if !column.required || column.default.is_some() {
        return Ok(());
    }
    let registered = Condition::Compare(
        Operand::Column("userStatus".to_owned()),
        Comparison::NotEqual,
        Operand::Value(Value::from(UserStatus::Guest.as_str())),
    );
    let query = CountQuery {
        table: table.to_owned(),
        condition: (table == USERS).then_some(registered),
        distinct: Vec::new(),
        visibility: Visibility::Everything,
    };
    let rows = match storage.count(&query).await {
        // There is none, or there is no such table, which somebody else will say.
        Ok(0) | Err(vestibule_storage::StorageError::UnknownTable { .. }) => return Ok(()),
        Ok(rows) => rows,
        Err(error) => return Err(error.into()),
    };
    let message = format!(
        "column '{}' of table '{table}' cannot be required: {rows} rows would be without it; give \
         it a default",
        column.name
    );
    Err(Error::new(
        vestibule_model::ErrorCode::ColumnContradictsRows,
        message,
    ))
}
