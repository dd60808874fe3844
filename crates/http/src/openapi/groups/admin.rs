use vestibule_wire::admin::{
    AppBody, AuditBody, EventBody, GuestNumbersBody, GuestsPlanBody, SettingsBody, TimerBody,
};

use super::PLACE;
use crate::openapi::{
    codes::BAD_BODY,
    described::{Described, QueryKey, get, patch, post},
    requests,
};

pub(super) fn all() -> Vec<Described> {
    vec![
        get("/admin/api/app", "app", "The app's id and keys.").answers::<AppBody<'_>>(),
        get("/admin/api/settings", "settings", "All settings.").answers::<SettingsBody<'_>>(),
        patch(
            "/admin/api/settings",
            "changeSettings",
            "Changes the settings that come, all of them or none; answers all.",
        )
        .takes(requests::settings)
        .answers::<SettingsBody<'_>>()
        .refuses(&[BAD_BODY]),
        get(
            "/admin/api/handlers",
            "handlers",
            "The effective chain of each event.",
        )
        .answers::<Vec<EventBody<'_>>>(),
        patch(
            "/admin/api/handlers/{path}",
            "changeHandler",
            "Switches a handler on or off, or moves it among the others, for good; answers the effective \
             chains of its events. A service is switched by its own path, with all its methods. What \
             `expect_handlers` names stays as it is, and timers have a path of their own.",
        )
        .takes(requests::handler_change)
        .answers::<Vec<EventBody<'_>>>()
        .refuses(&[BAD_BODY]),
        get(
            "/admin/api/timers",
            "timers",
            "Every timer and how it stands.",
        )
        .answers::<Vec<TimerBody<'_>>>(),
        patch(
            "/admin/api/timers/{path}",
            "enableTimer",
            "Switches a timer on or off for every server of the app, for good; answers how it stands.",
        )
        .takes(requests::timer_change)
        .answers::<TimerBody<'_>>()
        .refuses(&[BAD_BODY]),
        post(
            "/admin/api/timers/{path}/run",
            "runTimer",
            "Runs a timer now, whether it is enabled or not; answers how it stands when it has begun. \
             One that runs already is refused.",
        )
        .may_take(requests::nothing)
        .answers::<TimerBody<'_>>()
        .refuses(&[BAD_BODY]),
        get("/admin/api/guests", "guests", "Guests in numbers.").answers::<GuestNumbersBody<'_>>(),
        get(
            "/admin/api/guests/plan",
            "guestsPlan",
            "Who would go now and who would stay, and why. Nothing is touched.",
        )
        .with(&[
            QueryKey::number("pageSize", "Guests at most: 1 to 1000."),
            QueryKey::text("after", "The `next` of the page before."),
        ])
        .answers::<GuestsPlanBody<'_>>(),
        get(
            "/admin/api/audit",
            "audit",
            "Who used which power, newest first.",
        )
        .with(&PLACE)
        .answers::<Vec<AuditBody<'_>>>(),
    ]
}
