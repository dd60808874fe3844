//! What the operator wants of handlers at one of several servers counts at the others.

use vestibule::prelude::*;
use vestibule_core::HandlerChange;
use vestibule_model::HandlerSetting;
use vestibule_storage::Storage as _;
use vestibule_testkit::{Change, TestKit};

use crate::neighbours::{Hearing, Two, respected, until};

#[before(collect = false, order = 1)]
async fn first(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    Ok(Flow::Continue)
}

#[before(collect = false, order = 2)]
async fn second(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    Ok(Flow::Continue)
}

/// The handlers before a guest login that run, in their order.
fn running(kit: &TestKit) -> Vec<&'static str> {
    let listed = kit.engine().handlers();
    let running = listed.iter().filter(|handler| handler.switch.is_on());
    let names = running.filter_map(|handler| handler.meta.path.rsplit("::").next());
    names.collect()
}

const SECOND: &str = concat!(module_path!(), "::second");

async fn change(kit: &TestKit, enabled: Option<bool>, order: Option<Option<i32>>) -> Result<()> {
    let change = HandlerChange { enabled, order };
    kit.engine().change_handler(SECOND, change).await.map(drop)
}

async fn a_handler_that_is_switched(hearing: Hearing) {
    let two = Two::start(TestKit::with::<first>().and::<second>(), hearing).await;
    let is_off = async || running(&two.there) == ["first"];
    two.respected(change(&two.here, Some(false), None), is_off)
        .await;
}

async fn a_handler_that_is_switched_on_again(hearing: Hearing) {
    let two = Two::start(TestKit::with::<first>().and::<second>(), hearing).await;
    change(&two.here, Some(false), None).await.unwrap();
    until(async || running(&two.there) == ["first"]).await;
    let is_on = async || running(&two.there) == ["first", "second"];
    two.respected(change(&two.here, Some(true), None), is_on)
        .await;
}

async fn the_order_of_a_handler(hearing: Hearing) {
    let two = Two::start(TestKit::with::<first>().and::<second>(), hearing).await;
    let is_moved = async || running(&two.there) == ["second", "first"];
    two.respected(change(&two.here, None, Some(Some(-5))), is_moved)
        .await;
}

async fn a_handler_that_goes_back_to_its_own_order(hearing: Hearing) {
    let two = Two::start(TestKit::with::<first>().and::<second>(), hearing).await;
    change(&two.here, None, Some(Some(-5))).await.unwrap();
    until(async || running(&two.there) == ["second", "first"]).await;
    let is_back = async || running(&two.there) == ["first", "second"];
    two.respected(change(&two.here, None, Some(None)), is_back)
        .await;
}

async fn that_nothing_is_stored_of_a_handler_any_more(hearing: Hearing) {
    let two = Two::start(TestKit::with::<first>().and::<second>(), hearing).await;
    change(&two.here, Some(false), Some(Some(-5)))
        .await
        .unwrap();
    until(async || running(&two.there) == ["first"]).await;
    let is_as_it_was = async || running(&two.there) == ["first", "second"];
    let storage = two.here.neighbourhood().server(two.here.clock());
    let nothing = HandlerSetting {
        path: SECOND.to_owned(),
        ..HandlerSetting::default()
    };
    let forget = async {
        let changes = vec![Change::PutHandlerSetting(nothing)];
        Ok(storage.apply(changes).await?)
    };
    two.respected(forget, is_as_it_was).await;
}

respected! {
    that_nothing_is_stored_of_a_handler_any_more
    a_handler_that_is_switched
    a_handler_that_is_switched_on_again
    the_order_of_a_handler
    a_handler_that_goes_back_to_its_own_order
}
