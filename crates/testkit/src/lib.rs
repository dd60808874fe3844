//! A whole Vestibule app in a test, with a clock moved by hand.
//!
//! # The first test
//!
//! The kit runs the handlers that you name, and only those, against the real engine: SQLite in a
//! temporary folder, ids and tokens from a seed, and a clock that stands still until you move it.
//!
//! ```
//! use vestibule::prelude::*;
//! use vestibule_testkit::TestKit;
//!
//! /// Guests speak French until they say otherwise.
//! #[before(collect = false)]
//! async fn speak_french(event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
//!     event.properties.insert("blUserLocale".to_owned(), Value::from("fr"));
//!     Ok(Flow::Continue)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let kit = TestKit::with::<speak_french>().start().await;
//! let login = kit.anonymous().submit(LoginAsGuest::default()).await.unwrap();
//! assert_eq!(Some(&Value::from("fr")), login.user.properties.get("blUserLocale"));
//! kit.expect_calls([(concat!(module_path!(), "::speak_french"), 1)]);
//! # }
//! ```
//!
//! # Who calls
//!
//! Clients are had from the kit: [`TestKit::anonymous`], [`TestKit::guest`], [`TestKit::user`],
//! [`TestKit::code_runner`]. Each may have another key, address, header or role, and they live side by
//! side.
//!
//! ```
//! use vestibule::prelude::*;
//! use vestibule_testkit::{KeyKind, TestKit};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let kit = TestKit::bare().start().await;
//! let clerk = kit.user("ann@example.com").await.with_role("Clerks").await;
//! let roles = kit.engine().roles(clerk.request().await).unwrap();
//! assert!(roles.contains(&"Clerks".to_owned()));
//! let phone = kit.anonymous().with_key(KeyKind::Android).from("192.0.2.7");
//! phone.submit(LoginAsGuest::default()).await.unwrap();
//! # }
//! ```
//!
//! # What time it is
//!
//! Deadlines, expiry, timers and retries wait on the kit's clock, which [`TestKit::advance`] moves; it
//! stands still otherwise, so that no test sleeps. [`TestKit::clock`] jumps, as the wall clock of a server
//! does that is set. A handler that waits needs the time to pass beside the call:
//! `tokio::join!(client.submit(event), kit.advance(duration))`.
//!
//! ```
//! use std::time::Duration;
//! use vestibule::prelude::*;
//! use vestibule_testkit::TestKit;
//!
//! /// Somewhere else is a server that does not answer.
//! #[before(timeout = "2s", collect = false)]
//! async fn ask_elsewhere(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
//!     std::future::pending().await
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let kit = TestKit::with::<ask_elsewhere>().start().await;
//! let client = kit.anonymous();
//! let call = client.submit(LoginAsGuest::default());
//! let seconds_pass = async {
//!     while kit.engine().unfinished().calls == 0 {
//!         tokio::task::yield_now().await;
//!     }
//!     while kit.engine().unfinished().calls > 0 {
//!         kit.advance(Duration::from_secs(1)).await;
//!     }
//! };
//! let (outcome, ()) = tokio::join!(call, seconds_pass);
//! assert_eq!(15000, outcome.unwrap_err().code().number());
//! # }
//! ```
//!
//! # What ran
//!
//! [`TestKit::expect_calls`] and [`TestKit::expect_no_other_calls`] count handlers of every kind: those
//! before and after an event, observers, timers, methods of services. What a kit does to make a client
//! does not count. [`TestKit::state`] shows what handlers keep, [`TestKit::mails`] what was sent,
//! [`TestKit::storage`] what is stored.
//!
//! # What goes wrong
//!
//! [`TestKit::break_storage`] lets the database fail, at the access that an [`Outage`] describes;
//! [`TestKit::break_mail`] and [`TestKit::stall_mail`] do so for mails, [`TestKit::restart`] is a server
//! that goes down.
//!
//! ```
//! use vestibule::prelude::*;
//! use vestibule_testkit::{Outage, TestKit};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let kit = TestKit::bare().start().await;
//! let ann = kit.user("ann@example.com").await;
//! // A login first makes a session, then ends the one that it displaces. Now the latter fails.
//! kit.break_storage(Outage::of_writes().after(1).times(1));
//! let again = Login::new("ann@example.com", "secret");
//! kit.anonymous().submit(again).await.unwrap_err();
//! assert!(ann.is_alive().await, "a login that failed displaced nobody");
//! # }
//! ```
//!
//! # Several servers
//!
//! [`TestKit::neighbour`] is another server on the same database. [`TestKit::lose_news`] lets one no
//! longer hear what the others change, until it [hears again](TestKit::hear_again).
//!
//! # Whether the order matters
//!
//! [`TestKitBuilder::check_orders`] runs an event in every order that its handlers may run in, and names
//! those for which it matters, with both outcomes.
//!
//! # What is left undone
//!
//! A kit that is dropped fails the test if something is still under way, and names it: effects, timers,
//! mails, calls, sessions of calls that failed. [`TestKit::settled`] waits for effects; a test that means
//! it says [`TestKit::abandon`].
//!
//! # The trap
//!
//! Write `collect = false` on handlers inside tests: a collected one would run in every other test
//! of the same program that asks for [`TestKit::all`].
//!
//! **Invariant:** nothing in here mints the power of cloud code. Tests that need it run a handler
//! through the pipeline, like everybody else.

mod builder;
mod calls;
mod client;
mod client_calls;
mod handing_on;
mod kit;
mod kit_neighbours;
mod mails;
mod neighbours;
mod order_check;
mod orders;
mod outage;
mod recording;
mod rehearsal;
mod undone;
mod unreliable;

pub use builder::TestKitBuilder;
pub use client::TestClient;
pub use kit::TestKit;
pub use neighbours::{Neighbour, Neighbourhood};
pub use order_check::{OrderPair, OrderReport};
pub use outage::Outage;
pub use vestibule_core::{
    Decision, ExplainedCall, ExplainedStep, FieldChange, HandlerConfig, Mail, Reply,
};
pub use vestibule_model::{KeyKind, Profile};
pub use vestibule_storage::{Change, Constraint, StorageError};
