use axum::{
    Router, middleware,
    routing::{MethodRouter, delete, get, patch, post, put},
};
use vestibule_core::Engine;

use crate::{
    HttpOptions,
    exchange::exchange,
    routes::{self, admin},
    site::Site,
    url_forms::UrlForms,
};

/// Everything that the server answers, as a router: for tests, and for servers that bring their
/// own connections.
///
/// Handlers learn the client's address from the extension `ConnectInfo<SocketAddr>` of axum, which
/// [`serve`](crate::serve) sets. The trap: without it nobody is local, and `/metrics` wants the
/// admin token.
pub fn router(engine: Engine, options: &HttpOptions) -> Router {
    Router::new().fallback_service(service(engine, options))
}

/// The same, as the service that connections call.
pub(crate) fn service(engine: Engine, options: &HttpOptions) -> UrlForms {
    let table = table();
    let site = Site::new(engine, options, &table.paths);
    let router = table
        .router
        .fallback(routes::no_such_route)
        .method_not_allowed_fallback(routes::method_not_allowed)
        .layer(middleware::from_fn_with_state(site.clone(), exchange))
        .with_state(site.clone());
    UrlForms::new(site, router)
}

/// All routes. `/{appId}/{apiKey}/...` has become `/api/...` before a request comes here.
fn table() -> Table {
    Table::default()
        .route("/healthz", get(routes::healthz))
        .route("/readyz", get(routes::readyz))
        .route("/metrics", get(routes::metrics))
        .route("/", get(routes::front_page))
        .route("/pages", get(routes::front_page))
        .route("/pages/", get(routes::page))
        .route("/pages/{*path}", get(routes::page))
        .route("/admin/api/app", get(admin::app))
        .route(
            "/admin/api/settings",
            get(admin::settings).patch(admin::change_settings),
        )
        .route("/admin/api/handlers", get(admin::handlers))
        .route("/admin/api/guests", get(admin::guests))
        .route("/admin/api/guests/plan", get(admin::guests_plan))
        .route(
            "/admin/api/tables",
            get(admin::tables).post(admin::create_table),
        )
        .route("/admin/api/tables/{name}", delete(admin::drop_table))
        .route(
            "/admin/api/tables/{name}/columns",
            post(admin::create_column),
        )
        .route(
            "/admin/api/tables/{name}/columns/{column}",
            delete(admin::drop_column),
        )
        .route("/admin/api/tables/{name}/rows", get(admin::rows))
        .route("/admin/api/tables/{name}/rows/{id}", patch(admin::edit_row))
        .route("/admin/api/roles", get(admin::roles))
        .route("/api/info", get(routes::info))
        .route("/api/users/register", post(routes::register))
        .route("/api/users/register/guest", post(routes::login_as_guest))
        .route("/api/users/login", post(routes::login))
        // A HEAD must have no effect, and this is nothing but one.
        .route(
            "/api/users/logout",
            get(routes::logout).head(routes::method_not_allowed),
        )
        .route(
            "/api/users/isvalidusertoken/{token}",
            get(routes::is_valid_user_token),
        )
        .route("/api/users/userroles", get(routes::user_roles))
        .route("/api/users/userroles/{id}", get(routes::user_roles_of))
        .route("/api/users/userclassprops", get(routes::user_class_props))
        // The SDK spells it like this.
        .route("/api/users/verifypassowrd", post(routes::verify_password))
        .route("/api/users/verifypassword", post(routes::verify_password))
        .route(
            "/api/users/{id}",
            get(routes::read_user).put(routes::update_user),
        )
        .route("/api/users/{id}/status", put(routes::change_user_status))
        // Fixed parts of a path come before variable ones: `find` is no id, and `bulk` no table.
        .route(
            "/api/data/{table}",
            get(routes::find_by_query)
                .post(routes::create)
                .put(routes::save),
        )
        .route("/api/data/{table}/upsert", put(routes::upsert))
        .route("/api/data/{table}/deep-save", put(routes::deep_save))
        .route("/api/data/{table}/find", post(routes::find))
        .route("/api/data/{table}/count", post(routes::count))
        .route("/api/data/{table}/pk", get(routes::find_by_primary_key))
        .route("/api/data/{table}/properties", get(routes::describe_table))
        .route("/api/data/{table}/table-name", get(routes::table_name))
        .route(
            "/api/data/{table}/{id}",
            get(routes::find_by_id)
                .put(routes::update)
                .delete(routes::remove),
        )
        .route(
            "/api/data/{table}/{id}/{relation}",
            get(routes::load_relations)
                .post(routes::set_relation)
                .put(routes::add_relation)
                .delete(routes::delete_relation),
        )
        .route(
            "/api/data/bulk/{table}",
            post(routes::bulk_create).put(routes::bulk_update),
        )
        .route("/api/data/bulk/{table}/delete", post(routes::bulk_remove))
        .route("/api/data/bulkupsert/{table}", put(routes::bulk_upsert))
        .route("/api/data/data-grouping/{table}", post(routes::group))
        .route(
            "/api/data/data-grouping/{table}/count",
            post(routes::count_in_group),
        )
        .route(
            "/api/servercode/events/{name}",
            post(routes::dispatch_event),
        )
}

/// The router, and the paths in it: metrics have a place for each.
#[derive(Default)]
struct Table {
    router: Router<Site>,
    paths: Vec<&'static str>,
}

impl Table {
    fn route(mut self, path: &'static str, routes: MethodRouter<Site>) -> Self {
        self.paths.push(path);
        self.router = self.router.route(path, routes);
        self
    }
}
