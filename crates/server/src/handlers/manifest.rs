//! `vestibule handlers --json`: what runs, as a file to keep beside the code and to compare in review.

use std::{io, path::Path};

use serde::Serialize;
use vestibule_core::{
    DeclaredTimer, HandlerConfig, ListedHandler, ListedMethod, ListedService, Meta, Phase, Registry,
};

use super::position;

/// All that two servers of the same code and the same configuration have in common. There is nothing
/// in it that a run could change, and its order is that of the names.
#[derive(Serialize)]
pub(super) struct Manifest {
    events: Vec<Event>,
    services: Vec<Service>,
    timers: Vec<Timer>,
    disabled: Vec<String>,
    expected: Vec<String>,
}

/// An event that has handlers, with those of each phase in the order in which they run.
#[derive(Serialize)]
struct Event {
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    access: Option<String>,
    handlers: Vec<Handler>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Handler {
    path: &'static str,
    phase: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<&'static str>,
    order: i32,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    runs_before: &'static [&'static str],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    runs_after: &'static [&'static str],
    timeout: String,
    /// Where there is a choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    on_failure: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disable_after: Option<u32>,
    place: String,
}

#[derive(Serialize)]
struct Service {
    service: &'static str,
    methods: Vec<Method>,
    place: String,
}

#[derive(Serialize)]
struct Method {
    method: String,
    access: String,
    arguments: Vec<String>,
    path: &'static str,
    timeout: String,
    place: String,
}

#[derive(Serialize)]
struct Timer {
    path: &'static str,
    schedule: String,
    jitter: String,
    overlap: &'static str,
    missed: &'static str,
    timeout: String,
    place: String,
}

impl Manifest {
    pub(super) fn of(registry: &Registry, config: &HandlerConfig) -> Self {
        let sorted = |paths: &[String]| {
            let mut paths = paths.to_vec();
            paths.sort();
            paths
        };
        Self {
            events: events(&registry.handlers()),
            services: registry.listed_services().iter().map(service).collect(),
            timers: registry.declared_timers().iter().map(timer).collect(),
            disabled: sorted(&config.disable),
            expected: sorted(&config.expect),
        }
    }

    /// One field a line, so that a change of one is a change of one line.
    pub(super) fn text(&self) -> io::Result<String> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }
}

fn events(listed: &[ListedHandler]) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for one in listed {
        // These two have lists of their own.
        if matches!(one.meta.phase, Phase::Service | Phase::Timer) {
            continue;
        }
        let access = one.access.map(|access| access.to_string());
        match events.iter_mut().find(|event| event.event == one.event) {
            Some(event) => {
                event.access = access.or_else(|| event.access.take());
                event.handlers.push(handler(&one.meta));
            }
            None => events.push(Event {
                event: one.event,
                access,
                handlers: vec![handler(&one.meta)],
            }),
        }
    }
    events.sort_by_key(|event| (position(event.event), event.event));
    events
}

fn handler(meta: &Meta) -> Handler {
    let has_choice = matches!(meta.phase, Phase::Before | Phase::After);
    Handler {
        path: meta.path,
        phase: meta.phase.as_str(),
        table: meta.table,
        order: meta.order,
        runs_before: meta.runs_before,
        runs_after: meta.runs_after,
        timeout: format!("{:?}", meta.timeout),
        on_failure: has_choice.then(|| meta.on_failure.as_str()),
        disable_after: meta.disable_after,
        place: place(meta),
    }
}

fn service(service: &ListedService) -> Service {
    Service {
        service: service.name,
        methods: service.methods.iter().map(method).collect(),
        place: place(&service.meta),
    }
}

fn method(method: &ListedMethod) -> Method {
    let ListedMethod { info, meta } = method;
    Method {
        method: format!("{} {}", info.verb, info.path),
        access: info.access.to_string(),
        arguments: super::arguments(info),
        path: meta.path,
        timeout: format!("{:?}", meta.timeout),
        place: place(meta),
    }
}

fn timer(timer: &DeclaredTimer) -> Timer {
    let DeclaredTimer { meta, schedule } = timer;
    Timer {
        path: meta.path,
        schedule: schedule.to_string(),
        jitter: format!("{:?}", schedule.jitter),
        overlap: schedule.overlap.as_str(),
        missed: schedule.missed.as_str(),
        timeout: format!("{:?}", meta.timeout),
        place: place(meta),
    }
}

/// File and line. The compiler names files of other workspaces by their whole path, which is another
/// one on each machine; of that what counts is the crate's folder and what is in there.
fn place(meta: &Meta) -> String {
    let file = Path::new(meta.file);
    let in_crate = file.is_absolute().then(|| {
        let mut folders = file.ancestors();
        let source = folders.find(|folder| folder.ends_with("src"))?;
        file.strip_prefix(source.parent()?.parent()?).ok()
    });
    let file = in_crate.flatten().unwrap_or(file);
    format!("{}:{}", file.display(), meta.line)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use vestibule_core::OnFailure;

    use super::*;

    #[test]
    fn a_place_is_the_same_on_each_machine() {
        let at = |file| {
            let meta = Meta {
                path: "guest_limits::limit_guests",
                phase: Phase::Before,
                table: None,
                order: 0,
                runs_before: &[],
                runs_after: &[],
                timeout: Duration::from_secs(5),
                on_failure: OnFailure::Closed,
                disable_after: None,
                file,
                line: 41,
            };
            place(&meta)
        };
        for (file, expected) in [
            ("handlers/src/lib.rs", "handlers/src/lib.rs:41"),
            (
                "/home/ann/src/vestibule/guest-limits/src/lib.rs",
                "guest-limits/src/lib.rs:41",
            ),
            (
                "/home/ann/.cargo/registry/src/index-1/guest-limits-0.1.0/src/a/b.rs",
                "guest-limits-0.1.0/src/a/b.rs:41",
            ),
            ("/elsewhere/lib.rs", "/elsewhere/lib.rs:41"),
        ] {
            assert_eq!(expected, at(file));
        }
    }
}
