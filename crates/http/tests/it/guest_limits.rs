//! Whose address counts when guests are limited by address, and what a guest too many is told.

use guest_limits::limit_guests;
use serde_json::json;
use vestibule_http::HttpOptions;

use crate::app::{Answer, App, BL_KEY};

/// An app behind these proxies that lets in this many guests an address and minute.
async fn limited(per_minute: u32, trusted_proxies: &[&str]) -> App {
    let options = HttpOptions {
        trusted_proxies: trusted_proxies
            .iter()
            .map(|network| network.parse().unwrap())
            .collect(),
        ..HttpOptions::default()
    };
    let app = App::with_options(|builder| builder.handler::<limit_guests>(), &options).await;
    app.set(json!({ "guests": { "perAddressPerMinute": per_minute } }))
        .await;
    app
}

/// Comes in as a guest from this peer, which says that it asks for somebody else.
async fn come_in(app: &App, peer: &str, forwarded_for: Option<&str>) -> Answer {
    let mut ask = app.post("/users/register/guest").peer(peer);
    if let Some(address) = forwarded_for {
        ask = ask.header("x-forwarded-for", address);
    }
    ask.send().await
}

#[tokio::test]
async fn a_guest_too_many_is_429_with_the_time_to_wait() {
    let app = limited(2, &[]).await;
    for _ in 0..2 {
        come_in(&app, "192.0.2.7", None).await.ok();
    }
    let answer = come_in(&app, "192.0.2.200", None).await;
    answer.refused(429, 999);
    assert_eq!(Some("30"), answer.header("retry-after"));
    assert_eq!(2, app.users().await, "who is turned away leaves no row");
    come_in(&app, "192.0.3.7", None).await.ok();
}

#[tokio::test]
async fn what_an_untrusted_peer_says_about_its_address_does_not_count() {
    for trusted in [&[][..], &["10.0.0.0/8"][..]] {
        let app = limited(1, trusted).await;
        come_in(&app, "192.0.2.7", Some("7.7.7.7")).await.ok();
        for made_up in ["6.6.6.6", "8.8.8.8, 9.9.9.9", "10.0.0.1", "2001:db8::1"] {
            let answer = come_in(&app, "192.0.2.7", Some(made_up)).await;
            answer.refused(429, 999);
        }
        // Nor does it use up the quota of the address that it claims.
        come_in(&app, "7.7.7.7", None).await.ok();
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_a_quota_of_its_own() {
    let app = limited(1, &["10.0.0.0/8"]).await;
    for client in ["192.0.2.7", "192.0.3.7", "2001:db8:0:1100::1"] {
        come_in(&app, "10.0.0.1", Some(client)).await.ok();
        let answer = come_in(&app, "10.0.0.2", Some(client)).await;
        answer.refused(429, 999);
    }
    // What a client wrote in front of what the proxy knows is not believed.
    let forged = come_in(&app, "10.0.0.1", Some("6.6.6.6, 192.0.2.7")).await;
    forged.refused(429, 999);
}

#[tokio::test]
async fn the_addresses_of_one_ipv6_customer_share_one_quota() {
    let app = limited(3, &["::1/128"]).await;
    let mut let_in = 0;
    for number in 0..40 {
        let address = format!("2001:db8:0:11{number:02x}::{number:x}");
        let answer = come_in(&app, "::1", Some(&address)).await;
        let_in += usize::from(answer.status == 200);
    }
    assert_eq!((3, 3), (let_in, app.users().await));
    let next_door = come_in(&app, "::1", Some("2001:db8:0:1200::1")).await;
    next_door.ok();
}

#[tokio::test]
async fn guests_that_are_switched_off_are_403_even_for_server_code() {
    let app = App::start().await;
    let (_, token) = app.guest().await;
    app.set(json!({ "guests": { "enabled": false } })).await;
    let ask = app.post("/users/register/guest").send().await;
    let message = ask.refused(403, 2000);
    assert!(message.contains("switched off"), "{message}");
    let ask = app.post("/users/register/guest").key(BL_KEY).send().await;
    ask.refused(403, 2000);
    // Guests that are there stay.
    let path = format!("/users/isvalidusertoken/{token}");
    assert_eq!("true", app.get(&path).send().await.text);
}
