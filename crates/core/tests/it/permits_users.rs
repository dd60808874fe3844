//! What permissions make of the operations of the user service, and of the rows of users.

use serde_json::json;
use vestibule::prelude::*;
use vestibule_model::{
    PermissionOperation,
    PermissionOperation::{Add, Find as FIND, Remove as REMOVE, Update as UPDATE},
    Resource,
};
use vestibule_testkit::{Profile, TestClient, TestKit};

use crate::{
    permits_records::{say, users},
    records::props,
    shop::refused,
};

async fn open() -> TestKit {
    TestKit::bare().profile(Profile::Backendless).start().await
}

/// Says of calls in this role what they may do with the user service.
async fn service(kit: &TestKit, role: &str, operation: PermissionOperation, access: Access) {
    let grantee = Grantee::Role(role.to_owned());
    let said = kit
        .engine()
        .set_permission(grantee, Resource::Users, operation, Some(access));
    said.await.unwrap();
}

async fn rename(client: &TestClient<'_>, of: &ObjectId) -> Result<User> {
    let name = record! { "name" => "x" };
    client.submit(UpdateUser::new(of.clone(), name)).await
}

async fn rename_row(client: &TestClient<'_>, kit: &TestKit, of: &ObjectId) -> Result<Record> {
    let (request, name) = (client.request().await, record! { "name" => "x" });
    let reply = kit
        .engine()
        .update_record(request, "Users", of.clone(), name);
    reply.await.outcome
}

async fn remove_row(client: &TestClient<'_>, kit: &TestKit, of: &ObjectId) -> Result<Timestamp> {
    let request = client.request().await;
    let reply = kit.engine().remove_record(request, "Users", of.clone());
    reply.await.outcome
}

async fn create_row(client: &TestClient<'_>, kit: &TestKit, email: &str) -> Result<Record> {
    let sent = record! { "email" => email, "password" => "secret" };
    let request = client.request().await;
    let reply = kit.engine().create_record(request, "Users", sent);
    reply.await.outcome
}

async fn upsert_row(client: &TestClient<'_>, kit: &TestKit, of: &str) -> Result<Record> {
    let sent = record! { "objectId" => of, "name" => "x" };
    let request = client.request().await;
    let reply = kit.engine().upsert_record(request, "Users", sent);
    reply.await.outcome
}

#[tokio::test]
async fn what_the_user_service_denies_is_2000() {
    let kit = open().await;
    kit.register("ann@example.com").await;
    let guest = kit.guest().await;
    let nobody = "NotAuthenticatedUser";
    for operation in [
        PermissionOperation::Register,
        PermissionOperation::Login,
        PermissionOperation::LoginAsGuest,
    ] {
        service(&kit, nobody, operation, Access::Deny).await;
    }
    let anyone = kit.anonymous();
    refused(
        2000,
        anyone
            .submit(Register::with("b@example.com", "secret"))
            .await,
    );
    refused(2000, create_row(&anyone, &kit, "b@example.com").await);
    let row = vec![record! { "email" => "b@example.com", "password" => "secret" }];
    refused(2000, anyone.submit(BulkCreate::new("Users", row)).await);
    refused(
        2000,
        anyone.submit(Login::new("ann@example.com", "secret")).await,
    );
    refused(2000, anyone.submit(LoginAsGuest::default()).await);
    kit.code_runner()
        .submit(Login::new("ann@example.com", "secret"))
        .await
        .unwrap();

    service(
        &kit,
        "GuestUser",
        PermissionOperation::Register,
        Access::Deny,
    )
    .await;
    let sent = || record! { "email" => "g@example.com", "password" => "secret" };
    let convert = || ConvertGuest::new(guest.id().clone(), sent());
    refused(2000, guest.submit(convert()).await);
    service(
        &kit,
        "GuestUser",
        PermissionOperation::Register,
        Access::Grant,
    )
    .await;
    guest.submit(convert()).await.unwrap();
}

#[tokio::test]
async fn a_denial_of_updates_by_the_user_service_leaves_the_data_service_alone() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    service(&kit, "AuthenticatedUser", UPDATE, Access::Deny).await;
    refused(2000, rename(&ann, ann.id()).await);
    rename_row(&ann, &kit, ann.id()).await.unwrap();
    say(&kit, users(), "Users", &[UPDATE], Access::Deny).await;
    refused(1012, rename_row(&ann, &kit, ann.id()).await);
}

#[tokio::test]
async fn who_is_granted_updates_by_the_user_service_may_change_any_user_with_it() {
    let kit = TestKit::bare().start().await;
    let ann = kit.user("ann@example.com").await;
    let (ben, guest) = (kit.user("ben@example.com").await, kit.guest().await);
    refused(3029, rename(&ben, ann.id()).await);
    service(&kit, "AuthenticatedUser", UPDATE, Access::Grant).await;
    assert_eq!(Some("x"), rename(&ben, ann.id()).await.unwrap().name());
    refused(3029, rename(&guest, ann.id()).await);
    refused(3028, rename(&kit.anonymous(), ann.id()).await);
    refused(1000, rename_row(&ben, &kit, ann.id()).await);

    // What permissions say of the row itself comes first.
    say(&kit, users(), "Users", &[UPDATE], Access::Deny).await;
    refused(3029, rename(&ben, ann.id()).await);
    refused(3029, rename(&ben, ben.id()).await);
}

#[tokio::test]
async fn the_owner_policy_of_users_binds_every_door_to_them() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    let ben = kit.user("ben@example.com").await;
    say(&kit, users(), "Users", &[UPDATE, REMOVE], Access::Deny).await;
    say(
        &kit,
        Grantee::Owner,
        "Users",
        &[UPDATE, REMOVE],
        Access::Grant,
    )
    .await;
    refused(3029, rename(&ben, ann.id()).await);
    refused(1012, rename_row(&ben, &kit, ann.id()).await);
    refused(1012, upsert_row(&ben, &kit, ann.id().as_str()).await);
    refused(1014, remove_row(&ben, &kit, ann.id()).await);
    refused(1014, ben.submit(RemoveUser::new(ann.id().clone())).await);
    let update = BulkUpdate::new("Users", "name is null", record! { "name" => "x" });
    assert_eq!(1, ben.submit(update).await.unwrap());
    let remove = BulkRemove::new("Users", "email = 'ann@example.com'");
    assert_eq!(0, ben.submit(remove).await.unwrap());
    let rows = vec![record! { "objectId" => ann.id().as_str(), "name" => "y" }];
    refused(1012, ben.submit(BulkUpsert::new("Users", rows)).await);
    rename(&ben, ben.id()).await.unwrap();

    say(&kit, users(), "Users", &[FIND], Access::Deny).await;
    refused(1000, rename_row(&ben, &kit, ann.id()).await);
    refused(1000, remove_row(&ben, &kit, ann.id()).await);
    refused(3029, rename(&ben, ann.id()).await);
    say(&kit, Grantee::Owner, "Users", &[FIND], Access::Grant).await;
    rename_row(&ben, &kit, ben.id()).await.unwrap();
    remove_row(&ben, &kit, ben.id()).await.unwrap();
}

#[tokio::test]
async fn users_come_through_the_data_service_by_whom_the_table_grants_it() {
    let kit = TestKit::bare().start().await;
    let ann = kit.user("ann@example.com").await;
    for client in [&kit.anonymous(), &ann] {
        refused(1011, create_row(client, &kit, "b@example.com").await);
        refused(1134, upsert_row(client, &kit, ann.id().as_str()).await);
        let row = || record! { "email" => "b@example.com", "password" => "secret" };
        refused(
            1011,
            client.submit(BulkCreate::new("Users", vec![row()])).await,
        );
        refused(
            1134,
            client.submit(BulkUpsert::new("Users", vec![row()])).await,
        );
        refused(1011, client.submit(DeepSave::new("Users", row())).await);
    }
    create_row(&kit.code_runner(), &kit, "b@example.com")
        .await
        .unwrap();
    say(&kit, users(), "Users", &[Add], Access::Grant).await;
    create_row(&ann, &kit, "c@example.com").await.unwrap();
}

#[tokio::test]
async fn an_upsert_by_whoever_may_not_register_users_tells_nothing_of_hidden_ones() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    let ben = kit.user("ben@example.com").await;
    say(&kit, users(), "Users", &[Add, FIND], Access::Deny).await;
    say(&kit, Grantee::Owner, "Users", &[FIND], Access::Grant).await;
    for id in [ann.id().as_str(), "nobody"] {
        refused(1011, upsert_row(&ben, &kit, id).await);
    }
    upsert_row(&ben, &kit, ben.id().as_str()).await.unwrap();
}

#[tokio::test]
async fn no_client_chooses_an_id_where_it_matters_who_owns_a_record() {
    let kit = open().await;
    let create = async |id: &str| {
        let sent = json!({ "objectId": id, "email": format!("{id}@example.com"), "password": "p" });
        let request = kit.anonymous().request().await;
        let reply = kit.engine().create_record(request, "Users", props(sent));
        reply.await.outcome
    };
    assert_eq!("a", create("a").await.unwrap().id().as_str());
    say(&kit, Grantee::Owner, "Users", &[UPDATE], Access::Grant).await;
    refused(3039, create("b").await);
}

#[tokio::test]
async fn the_roles_of_a_user_are_told_to_whom_may_find_the_user() {
    let kit = TestKit::bare().start().await;
    let ann = kit.user("ann@example.com").await;
    let ben = kit.user("ben@example.com").await;
    let roles = async |client: &TestClient<'_>| {
        let request = client.request().await;
        kit.engine().roles_of(request, ann.id()).await
    };
    refused(3057, roles(&ben).await);
    roles(&ann).await.unwrap();
    say(&kit, users(), "Users", &[FIND], Access::Grant).await;
    roles(&ben).await.unwrap();
    refused(3057, roles(&kit.guest().await).await);
}
