//! What compiles, and what the attributes tell the engine about it. What must not compile is in
//! `tests/ui` of the workspace.

#![deny(
    warnings,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::nursery,
    clippy::pedantic,
    clippy::allow_attributes_without_reason,
    clippy::clone_on_ref_ptr,
    clippy::empty_structs_with_brackets,
    clippy::missing_docs_in_private_items,
    clippy::missing_trait_methods,
    clippy::pub_with_shorthand,
    clippy::shadow_reuse,
    clippy::shadow_same,
    clippy::shadow_unrelated,
    clippy::single_call_fn,
    clippy::unwrap_used,
    reason = "what the attributes expand to must pass wherever it is used"
)]
#![forbid(unsafe_code)]

use std::time::Duration;

use vestibule::{Handler, prelude::*};
use vestibule_core::{HandlerConfig, Meta, OnFailure, Phase, Registry};

/// An engine's handlers, if there is but this one.
fn only<H: Handler>() -> Registry {
    Registry::of([H::REGISTRATION], &HandlerConfig::default()).expect("one handler is no two")
}

/// What a handler says of itself.
fn meta<H: Handler>() -> Meta {
    only::<H>().handlers().first().expect("the handler").meta
}

/// The events for which a handler is listed.
fn events<H: Handler>() -> Vec<&'static str> {
    only::<H>()
        .handlers()
        .iter()
        .map(|handler| handler.event)
        .collect()
}

/// Looks at guests.
#[before(order = -10, timeout = "1500ms", on_failure = "open", collect = false)]
async fn look_at_guests(event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    event.properties.remove("rank");
    Ok(Flow::Continue)
}

/// The line on which `look_at_guests` is.
const LINE: u32 = line!() - 6;

#[test]
fn a_function_is_listed_with_its_options_and_its_place() {
    let expected = Meta {
        path: "attributes::look_at_guests",
        phase: Phase::Before,
        table: None,
        order: -10,
        runs_before: &[],
        runs_after: &[],
        timeout: Duration::from_millis(1500),
        on_failure: OnFailure::Open,
        disable_after: None,
        file: file!(),
        line: LINE,
    };
    assert_eq!(expected, meta::<look_at_guests>());
    assert_eq!(["loginAsGuest"], events::<look_at_guests>().as_slice());
}

/// Public things in a module of their own, as other crates would use them.
pub mod elsewhere {
    use vestibule::prelude::*;

    /// Passes registrations on.
    ///
    /// # Errors
    /// Those of the registration.
    #[after]
    pub async fn pass_on(
        _event: &Register,
        outcome: Outcome<Register>,
        _ctx: &Context,
    ) -> Outcome<Register> {
        outcome
    }

    /// Watches logouts.
    #[derive(Debug, Default, Clone, Copy)]
    pub struct Watchman;

    #[observe(collect = false)]
    impl Observer<Logout> for Watchman {
        async fn observe(&self, _seen: &Seen<Logout>, _witness: &Witness) -> Result<()> {
            Ok(())
        }
    }
}

#[test]
fn defaults_are_order_zero_five_seconds_and_closed() {
    let meta = meta::<elsewhere::pass_on>();
    assert_eq!((0, Duration::from_secs(5)), (meta.order, meta.timeout));
    assert_eq!(
        (OnFailure::Closed, Phase::After),
        (meta.on_failure, meta.phase)
    );
}

#[test]
fn the_path_names_crate_module_and_type() {
    assert_eq!(
        "attributes::elsewhere::Watchman",
        meta::<elsewhere::Watchman>().path
    );
    assert_eq!(["logout"], events::<elsewhere::Watchman>().as_slice());
}

/// Follows every login, whatever its kind.
#[observe(events = [Login, LoginByObjectId, LoginAsGuest], collect = false)]
async fn follow<E: Event<Output = LoggedIn>>(seen: &Seen<E>, _witness: &Witness) -> Result<()> {
    seen.outcome.clone().map(|_| ())
}

/// Lets nobody in by any door.
#[before(events = [Login, LoginByObjectId], collect = false)]
async fn close<Entry>(_event: &mut Entry, _ctx: &Context) -> Result<Flow<Entry>>
where
    Entry: Event<Output = LoggedIn>,
{
    Err(Error::forbidden("closed"))
}

#[test]
fn one_function_can_serve_several_events() {
    assert_eq!(
        ["login", "loginAsGuest", "loginByObjectId"],
        events::<follow>().as_slice()
    );
    assert_eq!(["login", "loginByObjectId"], events::<close>().as_slice());
}

/// Sees everything.
#[observe(collect = false)]
async fn see_all(_seen: &SeenAny, _witness: &Witness) -> Result<()> {
    Ok(())
}

/// Sees everything, with a state.
#[derive(Default)]
struct Everything;

#[observe(collect = false)]
impl ObserverOfAll for Everything {
    async fn observe(&self, _seen: &SeenAny, _witness: &Witness) -> Result<()> {
        Ok(())
    }
}

#[test]
fn an_observer_of_all_events_is_listed_under_a_star() {
    assert_eq!(["*"], events::<see_all>().as_slice());
    assert_eq!(["*"], events::<Everything>().as_slice());
}

/// Names that an expansion could use itself.
mod clashing_names {
    use vestibule::prelude::{after, before};

    #[before(collect = false)]
    async fn event(
        ctx: &mut vestibule::Login,
        event: &vestibule::Context,
    ) -> vestibule::Result<vestibule::Flow<vestibule::Login>> {
        let _ = (ctx, event);
        Ok(vestibule::Flow::Continue)
    }

    #[after(collect = false)]
    async fn ctx(
        _: &vestibule::Login,
        vestibule: vestibule::Outcome<vestibule::Login>,
        _: &vestibule::Context,
    ) -> vestibule::Outcome<vestibule::Login> {
        vestibule
    }

    #[before(collect = false)]
    async fn r#move(
        vestibule::LoginAsGuest { properties, .. }: &mut vestibule::LoginAsGuest,
        _: &vestibule::Context,
    ) -> vestibule::Result<vestibule::Flow<vestibule::LoginAsGuest>> {
        properties.clear();
        Ok(vestibule::Flow::Continue)
    }

    #[test]
    fn do_not_matter_and_the_path_is_as_people_say_it() {
        use vestibule::Handler;
        use vestibule_core::{HandlerConfig, Registry};

        let all = [event::REGISTRATION, ctx::REGISTRATION, r#move::REGISTRATION];
        let registry = Registry::of(all, &HandlerConfig::default()).expect("they fit together");
        let paths: Vec<_> = registry
            .handlers()
            .iter()
            .map(|handler| handler.meta.path)
            .collect();
        assert!(
            paths.contains(&"attributes::clashing_names::move"),
            "{paths:?}"
        );
    }
}

#[test]
fn a_handler_can_be_declared_in_a_function() {
    #[before(collect = false)]
    async fn nested(_: &mut Logout, _: &Context) -> Result<Flow<Logout>> {
        Ok(Flow::Continue)
    }
    assert_eq!("attributes::nested", meta::<nested>().path);
}

/// Not there at all, however the condition is placed.
#[before]
#[cfg(any())]
async fn absent(_event: &mut Nothing, _ctx: &Context) -> Result<Flow<Nothing>> {
    Ok(Flow::Continue)
}

#[test]
fn only_collected_handlers_are_collected() {
    let registry = Registry::collected(&HandlerConfig::default()).expect("they fit together");
    let paths: Vec<_> = registry
        .handlers()
        .iter()
        .map(|handler| handler.meta.path)
        .collect();
    assert_eq!(["attributes::elsewhere::pass_on"], paths.as_slice());
}
