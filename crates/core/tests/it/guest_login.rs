//! What a guest is made of: columns that every user must have, and nothing that makes a user.

use std::collections::BTreeSet;

use vestibule::prelude::*;
use vestibule_model::{Column, ColumnType, Profile};
use vestibule_testkit::{TestKit, TestKitBuilder};

/// Makes columns of `Users` as the operator would.
async fn with_columns(builder: TestKitBuilder, columns: Vec<Column>) -> TestKit {
    let kit = builder.start().await;
    for column in columns {
        kit.engine().add_column("Users", column).await.unwrap();
    }
    kit
}

fn required(name: &str, column_type: ColumnType) -> Column {
    Column {
        required: true,
        ..Column::new(name, column_type)
    }
}

fn unique(name: &str, column_type: ColumnType) -> Column {
    Column {
        unique: true,
        ..required(name, column_type)
    }
}

async fn come_in(kit: &TestKit) -> Result<User> {
    let login = kit.anonymous().submit(LoginAsGuest::default()).await?;
    let stored = kit.storage().user(login.user.id()).await?;
    assert_eq!(
        Some(&login.user.properties),
        stored.as_ref().map(|user| &user.properties),
        "what handlers see is what was stored"
    );
    Ok(login.user)
}

fn of<'u>(user: &'u User, column: &str) -> &'u Value {
    &user.properties[column]
}

#[tokio::test]
async fn required_columns_get_a_random_value_of_their_type() {
    let mut columns: Vec<_> = ColumnType::ALL
        .into_iter()
        .map(|column_type| required(&format!("any{}", column_type.as_str()), column_type))
        .collect();
    columns.push(Column {
        size: Some(3),
        ..required("short", ColumnType::String)
    });
    columns.push(Column {
        required: false,
        ..required("free", ColumnType::String)
    });
    columns.push(Column {
        default: Some(Value::from("bronze")),
        ..required("level", ColumnType::String)
    });
    let kit = with_columns(TestKit::bare(), columns).await;
    let (first, second) = (come_in(&kit).await.unwrap(), come_in(&kit).await.unwrap());
    for guest in [&first, &second] {
        assert_eq!(26, of(guest, "anySTRING").as_text().unwrap().len());
        assert_eq!(26, of(guest, "anyTEXT").as_text().unwrap().len());
        let id = of(guest, "anySTRING_ID").as_text().unwrap();
        assert!(ObjectId::parse(id).is_ok() && id.len() == 36, "{id}");
        assert!(of(guest, "anyINT").as_integer().unwrap() >= 0);
        let Value::Double(double) = of(guest, "anyDOUBLE") else {
            panic!("{guest:?}");
        };
        assert!((0.0..1.0).contains(double));
        assert!(matches!(of(guest, "anyBOOLEAN"), Value::Boolean(_)));
        assert!(of(guest, "anyDATETIME").as_integer().unwrap() >= 0);
        assert!(matches!(of(guest, "anyJSON"), Value::Json(_)));
        assert_eq!(3, of(guest, "short").as_text().unwrap().len());
        assert_eq!(&Value::Null, of(guest, "free"), "nobody asked for it");
        assert_eq!(&Value::from("bronze"), of(guest, "level"), "the default");
        assert_eq!((None, None), (guest.email(), guest.name()));
        assert_eq!(UserStatus::Guest, guest.status);
    }
    for column in ["anySTRING", "anyTEXT", "anySTRING_ID", "anyINT", "anyJSON"] {
        assert_ne!(of(&first, column), of(&second, column), "{column}");
    }
}

#[tokio::test]
async fn unique_columns_stay_unique() {
    let columns = [
        ColumnType::String,
        ColumnType::StringId,
        ColumnType::Int,
        ColumnType::Double,
        ColumnType::DateTime,
    ];
    let names = columns.map(|column_type| format!("any{}", column_type.as_str()));
    let columns = columns.iter().zip(&names);
    let columns = columns.map(|(column_type, name)| unique(name, *column_type));
    let kit = with_columns(TestKit::bare(), columns.collect()).await;
    let mut seen = vec![BTreeSet::new(); names.len()];
    for _ in 0..50 {
        let guest = come_in(&kit).await.unwrap();
        for (seen, name) in seen.iter_mut().zip(&names) {
            assert!(seen.insert(format!("{:?}", of(&guest, name))), "{name}");
        }
    }
}

#[tokio::test]
async fn a_small_unique_column_is_used_to_the_last_value_and_then_says_so() {
    let letter = Column {
        size: Some(1),
        ..unique("letter", ColumnType::String)
    };
    let kit = with_columns(TestKit::bare(), vec![letter]).await;
    let mut seen = BTreeSet::new();
    for _ in 0..32 {
        let guest = come_in(&kit).await.unwrap();
        seen.insert(of(&guest, "letter").as_text().unwrap().to_owned());
    }
    assert_eq!(32, seen.len());
    let error = come_in(&kit).await.unwrap_err();
    assert_eq!(1155, error.code().number());
    for part in ["'letter'", "not required"] {
        assert!(error.message().contains(part), "{error}");
    }
    let all = Count::new("Users", Query::new());
    assert_eq!(32, kit.code_runner().submit(all).await.unwrap());

    let kit = with_columns(TestKit::bare(), vec![unique("side", ColumnType::Boolean)]).await;
    let (first, second) = (come_in(&kit).await.unwrap(), come_in(&kit).await.unwrap());
    assert_ne!(of(&first, "side"), of(&second, "side"));
    assert!(come_in(&kit).await.is_err());
}

#[tokio::test]
async fn guests_at_once_share_no_value() {
    let letter = Column {
        size: Some(1),
        ..unique("letter", ColumnType::String)
    };
    let kit = with_columns(TestKit::bare(), vec![letter]).await;
    let guests = futures_of(&kit, 16).await;
    let letters: BTreeSet<_> = guests
        .iter()
        .map(|guest| of(guest, "letter").as_text().unwrap())
        .collect();
    assert_eq!(16, letters.len());
}

async fn futures_of(kit: &TestKit, number: usize) -> Vec<User> {
    let all = (0..number).map(|_| come_in(kit));
    let outcomes = futures::future::join_all(all).await;
    outcomes.into_iter().map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_column_that_is_required_later_works_for_new_guests_and_leaves_old_ones() {
    let kit = TestKit::bare().start().await;
    let before = come_in(&kit).await.unwrap();
    let code = unique("code", ColumnType::String);
    kit.engine().add_column("Users", code).await.unwrap();
    let after = come_in(&kit).await.unwrap();
    assert!(of(&after, "code").as_text().is_some());
    let before = kit.storage().user(before.id()).await.unwrap().unwrap();
    assert_eq!(&Value::Null, of(&before, "code"));
    let ann = Register::with("ann@example.com", "secret");
    let error = kit.anonymous().submit(ann).await.unwrap_err();
    assert_eq!(
        3012,
        error.code().number(),
        "who registers has to fill it in"
    );
}

#[tokio::test]
async fn relations_of_a_guest_stay_empty() {
    let kit = crate::shop::open(TestKit::bare()).start().await;
    let guest = come_in(&kit).await.unwrap();
    let query = Query::new().load("customers");
    let me = FindById::new("Users", guest.id().clone(), query);
    let me = kit.code_runner().submit(me).await.unwrap();
    assert!(crate::shop::many(&me, "customers").is_empty());
}

/// Sets what the header `x-set` says, as `column=text`, one after the other.
#[before(collect = false)]
async fn set(event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    let pairs = ctx.call().headers.get("x-set").unwrap_or_default();
    for (name, text) in pairs.split(';').filter_map(|pair| pair.split_once('=')) {
        event.properties.insert(name.to_owned(), Value::from(text));
    }
    Ok(Flow::Continue)
}

async fn come_in_with(kit: &TestKit, pairs: &str) -> Result<User> {
    let visitor = kit.anonymous().with_header("x-set", pairs);
    Ok(visitor.submit(LoginAsGuest::default()).await?.user)
}

#[tokio::test]
async fn validators_bind_no_guest_but_the_type_and_the_size_do() {
    let code = Column {
        validator: Some("^[0-9]+$".to_owned()),
        size: Some(5),
        ..required("code", ColumnType::String)
    };
    let columns = vec![code, Column::new("age", ColumnType::Int)];
    let kit = with_columns(TestKit::with::<set>(), columns).await;
    let guest = come_in_with(&kit, "code=abc").await.unwrap();
    assert_eq!(&Value::from("abc"), of(&guest, "code"));
    let guest = come_in_with(&kit, "code=").await.unwrap();
    assert_eq!(5, of(&guest, "code").as_text().unwrap().len());
    for (pairs, code) in [("code=abcdef", 8000), ("age=old", 3049)] {
        let error = come_in_with(&kit, pairs).await.unwrap_err();
        assert_eq!(code, error.code().number(), "{pairs}");
    }
}

#[tokio::test]
async fn what_makes_a_user_is_ignored() {
    let kit = TestKit::with::<set>().start().await;
    kit.register("ann@example.com").await;
    let pairs = "email=ann@example.com;name=Ann;password=secret;userStatus=ENABLED;objectId=mine;\
                 ownerId=somebody;unknown=x";
    let guest = come_in_with(&kit, pairs).await.unwrap();
    assert_eq!((None, None), (guest.email(), guest.name()));
    assert_eq!(
        (UserStatus::Guest, Some(guest.id())),
        (guest.status, guest.owner_id.as_ref())
    );
    assert_ne!("mine", guest.id().as_str());
    assert!(!guest.properties.contains_key("unknown"));
    let pairs = "email=ben@example.com;password=secret";
    come_in_with(&kit, pairs).await.unwrap();
    let login = Login::new("ben@example.com", "secret");
    let error = kit.anonymous().submit(login).await.unwrap_err();
    assert_eq!(3003, error.code().number());
    kit.register("ben@example.com").await;
}

#[tokio::test]
async fn with_a_dynamic_schema_a_handler_makes_columns_as_a_registration_does() {
    let kit = TestKit::with::<set>()
        .profile(Profile::Backendless)
        .start()
        .await;
    let guest = come_in_with(&kit, "campaign=spring").await.unwrap();
    assert_eq!(&Value::from("spring"), of(&guest, "campaign"));
    let stored = kit.storage().user(guest.id()).await.unwrap().unwrap();
    assert_eq!(&Value::from("spring"), of(&stored, "campaign"));
}

#[tokio::test]
async fn a_value_of_a_handler_that_somebody_has_is_refused_and_not_replaced() {
    let kit = with_columns(
        TestKit::with::<set>(),
        vec![unique("code", ColumnType::String)],
    )
    .await;
    come_in_with(&kit, "code=one").await.unwrap();
    let error = come_in_with(&kit, "code=one").await.unwrap_err();
    assert_eq!(1155, error.code().number());
    assert!(error.message().contains("another user"), "{error}");
    come_in_with(&kit, "code=two").await.unwrap();
}

#[after(collect = false)]
async fn bring_a_friend(
    _event: &Logout,
    outcome: Outcome<Logout>,
    ctx: &Context,
) -> Outcome<Logout> {
    outcome?;
    let friend = record! { "campaign" => "friends", "email" => "x@example.com" };
    let friend = ctx.cloud().login_as_guest_with(friend).await?.user;
    ctx.response()
        .set_header("x-friend", friend.id().as_str())?;
    Ok(())
}

#[tokio::test]
async fn server_code_makes_a_guest_with_properties() {
    let columns = vec![Column::new("campaign", ColumnType::String)];
    let kit = with_columns(TestKit::with::<bring_a_friend>(), columns).await;
    let reply = kit.guest().await.reply(Logout::default()).await;
    let (_, friend) = reply.response.headers.first().unwrap();
    let friend = ObjectId::parse(friend).unwrap();
    let friend = kit.storage().user(&friend).await.unwrap().unwrap();
    assert_eq!(
        (true, None, &Value::from("friends")),
        (friend.is_guest(), friend.email(), of(&friend, "campaign"))
    );
}
