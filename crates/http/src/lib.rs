//! Vestibule over HTTP: routes, decoding, encoding, errors to statuses.
//!
//! A request passes these files, in this order, and the answer comes back the same way:
//!
//! 1. [`serve`]: a connection of a bounded number, with limits on how long it may dawdle;
//! 2. `url_forms.rs`: both URL forms become one, and whoever knows the key gets a proof of it;
//! 3. `router.rs`: the table of all routes;
//! 4. `exchange.rs`: what every request has: an id, a span, a deadline, a body of bounded size;
//! 5. `routes/`: one file an operation, which hands an event to the engine;
//! 6. `answer.rs` and `error.rs`: the only places where outcomes become answers.
//!
//! Answers are not compressed: most are a few hundred bytes, and those of a login hold a token,
//! which compression beside text of an attacker's choice could give away.
//!
//! **Invariant:** this crate knows no storage engine. What it knows about the app, it asks the
//! engine of the core.

mod account_page;
mod answer;
mod client_address;
mod connection;
mod cors;
mod deadline;
mod engine_metrics;
mod error;
mod exchange;
mod execution_type;
mod explained;
mod guest_metrics;
mod handler_metrics;
mod http_metrics;
mod media_type;
mod methods;
mod openapi;
mod operator;
mod options;
mod receive;
mod record_id;
mod request_id;
mod router;
mod routes;
mod segments;
mod serve;
mod site;
mod url_forms;
mod url_query;
mod visitor;

pub use ipnet::IpNet;
pub use options::HttpOptions;
pub use router::router;
pub use serve::{ServeSummary, serve};
