//! The descriptions, route by route, in groups.

mod admin;
mod admin_access;
mod admin_tables;
mod bulk;
mod mails;
mod permissions;
mod records;
mod relations;
mod roles;
mod server;
mod server_code;
mod services;
mod sessions;
mod users;

use vestibule_core::ListedService;

use super::described::{Described, QueryKey};

/// A chapter of the document.
pub(super) struct Group {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
}

/// All of them, in the order in which they are read; with the services of an app.
pub(super) fn all(of_app: &[ListedService]) -> Vec<(Group, Vec<Described>)> {
    let groups: [(_, _, Vec<Described>); 14] = [
        ("sessions", "Coming in and leaving.", sessions::all()),
        ("users", "Users and their status.", users::all()),
        ("roles", "Who has which role.", roles::all()),
        ("mails", "What is done with a link in a mail.", mails::all()),
        (
            "records",
            "Records of any table, one by one, and queries.",
            records::all(),
        ),
        (
            "relations",
            "Which records relate to which.",
            relations::all(),
        ),
        ("bulk", "Many records at once.", bulk::all()),
        (
            "permissions",
            "Who may do what with tables and records.",
            permissions::all(),
        ),
        (
            "server code",
            "What the app's own handlers do, by name.",
            server_code::all(),
        ),
        (
            "services",
            "The app's own API services. The SDK calls every method with POST: where a path has one \
             method, and none for POST, POST runs it, with its named arguments in the body.",
            services::all(of_app),
        ),
        ("admin", "The app, for its operator.", admin::all()),
        (
            "admin access",
            "Roles, permissions and sessions, for the operator.",
            admin_access::all(),
        ),
        (
            "admin tables",
            "The schema and all rows, for the operator.",
            admin_tables::all(),
        ),
        ("server", "The server itself.", server::all()),
    ];
    let groups = groups
        .into_iter()
        .map(|(name, about, routes)| (Group { name, about }, routes));
    groups.collect()
}

/// Keys that choose columns and relations of one record.
const PROJECTION: [QueryKey; 5] = [
    QueryKey::text("props", "Columns, with commas; `*` for all."),
    QueryKey::text("excludeProps", "Columns to leave out, with commas."),
    QueryKey::text(
        "loadRelations",
        "Relations to load, with commas and dots; `*` for all.",
    ),
    QueryKey::number(
        "relationsDepth",
        "How deep relations are loaded, all of them.",
    ),
    QueryKey::number("relationsPageSize", "Records of a relation at most."),
];

/// Keys that choose records and their order.
const PAGE: [QueryKey; 4] = [
    QueryKey::text("where", "What must be true for a record: `price > 10`."),
    QueryKey::text("sortBy", "Columns, with commas: `created desc, name`."),
    QueryKey::number("pageSize", "Records at most: 1 to 100."),
    QueryKey::number("offset", "Records to skip."),
];

/// Keys that choose a page of one of the operator's lists.
const PLACE: [QueryKey; 2] = [
    QueryKey::number("pageSize", "Entries at most: 1 to 1000."),
    QueryKey::number("offset", "Entries to skip."),
];

/// Keys that make rows out of several records.
const GROUPING: [QueryKey; 3] = [
    QueryKey::text("groupBy", "Columns, with commas."),
    QueryKey::text(
        "having",
        "What must be true for a group: `Count(objectId) > 1`.",
    ),
    QueryKey::flag("distinct", "Whether equal rows are one."),
];
