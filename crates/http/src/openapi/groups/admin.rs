use vestibule_wire::admin::{
    AppBody, AuditBody, EventBody, GuestNumbersBody, GuestsPlanBody, SettingsBody,
};

use super::PLACE;
use crate::openapi::{
    codes::BAD_BODY,
    described::{Described, QueryKey, get, patch},
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
