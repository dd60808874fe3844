//! A whole Vestibule app in a test, with a clock moved by hand.
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
//! A handler that waits does so on the kit's clock, its deadline included: let time pass beside the
//! call, with `tokio::join!(client.submit(event), kit.advance(duration))`.
//!
//! Write `collect = false` on handlers inside tests: a collected one would run in every other test
//! of the same program that asks for [`TestKit::all`].
//!
//! **Invariant:** nothing in here mints the power of cloud code. Tests that need it run a handler
//! through the pipeline, like everybody else.

mod builder;
mod calls;
mod client;
mod kit;
mod mails;

pub use builder::TestKitBuilder;
pub use client::TestClient;
pub use kit::TestKit;
pub use vestibule_core::{HandlerConfig, Mail, Reply};
pub use vestibule_model::{KeyKind, Profile};
