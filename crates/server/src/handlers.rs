//! `vestibule handlers`: the chain of each event as the server would run it, the methods of services
//! and the timers.

mod manifest;

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    io::{self, Write},
};

use vestibule_core::{
    DeclaredTimer, EVENT_NAMES, HandlerConfig, ListedHandler, ListedMethod, ListedService,
    MethodInfo, Phase, Registry,
};

use self::manifest::Manifest;
use crate::{config::ConfigError, failure::Failure};

const HEADINGS: [&str; 8] = [
    "EVENT",
    "PHASE",
    "ORDER",
    "HANDLER",
    "TIMEOUT",
    "ON FAILURE",
    "CRATE",
    "PLACE",
];

/// Prints the handlers that are linked and not disabled, as tables or as JSON. Needs no database.
///
/// # Errors
/// Fails when the handlers do not fit together, and when nothing can be printed.
pub(crate) fn print(
    config: &HandlerConfig,
    as_json: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let registry = Registry::collected(config).map_err(ConfigError::from)?;
    let text = if as_json {
        Manifest::of(&registry, config).text()?
    } else {
        tables(&registry, config)
    };
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has seen enough: `vestibule handlers | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

fn tables(registry: &Registry, config: &HandlerConfig) -> String {
    let mut text = text(&registry.handlers(), config);
    text.push_str(&services(&registry.listed_services()));
    text.push_str(&timers(&registry.declared_timers()));
    text
}

/// How many handlers there are, of how many crates, and how many custom events, service methods and
/// timers are among them: "7 handlers from 3 crates, 2 custom events, 1 timer".
pub(crate) fn count(handlers: &[ListedHandler]) -> String {
    // A handler of several events is listed several times.
    let paths: BTreeSet<_> = handlers.iter().map(|handler| handler.meta.path).collect();
    let crates: BTreeSet<_> = handlers
        .iter()
        .map(|handler| handler.meta.crate_name())
        .collect();
    let several = |count: usize, of: &str| {
        let ending = if count == 1 { "" } else { "s" };
        format!("{count} {of}{ending}")
    };
    let mut count = format!(
        "{} from {}",
        several(paths.len(), "handler"),
        several(crates.len(), "crate")
    );
    for (phase, of) in [
        (Phase::Answer, "custom event"),
        (Phase::Service, "service method"),
        (Phase::Timer, "timer"),
    ] {
        let of_phase = handlers.iter().filter(|one| one.meta.phase == phase);
        match of_phase.count() {
            0 => {}
            some => {
                // Writing to a string cannot fail.
                let _ = write!(count, ", {}", several(some, of));
            }
        }
    }
    count
}

/// The events of the app's own, and who may run each from outside: "convert (anyone)".
fn custom_events(handlers: &[ListedHandler]) -> String {
    let answered = handlers
        .iter()
        .filter_map(|handler| Some(format!("{} ({})", handler.event, handler.access?)));
    answered.collect::<Vec<_>>().join(", ")
}

/// The methods of all services, with how they are called and who may; nothing if there are none.
fn services(services: &[ListedService]) -> String {
    let rows: Vec<_> = services
        .iter()
        .flat_map(|service| service.methods.iter().map(|method| called(service, method)))
        .collect();
    section(
        ["SERVICE", "METHOD", "ARGUMENTS", "ACCESS", "HANDLER"],
        &rows,
    )
}

fn called(service: &ListedService, method: &ListedMethod) -> [String; 5] {
    let ListedMethod { info, meta } = method;
    [
        service.name.to_owned(),
        format!("{} {}", info.verb, info.path),
        or_dash(arguments(info).join(", ")),
        info.access.to_string(),
        meta.path.to_owned(),
    ]
}

/// What a method takes; a question mark follows what may be left away.
fn arguments(info: &MethodInfo) -> Vec<String> {
    let arguments = info.parameters.iter().map(|one| match one.required {
        true => one.name.to_owned(),
        false => format!("{}?", one.name),
    });
    arguments.collect()
}

/// The timers, with their schedules; nothing if there are none.
fn timers(timers: &[DeclaredTimer]) -> String {
    let rows: Vec<_> = timers.iter().map(scheduled).collect();
    section(["TIMER", "SCHEDULE", "JITTER", "OVERLAP", "MISSED"], &rows)
}

fn scheduled(timer: &DeclaredTimer) -> [String; 5] {
    let schedule = &timer.schedule;
    [
        timer.meta.path.to_owned(),
        schedule.to_string(),
        match schedule.jitter.is_zero() {
            true => "-".to_owned(),
            false => format!("{:?}", schedule.jitter),
        },
        schedule.overlap.as_str().to_owned(),
        schedule.missed.as_str().to_owned(),
    ]
}

/// A table with an empty line before it, if there is anything in it.
fn section<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    match rows {
        [] => String::new(),
        rows => format!("\n{}", table(headings, rows)),
    }
}

fn or_dash(text: String) -> String {
    if text.is_empty() {
        "-".to_owned()
    } else {
        text
    }
}

fn text(handlers: &[ListedHandler], config: &HandlerConfig) -> String {
    let mut handlers: Vec<_> = handlers.iter().collect();
    // A stable sort: within an event they stay in the order in which they run.
    handlers.sort_by_key(|handler| (position(handler.event), handler.event));
    let mut text = table(
        HEADINGS,
        &handlers
            .iter()
            .map(|handler| row(handler))
            .collect::<Vec<_>>(),
    );
    let alone: Vec<_> = EVENT_NAMES
        .into_iter()
        .filter(|event| !handlers.iter().any(|handler| handler.event == *event))
        .collect();
    let handlers: Vec<_> = handlers.into_iter().cloned().collect();
    text.push('\n');
    text.push_str(&count(&handlers));
    if handlers.iter().any(|handler| handler.event == "*") {
        text.push_str("; those of the event * see every event");
    }
    text.push('\n');
    for (list, what) in [
        (
            custom_events(&handlers),
            "custom events and who may run them",
        ),
        (alone.join(", "), "without handlers of their own"),
        (config.disable.join(", "), "disabled"),
    ] {
        if !list.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{what}: {list}");
        }
    }
    text
}

/// Built-in events in their usual order, then custom ones, then `*`.
fn position(event: &str) -> usize {
    let unknown = if event == "*" {
        usize::MAX
    } else {
        EVENT_NAMES.len()
    };
    EVENT_NAMES
        .iter()
        .position(|name| *name == event)
        .unwrap_or(unknown)
}

fn row(handler: &ListedHandler) -> [String; 8] {
    let meta = &handler.meta;
    [
        match meta.table {
            None => handler.event.to_owned(),
            Some(table) => format!("{} of {table}", handler.event),
        },
        meta.phase.as_str().to_owned(),
        meta.order.to_string(),
        meta.path.to_owned(),
        format!("{:?}", meta.timeout),
        // An observer's failure means nothing for the call and an answer's failure is the outcome,
        // so there is no choice.
        match meta.phase {
            Phase::Observe | Phase::Answer | Phase::Service | Phase::Timer => "-".to_owned(),
            Phase::Before | Phase::After => meta.on_failure.as_str().to_owned(),
        },
        meta.crate_name().to_owned(),
        format!("{}:{}", meta.file, meta.line),
    ]
}

/// Columns as wide as their widest text, two spaces between.
pub(crate) fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let headings = headings.map(str::to_owned);
    let lines: Vec<_> = std::iter::once(&headings).chain(rows).collect();
    let widths: [usize; N] = std::array::from_fn(|column| {
        let widths = lines.iter().map(|line| line[column].chars().count());
        widths.max().unwrap_or(0)
    });
    let mut text = String::new();
    for line in lines {
        let mut out = String::new();
        for (cell, width) in line.iter().zip(widths) {
            let _ = write!(out, "{cell:width$}  ");
        }
        text.push_str(out.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use expect_test::expect;
    use vestibule_core::{
        CallableBy, Meta, Missed, OnFailure, Overlap, ParameterInfo, ParameterKind, ParameterPlace,
        Rule, Schedule, Switch, Verb,
    };

    use super::*;

    fn listed(event: &'static str, phase: Phase, order: i32, path: &'static str) -> ListedHandler {
        let meta = Meta {
            path,
            phase,
            table: None,
            order,
            runs_before: &[],
            runs_after: &[],
            timeout: Duration::from_millis(1500),
            on_failure: OnFailure::Closed,
            disable_after: None,
            file: "handlers/doorman/src/lib.rs",
            line: 12,
        };
        ListedHandler {
            event,
            meta,
            access: (phase == Phase::Answer).then_some(CallableBy::Role("Support")),
            stats: Arc::default(),
            switch: Arc::new(Switch::new(order)),
        }
    }

    #[test]
    fn the_chain_of_each_event_is_a_table_in_the_order_of_running() {
        let handlers = [
            listed("*", Phase::Observe, 0, "log::all"),
            listed("loginAsGuest", Phase::Before, -10, "doorman::check"),
            listed("loginAsGuest", Phase::After, 0, "carts::open"),
            listed("register", Phase::Before, 0, "doorman::check"),
            listed("refund", Phase::Before, 0, "doorman::check"),
            listed("refund", Phase::Answer, 0, "shop::refund"),
        ];
        let config = HandlerConfig {
            disable: vec!["doorman::greet".to_owned()],
            ..HandlerConfig::default()
        };
        expect![[r#"
            EVENT         PHASE    ORDER  HANDLER         TIMEOUT  ON FAILURE  CRATE    PLACE
            loginAsGuest  before   -10    doorman::check  1.5s     closed      doorman  handlers/doorman/src/lib.rs:12
            loginAsGuest  after    0      carts::open     1.5s     closed      carts    handlers/doorman/src/lib.rs:12
            register      before   0      doorman::check  1.5s     closed      doorman  handlers/doorman/src/lib.rs:12
            refund        before   0      doorman::check  1.5s     closed      doorman  handlers/doorman/src/lib.rs:12
            refund        answer   0      shop::refund    1.5s     -           shop     handlers/doorman/src/lib.rs:12
            *             observe  0      log::all        1.5s     -           log      handlers/doorman/src/lib.rs:12

            4 handlers from 4 crates, 1 custom event; those of the event * see every event
            custom events and who may run them: refund (role Support)
            without handlers of their own: login, loginByObjectId, convertGuest, guestConflict, purgeGuest, logout, updateUser, removeUser, changeUserStatus, assignRole, unassignRole, verifyPassword, restorePassword, setPasswordByLink, confirmEmail, resendConfirmation, createEmailConfirmationURL, create, update, upsert, remove, bulkCreate, bulkUpsert, bulkUpdate, bulkRemove, deepSave, find, findById, count, group, countInGroup, addRelation, setRelation, deleteRelation, loadRelations, setPermission, invokeService, runTimer
            disabled: doorman::greet
        "#]].assert_eq(&text(&handlers, &config));
    }

    #[test]
    fn methods_of_services_are_listed_with_how_they_are_called_and_who_may() {
        let info = |verb, path, access, parameters| MethodInfo {
            verb,
            path,
            access,
            parameters,
            description: "",
        };
        let parameter = |name, required| ParameterInfo {
            name,
            place: ParameterPlace::Named,
            required,
            kind: ParameterKind::Text,
        };
        let send: &'static [_] = vec![parameter("email", true), parameter("tone", false)].leak();
        let methods = [
            info(Verb::Post, "/send", CallableBy::Anyone, send),
            info(Verb::Get, "/links", CallableBy::Role("Support"), &[]),
        ];
        let meta = listed("invokeService", Phase::Service, 0, "links::Links::send").meta;
        let service = ListedService {
            name: "links",
            meta,
            methods: methods.map(|info| ListedMethod { info, meta }).to_vec(),
        };
        assert_eq!("", services(&[]));
        expect![[r#"

            SERVICE  METHOD      ARGUMENTS     ACCESS        HANDLER
            links    POST /send  email, tone?  anyone        links::Links::send
            links    GET /links  -             role Support  links::Links::send
        "#]]
        .assert_eq(&services(&[service]));
    }

    #[test]
    fn timers_are_listed_with_their_schedules() {
        let meta = listed("runTimer", Phase::Timer, 0, "links::forget").meta;
        let cron = Schedule {
            jitter: Duration::from_secs(30),
            overlap: Overlap::Wait,
            missed: Missed::Skip,
            ..Schedule::new(Rule::Cron("0 3 * * *"))
        };
        let hourly = Schedule::new(Rule::Every(Duration::from_secs(3600)));
        let declared = [hourly, cron].map(|schedule| DeclaredTimer { meta, schedule });
        assert_eq!("", timers(&[]));
        expect![[r#"

            TIMER          SCHEDULE            JITTER  OVERLAP  MISSED
            links::forget  every 1h            -       skip     once
            links::forget  cron 0 3 * * * UTC  30s     wait     skip
        "#]]
        .assert_eq(&timers(&declared));
    }

    #[test]
    fn one_handler_is_counted_in_the_singular() {
        let handlers = [listed("login", Phase::After, 0, "carts::open")];
        assert_eq!("1 handler from 1 crate", count(&handlers));
        assert_eq!("0 handlers from 0 crates", count(&[]));
    }

    #[test]
    fn the_stock_handlers_are_linked() {
        let mut out = Vec::new();
        print(&HandlerConfig::default(), false, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        for handler in ["guest_limits::", "audit_log::"] {
            assert!(text.contains(handler), "{text}");
        }
    }
}
