//! What a plan may say, and what comes of it.

use std::sync::atomic::{AtomicU32, Ordering};

use vestibule::prelude::*;
use vestibule_testkit::TestKit;

use super::{
    Cart, Line, Order, Planner, Script, Users, convert, kit_that_plans, load, make, relate, shop,
    stock, take_all,
};
use crate::shop::{many, refused};

#[tokio::test]
async fn a_plan_changes_moves_and_removes_in_one_step() {
    fn plan(conflict: &GuestConflict) -> MergePlan {
        let id = |text: &str| ObjectId::parse(text).unwrap();
        MergePlan::new()
            .take_everything(conflict.outlook())
            .keep_existing_on("cart")
            .move_links("Cart", "lines", &id("theirs"), &id("ours"))
            .update("Cart", &id("ours"), record! { "note" => "merged" })
            .update("Users", conflict.existing().id(), record! { "points" => 9 })
            .remove("Cart", &id("theirs"))
    }
    let kit = kit_that_plans(plan).await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    for (cart, owner) in [("ours", &ann), ("theirs", &guest)] {
        let cart = record! { "objectId" => cart };
        let cart = make(&kit.code_runner(), "Cart", cart).await;
        let line = make(owner, "Line", record! { "product" => cart.id().as_str() }).await;
        relate(&kit, ("Cart", cart.id()), "lines", line.id()).await;
        relate(&kit, ("Users", owner.id()), "cart", cart.id()).await;
    }
    let user = convert(&guest, "secret").await.unwrap();
    assert_eq!(Some(&Value::from(9)), user.properties.get("points"));
    let ours = load(&kit, "Cart", &ObjectId::parse("ours").unwrap(), &["lines"]).await;
    assert_eq!(2, many(&ours, "lines").len());
    assert_eq!(Some("merged"), ours.get("note").as_text());
    let theirs = FindById::new("Cart", ObjectId::parse("theirs").unwrap(), Query::new());
    refused(1000, kit.code_runner().submit(theirs).await);
}

#[tokio::test]
async fn nobody_becomes_a_friend_of_itself() {
    let kit = kit_that_plans(take_all).await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    kit.register("bob@example.com").await;
    let bob = kit.log_in("bob@example.com").await;
    relate(&kit, ("Users", guest.id()), "friends", ann.id()).await;
    relate(&kit, ("Users", ann.id()), "friends", guest.id()).await;
    relate(&kit, ("Users", guest.id()), "friends", bob.id()).await;
    relate(&kit, ("Users", bob.id()), "friends", guest.id()).await;
    convert(&guest, "secret").await.unwrap();
    let friends = async |id: &ObjectId| {
        let user = load(&kit, "Users", id, &["friends"]).await;
        crate::shop::sorted(many(&user, "friends"))
    };
    assert_eq!(vec![bob.id().to_string()], friends(ann.id()).await);
    assert_eq!(vec![ann.id().to_string()], friends(bob.id()).await);
}

#[tokio::test]
async fn a_mistake_in_a_plan_merges_nothing_and_is_named_in_the_log() {
    let plans: [(Planner, &str); 10] = [
        (|_| MergePlan::new().take_relation("carts"), "'carts'"),
        (|_| MergePlan::new().keep_existing_on("carts"), "'carts'"),
        (|_| MergePlan::new().take_owned_rows("Nothing"), "'Nothing'"),
        (
            |_| MergePlan::new().take_references("Cart", "lines"),
            "does not lead to users",
        ),
        (
            |it| MergePlan::new().remove("Users", it.guest().id()),
            "removes a user",
        ),
        (
            |it| MergePlan::new().update("Users", it.guest().id(), record! { "points" => 1 }),
            "not the existing one",
        ),
        (
            |it| MergePlan::new().update("Cart", it.guest().id(), record! { "nots" => "x" }),
            "'nots'",
        ),
        (
            |it| MergePlan::new().update("Cart", it.guest().id(), record! { "note" => 7 }),
            "does not fit",
        ),
        (
            |it| MergePlan::new().take_everything(it.outlook()),
            "keep_existing_on(\"cart\")",
        ),
        (
            |it| {
                (0..1001).fold(MergePlan::new(), |plan, _| {
                    plan.remove("Cart", it.guest().id())
                })
            },
            "1000 are allowed",
        ),
    ];
    let kit = shop().start().await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    stock(&kit, &ann).await;
    stock(&kit, &guest).await;
    let before = kit.storage().user(guest.id()).await.unwrap();
    for (plan, named) in plans {
        *kit.state::<Script>().plan.lock().unwrap() = Some(plan);
        let error = convert(&guest, "secret").await.unwrap_err();
        assert!(error.is_internal(), "{named}: {error:?}");
        assert!(error.log().contains(named), "{named}: {}", error.log());
        assert!(error.log().contains("::resolve"), "{}", error.log());
    }
    assert_eq!(before, kit.storage().user(guest.id()).await.unwrap());
    assert!(ann.is_alive().await && guest.is_alive().await);
}

/// Changes a record between the handler's look at it and the merge, so often.
#[derive(Default)]
struct Meddle(AtomicU32);

#[before(collect = false)]
async fn plan_by_what_it_read(
    event: &mut GuestConflict,
    ctx: &Context,
) -> Result<Flow<GuestConflict>> {
    let carts = ctx.cloud().data("Cart");
    let cart = carts.find(Query::new()).await?.remove(0);
    let times = ctx.state::<Meddle>();
    if times.0.load(Ordering::Relaxed) > 0 {
        times.0.fetch_sub(1, Ordering::Relaxed);
        carts
            .update(cart.id(), record! { "note" => "changed" })
            .await?;
    }
    let plan = MergePlan::new()
        .take_everything(event.outlook())
        .while_unchanged(&cart);
    Ok(Flow::Respond(plan))
}

#[tokio::test]
async fn a_plan_made_of_what_has_changed_since_is_made_anew() {
    let kit = TestKit::with::<plan_by_what_it_read>()
        .schema(&[Users, Cart, Line, Order])
        .start()
        .await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    make(&ann, "Cart", record! {}).await;
    kit.state::<Meddle>().0.store(2, Ordering::Relaxed);
    convert(&guest, "secret").await.unwrap();

    let guest = kit.guest().await;
    kit.state::<Meddle>().0.store(1000, Ordering::Relaxed);
    let error = convert(&guest, "secret").await.unwrap_err();
    assert_eq!(Some(503), error.chosen_status());
    assert!(guest.is_alive().await);
}

mod with_a_phone {
    use vestibule::table;
    use vestibule_testkit::TestKitBuilder;

    table! {
        collect = false;
        Users { phone: String(unique) }
    }

    pub(super) fn users(builder: TestKitBuilder) -> TestKitBuilder {
        builder.schema(&[Users])
    }
}

#[tokio::test]
async fn whoever_has_the_identity_and_a_unique_value_is_the_same_user() {
    let kit = with_a_phone::users(TestKit::with::<super::resolve>())
        .start()
        .await;
    let ann = record! { "email" => "ann@example.com", "password" => "secret", "phone" => "1" };
    kit.anonymous()
        .submit(Register::new(ann.clone()))
        .await
        .unwrap();
    let guest = kit.guest().await;
    let event = ConvertGuest::new(guest.id().clone(), ann);
    refused(3033, guest.submit(event.clone()).await);
    *kit.state::<Script>().plan.lock().unwrap() = Some(|_| MergePlan::new());
    let user = guest.submit(event).await.unwrap();
    assert_eq!(Some("ann@example.com"), user.email());
}

#[tokio::test]
async fn a_plan_about_a_record_that_is_not_there_says_which_one() {
    let kit = kit_that_plans(|it| {
        MergePlan::new().update("Cart", it.guest().id(), record! { "note" => "x" })
    })
    .await;
    let (_ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    let error = convert(&guest, "secret").await.unwrap_err();
    let named = format!("::resolve is about 'Cart' {}", guest.id());
    assert!(error.log().contains(&named), "{}", error.log());
    assert!(guest.is_alive().await);
}

/// Gives the guest a first row of a table while its conflict is looked at.
#[before(collect = false)]
async fn take_all_but_come_late(
    event: &mut GuestConflict,
    ctx: &Context,
) -> Result<Flow<GuestConflict>> {
    if event.outlook().owned.is_empty() {
        let row = record! { "note" => "late", "ownerId" => event.guest().id().as_str() };
        ctx.cloud().data("Cart").create(row).await?;
    }
    Ok(Flow::Respond(take_all(event)))
}

#[tokio::test]
async fn what_the_guest_makes_while_it_is_merged_is_taken_too() {
    let kit = TestKit::with::<take_all_but_come_late>()
        .schema(&[Users, Cart, Line, Order])
        .start()
        .await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    convert(&guest, "secret").await.unwrap();
    let find = Find::new("Cart", Query::new());
    let carts = kit.code_runner().submit(find).await.unwrap();
    let owner = |row: &Row| row.record().and_then(Record::owner_id).map(str::to_owned);
    let owners: Vec<_> = carts.iter().map(owner).collect();
    assert_eq!(vec![Some(ann.id().to_string())], owners);
}
