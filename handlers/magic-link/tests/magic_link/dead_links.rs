//! Links that do not work, or not any more. Whoever presents one hears the same of all.

use std::time::Duration;

use vestibule::prelude::*;

use crate::app::{
    ANN, LINK_LIVES, PAUSE, ann, app, is_dead, mails_to, redeem, send, stored, token_for,
};

#[tokio::test]
async fn a_link_works_once() {
    let kit = app().await;
    let token = token_for(&kit, ANN).await;
    redeem(&kit, &token).await.unwrap();
    is_dead(&redeem(&kit, &token).await);
}

#[tokio::test]
async fn of_many_who_use_a_link_at_once_one_is_logged_in() {
    let kit = app().await;
    let token = token_for(&kit, ANN).await;
    let (one, two, three, four) = tokio::join!(
        redeem(&kit, &token),
        redeem(&kit, &token),
        redeem(&kit, &token),
        redeem(&kit, &token),
    );
    let answers = [one, two, three, four];
    let (logged_in, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.is_ok());
    assert_eq!(1, logged_in.len());
    refused.into_iter().for_each(is_dead);
}

#[tokio::test]
async fn a_link_works_for_a_quarter_of_an_hour() {
    let kit = app().await;
    let token = token_for(&kit, ANN).await;
    kit.advance(LINK_LIVES - Duration::from_millis(1)).await;
    redeem(&kit, &token).await.unwrap();

    let token = token_for(&kit, ANN).await;
    kit.advance(LINK_LIVES).await;
    is_dead(&redeem(&kit, &token).await);
}

#[tokio::test]
async fn a_new_link_ends_the_old_one() {
    let kit = app().await;
    let old = token_for(&kit, ANN).await;
    kit.advance(PAUSE).await;
    let new = token_for(&kit, ANN).await;
    assert_eq!(1, stored(&kit).await);
    is_dead(&redeem(&kit, &old).await);
    redeem(&kit, &new).await.unwrap();
}

#[tokio::test]
async fn links_of_others_go_on_working() {
    let kit = app().await;
    kit.register("bob@example.com").await;
    let (hers, his) = (
        token_for(&kit, ANN).await,
        token_for(&kit, "bob@example.com").await,
    );
    redeem(&kit, &his).await.unwrap();
    redeem(&kit, &hers).await.unwrap();
}

#[tokio::test]
async fn a_guessed_token_leads_nowhere() {
    let kit = app().await;
    let token = token_for(&kit, ANN).await;
    let flipped = if token.starts_with('A') { "B" } else { "A" };
    let neighbour = format!("{flipped}{}", &token[1..]);
    let long = token.repeat(1_000);
    for guess in ["", " ", "nobody", "' or 1 = 1 --", "%", &neighbour, &long] {
        is_dead(&redeem(&kit, guess).await);
    }
    redeem(&kit, &token).await.unwrap();
}

#[tokio::test]
async fn a_link_is_dead_once_the_address_has_changed() {
    let kit = app().await;
    let token = token_for(&kit, ANN).await;
    let change = record! { "email" => "ann@new.example.com" };
    let change = UpdateUser::new(ann(&kit).await, change);
    kit.code_runner().submit(change).await.unwrap();
    is_dead(&redeem(&kit, &token).await);
}

#[tokio::test]
async fn a_link_goes_to_nobody_who_has_got_the_address_since() {
    let kit = app().await;
    let token = token_for(&kit, ANN).await;
    let change = record! { "email" => "ann@new.example.com" };
    let change = UpdateUser::new(ann(&kit).await, change);
    kit.code_runner().submit(change).await.unwrap();
    kit.register(ANN).await;
    is_dead(&redeem(&kit, &token).await);
}

#[tokio::test]
async fn a_link_is_dead_once_the_user_is_gone() {
    let kit = app().await;
    let token = token_for(&kit, ANN).await;
    let removal = RemoveUser::new(ann(&kit).await);
    kit.code_runner().submit(removal).await.unwrap();
    is_dead(&redeem(&kit, &token).await);
}

#[tokio::test]
async fn whoever_is_disabled_is_told_so_with_a_link_and_gets_no_other() {
    let kit = app().await;
    let token = token_for(&kit, ANN).await;
    let disable = ChangeUserStatus::new(ann(&kit).await, UserStatus::Disabled);
    let server = kit.code_runner();
    server.submit_as_code_runner(disable).await.unwrap();

    let refused = redeem(&kit, &token).await.unwrap_err();
    assert_eq!(ErrorCode::AccountDisabled, refused.code());
    is_dead(&redeem(&kit, &token).await);
    kit.advance(LINK_LIVES).await;
    send(&kit, ANN).await.unwrap();
    assert_eq!(1, mails_to(&kit, ANN).await.len());
}

#[tokio::test]
async fn the_timer_removes_links_that_are_expired_and_no_others() {
    let kit = app().await;
    kit.register("bob@example.com").await;
    let path = "magic_link::forget_expired_links";
    token_for(&kit, ANN).await;
    kit.advance(LINK_LIVES / 2).await;
    let his = token_for(&kit, "bob@example.com").await;
    kit.run_timer(path).await.unwrap();
    assert_eq!(2, stored(&kit).await);
    kit.advance(LINK_LIVES / 2).await;
    kit.run_timer(path).await.unwrap();
    assert_eq!(1, stored(&kit).await);
    redeem(&kit, &his).await.unwrap();
    assert_eq!(0, stored(&kit).await);
}

#[tokio::test]
async fn the_timer_runs_by_itself() {
    let kit = app().await;
    token_for(&kit, ANN).await;
    kit.advance(2 * LINK_LIVES).await;
    assert_eq!(0, stored(&kit).await);
}
