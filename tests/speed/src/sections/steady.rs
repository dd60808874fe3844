//! Whether memory grows under a load that makes no new sessions and no new users.

use std::{net::SocketAddr, path::Path, sync::Arc, thread};

use super::Section;
use crate::{
    Result,
    bars::{Bar, Wanted},
    load::{self, Calls, Load},
    options::Options,
    product,
    table::{Table, megabytes, thousands},
};

/// Sessions that are asked for.
const SESSIONS: u64 = 10_000;

/// Calls a second of each kind: about a third of what two cores can do with the load generator beside
/// them, so that the server is at work all the time and nothing has to wait.
const TOKEN_CHECKS: u32 = 3_000;
const OWN_RECORDS: u32 = 1_000;
const PASSWORD_LOGINS: u32 = 8;

/// How often memory is looked at.
const LOOKS: u32 = 12;

pub(crate) fn measure(options: &Options, folder: &Path) -> Result<Section> {
    let (product, population) = super::populated(options, folder)?;
    let server = product.serve()?;
    let seen = population.sample(SESSIONS);
    // A login ends the session that the user had before, so there are never more.
    let kinds = [
        (product::token_check(&seen), TOKEN_CHECKS),
        (product::own_record(&seen), OWN_RECORDS),
        (
            product::password_login(population.registered),
            PASSWORD_LOGINS,
        ),
    ];
    let connections = options.scale.many / 4;
    let kinds = kinds.map(|(calls, per_second)| {
        let load = Load {
            connections,
            per_second: Some(per_second),
            warm_up: std::time::Duration::ZERO,
            window: options.scale.steady / LOOKS,
        };
        (Arc::new(calls), load)
    });
    let mut table = Table::new(1, &["look", "MB"]);
    let mut looks = Vec::new();
    for look in 1..=LOOKS {
        ask(&[server.address()], &kinds)?;
        let memory = server.memory()?;
        table.push([look.to_string(), megabytes(memory)]);
        looks.push(memory);
    }
    // Until a third has passed, every user has logged in and every cache is full.
    let settled = looks[looks.len() / 3];
    let last = looks[looks.len() - 1];
    #[expect(clippy::cast_precision_loss, reason = "a ratio, for people")]
    let growth = last as f64 / settled as f64;
    let bar = Bar::new("memory at the end / after a third", Wanted::AtMost(1.05));
    Ok(Section {
        title: "Memory under steady load".to_owned(),
        text: format!(
            "{:?} of {} token checks, {} own records and {PASSWORD_LOGINS} password logins a second, on {connections} \
             connections each.",
            options.scale.steady,
            thousands(TOKEN_CHECKS.into()),
            thousands(OWN_RECORDS.into()),
        ),
        table,
        bars: vec![bar.with("", growth)],
    })
}

/// Makes all kinds of calls at once.
fn ask(addresses: &[SocketAddr], kinds: &[(Arc<Calls>, Load)]) -> Result<()> {
    thread::scope(|scope| {
        let asking: Vec<_> = kinds
            .iter()
            .map(|(calls, load)| scope.spawn(move || load::run(addresses, calls, *load, || Ok(()))))
            .collect();
        for asks in asking {
            let times = asks.join().map_err(|_| "the load generator panicked")??;
            if let (1.., failure) = times.failed() {
                return Err(failure.unwrap_or_default().to_owned().into());
            }
        }
        Ok(())
    })
}
