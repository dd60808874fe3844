//! The schema in code: what `table!` declares is there after the start.

use std::time::Duration;

use vestibule::{TableDeclaration, prelude::*};
use vestibule_core::SchemaPlan;
use vestibule_model::{Actor, Cardinality, Catalogue, Column, ColumnType, Table};
use vestibule_testkit::TestKit;

/// The same table as declared by different crates.
mod shop {
    use vestibule::prelude::*;

    table! {
        collect = false;
        /// What somebody is about to buy.
        pub Cart {
            items: Int = 0,
            code: String(size = 40, unique, validator = "^[A-Z]+$"),
            note: Text,
            paid: Boolean(required, indexed) = false,
            discount: Double = -0.5,
            greeting: String = "hello",
            at: DateTime(indexed),
            extra: Json,
            lines -> [CartLine],
            owner -> Users
        }
    }

    table! { collect = false; pub CartLine { cart -> Cart, next -> CartLine } }
    table! { collect = false; pub Users { nickname: String(size = 80), cart -> Cart } }
    table! { collect = false; pub Empty {} }
}

mod printer {
    use vestibule::prelude::*;

    table! { collect = false; pub Cart { items: Int = 0, printed: Boolean } }
}

mod contrarian {
    use vestibule::prelude::*;

    table! { collect = false; pub Cart { items: String } }
    table! { collect = false; pub Relating { lines -> [Users] } }
    table! { collect = false; pub CART { x: Int } }
    table! { collect = false; pub Lost { x -> Nowhere } }
    table! { collect = false; pub Users { email: String } }
    table! { collect = false; pub Broken { x: String(validator = "[") } }
    table! { collect = false; pub Unfit { x: String(size = 2) = "abc" } }
}

fn users() -> Catalogue {
    let mut users = Table::new("Users");
    users.columns.push(Column {
        system: true,
        identity: true,
        ..Column::new("email", ColumnType::String)
    });
    Catalogue {
        tables: vec![users],
    }
}

#[tokio::test]
async fn declared_tables_are_there_after_the_start_however_they_relate() {
    let declared = [shop::Cart, shop::CartLine, shop::Users, shop::Empty];
    let kit = TestKit::bare().schema(&declared).start().await;
    let catalogue = kit.engine().catalogue().await.unwrap();
    let cart = catalogue.table("Cart").unwrap();
    let code = Column {
        size: Some(40),
        unique: true,
        validator: Some("^[A-Z]+$".to_owned()),
        ..Column::new("code", ColumnType::String)
    };
    assert_eq!(Some(&code), cart.column("code"));
    let paid = cart.column("paid").unwrap();
    assert!(paid.required && paid.indexed);
    assert_eq!(Some(Value::from(false)), paid.default);
    let default = |name: &str| cart.column(name).unwrap().default.clone();
    assert_eq!(Some(Value::from(0)), default("items"));
    assert_eq!(Some(Value::from(-0.5)), default("discount"));
    assert_eq!(Some(Value::from("hello")), default("greeting"));
    assert_eq!(
        Cardinality::OneToMany,
        cart.relation("lines").unwrap().cardinality
    );
    assert_eq!(
        Cardinality::OneToOne,
        cart.relation("owner").unwrap().cardinality
    );
    assert_eq!(4, catalogue.table("Empty").unwrap().columns.len());
    let users = catalogue.table("Users").unwrap();
    assert_eq!(Some(80), users.column("nickname").unwrap().size);
    assert!(users.column("email").is_some());
}

#[tokio::test]
async fn a_second_start_adds_nothing_and_each_addition_is_in_the_audit_trail() {
    let declared = [shop::Cart, shop::CartLine, shop::Users];
    let kit = TestKit::bare().schema(&declared).start().await;
    let before = kit.engine().catalogue().await.unwrap();
    let kit = kit.restart(Duration::ZERO).await;
    assert_eq!(before, kit.engine().catalogue().await.unwrap());
    let trail = kit.storage().audit(0, 1000).await.unwrap();
    let by_code = |action: &str, path: &str| {
        let by = Actor::Handler(path.to_owned());
        let records = trail.iter();
        records
            .filter(|record| record.action == action && record.actor == by)
            .count()
    };
    assert_eq!(
        1,
        by_code("createTable Cart", "it::schema_declared::shop::Cart")
    );
    assert_eq!(
        1,
        by_code("addColumn Cart.items", "it::schema_declared::shop::Cart")
    );
    assert_eq!(
        1,
        by_code(
            "addColumn Users.nickname",
            "it::schema_declared::shop::Users"
        )
    );
}

#[tokio::test]
async fn two_crates_may_declare_one_table_alike_and_each_adds_its_own() {
    let declared = [shop::Cart, printer::Cart, shop::CartLine];
    let kit = TestKit::bare().schema(&declared).start().await;
    let catalogue = kit.engine().catalogue().await.unwrap();
    assert!(catalogue.table("Cart").unwrap().column("printed").is_some());
    let plan = SchemaPlan::of(&users(), &declared).unwrap();
    let asking = |name: &str| plan.asking_for_column("Cart", name).count();
    assert_eq!(
        (2, 1, 1),
        (asking("items"), asking("printed"), asking("lines"))
    );
}

/// The operator's text of the refusal of these declarations.
#[track_caller]
fn contradiction(catalogue: &Catalogue, declared: &[TableDeclaration], texts: &[&str]) {
    let log = SchemaPlan::of(catalogue, declared).unwrap_err().log();
    for text in texts {
        assert!(log.contains(text), "{text:?} is not in {log:?}");
    }
}

#[test]
fn a_contradiction_between_two_declarations_names_both_places() {
    let declared = [shop::Cart, shop::CartLine, contrarian::Cart];
    let (one, other) = (shop::Cart.place(), contrarian::Cart.place());
    let texts = [
        "'items'",
        "'Cart'",
        "INT",
        "STRING",
        &one,
        &other,
        "change one of them",
    ];
    contradiction(&users(), &declared, &texts);
}

#[test]
fn a_contradiction_to_the_database_names_the_place_and_the_database() {
    let column = |name: &str, column_type| {
        let mut cart = Table::new("Cart");
        cart.columns.push(Column::new(name, column_type));
        let mut catalogue = users();
        catalogue.tables.push(cart);
        catalogue
    };
    let declared = [shop::Cart, shop::CartLine];
    let place = shop::Cart.place();
    for (name, column_type, text) in [
        ("items", ColumnType::Boolean, "BOOLEAN"),
        ("code", ColumnType::String, "of at most 500 characters"),
        ("lines", ColumnType::Int, "INT"),
    ] {
        let catalogue = column(name, column_type);
        contradiction(&catalogue, &declared, &[name, text, &place, "the database"]);
    }
    contradiction(
        &users(),
        &[contrarian::Users],
        &["'email'", "Vestibule's own"],
    );
}

#[test]
fn a_whole_number_column_that_became_one_with_fractions_is_as_declared() {
    let mut cart = Table::new("Cart");
    cart.columns.push(Column {
        default: Some(Value::from(0.0)),
        ..Column::new("items", ColumnType::Double)
    });
    let catalogue = Catalogue { tables: vec![cart] };
    let plan = SchemaPlan::of(&catalogue, &[printer::Cart]).unwrap();
    assert!(!plan.adds_column("Cart", "items"));
    assert!(plan.adds_column("Cart", "printed"));
}

#[test]
fn a_declaration_of_what_cannot_be_is_refused_with_its_place() {
    for (declared, text) in [
        (
            vec![shop::Cart, shop::CartLine, contrarian::CART],
            "'Cart' already",
        ),
        (vec![contrarian::Lost], "'Nowhere'"),
        (vec![contrarian::Broken], "'x'"),
        (vec![contrarian::Unfit], "default"),
    ] {
        let place = declared.last().unwrap().place();
        contradiction(&users(), &declared, &[text, &place]);
    }
    let relating = [contrarian::Relating, contrarian::Relating];
    assert!(SchemaPlan::of(&users(), &relating).is_ok());
}

#[tokio::test]
#[should_panic(expected = "the database")]
async fn a_start_against_the_database_is_refused() {
    let kit = TestKit::bare().start().await;
    kit.engine().create_table("Cart").await.unwrap();
    let items = Column::new("items", ColumnType::Boolean);
    kit.engine().add_column("Cart", items).await.unwrap();
    let engine = vestibule_core::Engine::builder(std::sync::Arc::clone(kit.storage()));
    let started = engine.schema(&[printer::Cart]).start().await;
    panic!("{}", started.unwrap_err().log());
}
