use std::sync::Arc;

use vestibule_model::{Column, ColumnType, USERS, User, Value};

use super::{Scratch, samples::*, shop::*, tables::*};
use crate::{
    Assignment, Change, Comparison, Condition, Constraint, CountQuery, Precondition, RecordUpdate,
    Storage, StorageError, Visibility,
};

fn set_identity(column: &str) -> Change {
    Change::SetIdentity {
        column: column.to_owned(),
    }
}

fn called(name: &str, nick: &str) -> User {
    let mut user = registered(name, &format!("{name}@example.com"));
    user.properties.insert("nick".to_owned(), nick.into());
    user
}

/// Ann, Ben and a guest without anything, who have a column `nick`.
async fn with_nicks(scratch: &dyn Scratch) -> Arc<dyn Storage> {
    let storage = scratch.open().await;
    let changes = vec![
        add_column(USERS, Column::new("nick", ColumnType::String)),
        insert(&called("ANN", "Annie")),
        insert(&called("BEN", "benny")),
        insert(&guest("G")),
    ];
    done(storage.apply(changes).await);
    storage
}

async fn who(storage: &dyn Storage, identity: &str) -> Option<String> {
    let account = done(storage.account_by_identity(identity).await);
    account.map(|account| account.user.id().to_string())
}

async fn described(storage: &dyn Storage, name: &str) -> Column {
    let catalogue = done(storage.catalogue().await);
    let users = catalogue.table(USERS).unwrap();
    users.column(name).unwrap().clone()
}

fn nick(user: &str, nick: &str) -> Change {
    Change::UpdateUser(update(user, [("nick", nick.into())]))
}

fn email(user: &str, email: &str) -> Change {
    Change::UpdateUser(update(user, [("email", email.into())]))
}

pub async fn users_are_found_by_the_column_that_is_the_identity(scratch: &dyn Scratch) {
    let storage = with_nicks(scratch).await;
    let storage = &*storage;
    assert_eq!(None, who(storage, "annie").await);
    done(storage.apply(vec![set_identity("nick")]).await);
    for spelling in ["Annie", "annie", "ANNIE"] {
        assert_eq!(Some("ANN"), who(storage, spelling).await.as_deref());
    }
    assert_eq!(Some("BEN"), who(storage, "BENNY").await.as_deref());
    for other in ["ann@example.com", "annie ", "ann%", ""] {
        assert_eq!(None, who(storage, other).await, "{other}");
    }
    // What is the identity already becomes nothing else.
    done(storage.apply(vec![set_identity("nick")]).await);
    assert_eq!(Some("ANN"), who(storage, "annie").await.as_deref());
    done(storage.apply(vec![set_identity("email")]).await);
    assert_eq!(None, who(storage, "annie").await);
    let ann = who(storage, "ann@EXAMPLE.com").await;
    assert_eq!(Some("ANN"), ann.as_deref());
}

pub async fn the_catalogue_says_which_column_it_is(scratch: &dyn Scratch) {
    let storage = with_nicks(scratch).await;
    let storage = &*storage;
    let what = async |name: &str| {
        let column = described(storage, name).await;
        (column.identity, column.required, column.unique)
    };
    assert_eq!((true, true, true), what("email").await);
    assert_eq!((false, false, false), what("nick").await);
    done(storage.apply(vec![set_identity("nick")]).await);
    assert_eq!((false, false, true), what("email").await);
    assert_eq!((true, true, true), what("nick").await);
    done(storage.apply(vec![set_identity("email")]).await);
    assert_eq!((true, true, true), what("email").await);
    assert_eq!((false, false, true), what("nick").await);
    storage.close().await;
    let storage = scratch.open().await;
    let catalogue = done(storage.catalogue().await);
    let users = catalogue.table(USERS).unwrap().columns.iter();
    let identities: Vec<_> = users.filter(|column| column.identity).collect();
    assert_eq!(1, identities.len(), "{identities:?}");
    assert_eq!("email", identities[0].name);
}

pub async fn the_new_identity_can_be_taken_once(scratch: &dyn Scratch) {
    let storage = with_nicks(scratch).await;
    done(storage.apply(vec![set_identity("nick")]).await);
    let taken = &Constraint::Identity;
    let eve = insert(&called("EVE", "ANNIE"));
    assert_conflict(taken, storage.apply(vec![eve]).await);
    assert_conflict(taken, storage.apply(vec![nick("BEN", "aNNie")]).await);
    let update = Change::UpdateRecord(RecordUpdate {
        table: USERS.to_owned(),
        id: id("BEN"),
        assignments: vec![("nick".to_owned(), Assignment::Value("annie".into()))],
        at: at(1),
        visibility: Visibility::Everything,
    });
    assert_conflict(taken, storage.apply(vec![update]).await);
    let own = vec![nick("ANN", "ANNIE"), nick("BEN", "Annié")];
    done(storage.apply(own).await);
    assert_eq!(Some("BEN"), who(&*storage, "ANNIé").await.as_deref());
}

pub async fn what_was_the_identity_stays_unique(scratch: &dyn Scratch) {
    let storage = with_nicks(scratch).await;
    done(storage.apply(vec![set_identity("nick")]).await);
    let unique = |column: &str| Constraint::Unique {
        table: USERS.to_owned(),
        column: column.to_owned(),
    };
    let taken = storage.apply(vec![email("BEN", "ANN@EXAMPLE.COM")]).await;
    assert_conflict(&unique("email"), taken);
    done(storage.apply(vec![set_identity("email")]).await);
    let taken = storage.apply(vec![nick("BEN", "Annie")]).await;
    assert_conflict(&unique("nick"), taken);
    // Nobody logs in with it: its texts are what those of other columns are.
    done(storage.apply(vec![nick("BEN", "annie")]).await);
    let taken = storage.apply(vec![set_identity("nick")]).await;
    assert_conflict(&Constraint::Identity, taken);
}

pub async fn a_column_in_which_two_users_are_the_same_is_refused(scratch: &dyn Scratch) {
    for second in ["Annie", "aNNIE"] {
        let storage = with_nicks(scratch).await;
        done(storage.apply(vec![nick("BEN", second)]).await);
        let taken = storage.apply(vec![set_identity("nick")]).await;
        assert_conflict(&Constraint::Identity, taken);
        assert!(described(&*storage, "email").await.identity);
        assert!(!described(&*storage, "nick").await.identity);
        let ann = who(&*storage, "ann@example.com").await;
        assert_eq!(Some("ANN"), ann.as_deref());
        let undo = vec![
            Change::RemoveUser { id: id("ANN") },
            Change::RemoveUser { id: id("BEN") },
            Change::RemoveUser { id: id("G") },
            drop_column(USERS, "nick"),
        ];
        done(storage.apply(undo).await);
        storage.close().await;
    }
}

pub async fn that_everybody_has_a_value(scratch: &dyn Scratch) {
    let storage = with_nicks(scratch).await;
    let has = |column: &str| Precondition::EveryUserHas(column.to_owned());
    let require = |column: &str| vec![Change::Require(has(column))];
    done(storage.apply(require("nick")).await);
    done(storage.apply(require("email")).await);
    assert_refused(&has("name"), storage.apply(require("name")).await);
    done(storage.apply(vec![nick("ANN", "")]).await);
    assert_refused(&has("nick"), storage.apply(require("nick")).await);
    let nothing = update("ANN", [("nick", Value::Null)]);
    done(storage.apply(vec![Change::UpdateUser(nothing)]).await);
    assert_refused(&has("nick"), storage.apply(require("nick")).await);
}

pub async fn any_number_of_guests_have_no_identity(scratch: &dyn Scratch) {
    let storage = with_nicks(scratch).await;
    done(storage.apply(vec![set_identity("nick")]).await);
    let more = vec![insert(&guest("H")), insert(&guest("I"))];
    done(storage.apply(more).await);
    let guest = user(&*storage, "H").await.unwrap();
    assert!(guest.properties["nick"].is_null());
}

pub async fn what_cannot_be_the_identity_is_refused(scratch: &dyn Scratch) {
    let storage = with_nicks(scratch).await;
    let int = add_column(USERS, Column::new("age", ColumnType::Int));
    done(storage.apply(vec![int]).await);
    for column in [
        "Nick",
        "nothing",
        "password",
        "objectId",
        "ownerId",
        "userStatus",
        "x'\"; --",
    ] {
        let unknown = |result| match result {
            Err(StorageError::UnknownColumn { table, column: it }) => {
                assert_eq!((USERS, column), (&*table, &*it));
            }
            other => panic!("{column}: {other:?}"),
        };
        unknown(storage.apply(vec![set_identity(column)]).await);
        let has = Precondition::EveryUserHas(column.to_owned());
        unknown(storage.apply(vec![Change::Require(has)]).await);
    }
    let refused = storage.apply(vec![set_identity("age")]).await;
    assert!(
        matches!(refused, Err(StorageError::WrongType { .. })),
        "{refused:?}"
    );
}

pub async fn the_identity_cannot_be_removed(scratch: &dyn Scratch) {
    let storage = with_nicks(scratch).await;
    done(storage.apply(vec![set_identity("nick")]).await);
    for changes in [
        vec![drop_column(USERS, "nick")],
        vec![
            set_identity("email"),
            set_identity("nick"),
            drop_column(USERS, "nick"),
        ],
    ] {
        let refused = storage.apply(changes).await;
        assert!(
            matches!(refused, Err(StorageError::SchemaChanged)),
            "{refused:?}"
        );
    }
    assert_eq!(Some("ANN"), who(&*storage, "annie").await.as_deref());
    let changes = vec![set_identity("email"), drop_column(USERS, "nick")];
    done(storage.apply(changes).await);
    let ann = user(&*storage, "ANN").await.unwrap();
    assert!(!ann.properties.contains_key("nick"));
}

pub async fn clauses_compare_the_identity_whatever_the_case(scratch: &dyn Scratch) {
    let storage = with_nicks(scratch).await;
    let storage = &*storage;
    let those = async |condition| those_of(storage, USERS, condition).await;
    let one_of = || {
        let nicks = vec!["ANNIE".into(), "BENNY".into()];
        Condition::In(column("nick"), nicks)
    };
    assert!(those(equal("nick", "ANNIE")).await.is_empty());
    assert!(those(one_of()).await.is_empty());
    done(storage.apply(vec![set_identity("nick")]).await);
    assert_eq!(["ANN"], *those(equal("nick", "ANNIE")).await);
    assert_eq!(["ANN", "BEN"], *those(one_of()).await);
    let different = compare(column("nick"), Comparison::NotEqual, "annie");
    assert_eq!(["BEN"], *those(different).await);
    let after = compare(column("nick"), Comparison::Less, "B");
    assert_eq!(["ANN"], *those(after).await);
    let email = equal("email", "BEN@EXAMPLE.COM");
    assert_eq!(["BEN"], *those(email).await, "it goes on being an address");
    let query = CountQuery {
        table: USERS.to_owned(),
        condition: None,
        distinct: vec![column("nick")],
        visibility: Visibility::Everything,
    };
    assert_eq!(
        3,
        done(storage.count(&query).await),
        "of a guest it is null"
    );
}
