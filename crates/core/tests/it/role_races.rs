//! Roles that change at the very moment at which somebody logs in, goes, or calls.

use futures::future::join_all;
use vestibule::prelude::*;
use vestibule_testkit::TestKit;

use crate::roles::roles_of;

/// How often each race is run.
const ROUNDS: usize = 30;

fn role(name: &str) -> String {
    name.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_at_the_same_time_as_an_assignment_does_not_miss_it() {
    let kit = TestKit::bare().start().await;
    kit.register("ann@example.com").await;
    let found = kit.storage().account_by_identity("ann@example.com").await;
    let id = found.unwrap().unwrap().user.id().clone();
    let runner = kit.code_runner();
    for round in 0..ROUNDS {
        // The first role of the app is made beside a login, too.
        let name = format!("R{round}");
        let log_in = runner.submit_as_code_runner(LoginByObjectId::new(id.clone()));
        let give = async {
            kit.engine().create_role(&name).await?;
            let event = AssignRole::new(&id, name.as_str());
            runner.submit_as_code_runner(event).await
        };
        let (login, given) = tokio::join!(log_in, give);
        given.unwrap();
        let ann = kit.anonymous().logged_in(&login.unwrap());
        assert!(roles_of(&kit, &ann).await.contains(&name), "{round}");
        let take = UnassignRole::new(&id, name.as_str());
        let log_in = runner.submit_as_code_runner(LoginByObjectId::new(id.clone()));
        let (login, taken) = tokio::join!(log_in, runner.submit_as_code_runner(take));
        taken.unwrap();
        let ann = kit.anonymous().logged_in(&login.unwrap());
        assert!(!roles_of(&kit, &ann).await.contains(&name), "{round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_after_a_change_of_roles_never_carries_the_old_ones() {
    let kit = TestKit::bare().start().await;
    let ann = kit.user("ann@example.com").await;
    for round in 0..ROUNDS {
        kit.engine().create_role("Support").await.unwrap();
        kit.engine().assign_role(ann.id(), "Support").await.unwrap();
        let callers = join_all((0..4).map(|_| roles_of(&kit, &ann)));
        let drop_role = kit.engine().drop_role("Support");
        let (_, dropped) = tokio::join!(callers, drop_role);
        dropped.unwrap();
        let roles = roles_of(&kit, &ann).await;
        assert!(!roles.contains(&role("Support")), "{round}: {roles:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_assignment_and_the_end_of_its_role_or_user_both_leave_nothing_behind() {
    let kit = TestKit::bare().start().await;
    let (engine, runner) = (kit.engine(), kit.code_runner());
    engine.create_role("Stays").await.unwrap();
    for round in 0..ROUNDS {
        let email = format!("ann{round}@example.com");
        let ann = kit.user(&email).await;
        engine.create_role("Support").await.unwrap();
        let give = runner.submit_as_code_runner(AssignRole::new(ann.id(), "Support"));
        let (given, dropped) = tokio::join!(give, engine.drop_role("Support"));
        dropped.unwrap();
        if let Err(error) = given {
            assert_eq!(2005, error.code().number());
        }
        assert!(engine.custom_roles_of(ann.id()).await.unwrap().is_empty());

        let give = runner.submit_as_code_runner(AssignRole::new(ann.id(), "Stays"));
        let remove = runner.submit(RemoveUser::new(ann.id().clone()));
        let (given, removed) = tokio::join!(give, remove);
        removed.unwrap();
        if let Err(error) = given {
            assert_eq!(3057, error.code().number());
        }
        let roles = kit.storage().roles_of(&[ann.id().clone()]).await;
        assert!(roles.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_who_registers_beside_an_assignment_has_the_role_if_it_was_given() {
    let kit = TestKit::bare().start().await;
    let runner = kit.code_runner();
    kit.engine().create_role("Support").await.unwrap();
    for round in 0..ROUNDS {
        let guest = kit.guest().await;
        let user = record! { "email" => format!("g{round}@example.com"), "password" => "secret" };
        let register = guest.submit(ConvertGuest::new(guest.id().clone(), user));
        let give = runner.submit_as_code_runner(AssignRole::new(guest.id(), "Support"));
        let (registered, given) = tokio::join!(register, give);
        registered.unwrap();
        let mut expected = vec![role("AuthenticatedUser"), role("JSUser")];
        match given {
            Ok(()) => expected.push(role("Support")),
            Err(error) => assert_eq!(8008, error.code().number()),
        }
        assert_eq!(expected, roles_of(&kit, &guest).await, "{round}");
    }
}
