use axum::Router;
use tower::layer::layer_fn;
use vestibule_core::Engine;

use crate::{
    HttpOptions, account_page,
    exchange::Exchange,
    methods::{Methods, delete, get, patch, post, put},
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
    let of_all = site.clone();
    let router = table
        .router
        .fallback(routes::no_such_route)
        .method_not_allowed_fallback(routes::method_not_allowed)
        .layer(layer_fn(move |route| Exchange {
            site: of_all.clone(),
            route,
        }))
        .with_state(site.clone());
    UrlForms::new(site, router)
}

/// All routes. `/{appId}/{apiKey}/...` has become `/api/...` before a request comes here.
fn table() -> Table {
    Table::default()
        .route("/healthz", get(routes::healthz))
        .route("/readyz", get(routes::readyz))
        .route("/metrics", get(routes::metrics))
        .route("/openapi", get(routes::openapi_page))
        .route("/openapi.css", get(routes::openapi_style))
        .route("/openapi.js", get(routes::openapi_script))
        .route("/openapi.json", get(routes::openapi_document))
        .route("/", get(routes::front_page))
        .route("/pages", get(routes::front_page))
        .route("/pages/", get(routes::page))
        .route("/pages/{*path}", get(routes::page))
        // Where links in mails lead. A look uses no link up.
        .route("/account/style.css", get(account_page::style))
        .route(
            "/account/restore-password/{link}",
            get(routes::set_password_page).post(routes::set_password),
        )
        .route(
            "/account/confirm-email/{link}",
            get(routes::confirm_email_page).post(routes::confirm_email),
        )
        .route("/admin/api/app", get(admin::app))
        .route(
            "/admin/api/settings",
            get(admin::settings).patch(admin::change_settings),
        )
        .route("/admin/api/handlers", get(admin::handlers))
        .route("/admin/api/handlers/{path}", patch(admin::change_handler))
        .route("/admin/api/timers", get(admin::timers))
        .route("/admin/api/timers/{path}", patch(admin::enable_timer))
        .route("/admin/api/timers/{path}/run", post(admin::run_timer))
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
            patch(admin::change_column).delete(admin::drop_column),
        )
        .route("/admin/api/tables/{name}/rows", get(admin::rows))
        .route("/admin/api/tables/{name}/rows/{id}", patch(admin::edit_row))
        .route("/admin/api/audit", get(admin::audit))
        .route(
            "/admin/api/users/{id}/sessions",
            get(admin::sessions).delete(admin::end_sessions),
        )
        .route(
            "/admin/api/users/{id}/sessions/{session}",
            delete(admin::end_session),
        )
        .route(
            "/admin/api/permissions",
            get(admin::permissions).put(admin::set_permission),
        )
        .route(
            "/admin/api/roles",
            get(admin::roles).post(admin::create_role),
        )
        .route("/admin/api/roles/{name}", delete(admin::drop_role))
        .route(
            "/admin/api/users/{id}/roles",
            get(admin::user_roles).post(admin::assign_role),
        )
        .route(
            "/admin/api/users/{id}/roles/{role}",
            delete(admin::unassign_role),
        )
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
        // Nor does a HEAD send a mail.
        .route(
            "/api/users/restorepassword/{identity}",
            get(routes::restore_password).head(routes::method_not_allowed),
        )
        .route(
            "/api/users/resendconfirmation/{identity}",
            post(routes::resend_confirmation),
        )
        .route(
            "/api/users/createEmailConfirmationURL/{identity}",
            post(routes::create_email_confirmation_url),
        )
        .route("/api/users/userroles", get(routes::user_roles))
        .route("/api/users/userroles/{id}", get(routes::user_roles_of))
        .route("/api/users/role/{role}", get(routes::find_by_role))
        .route("/api/users/assignRole", post(routes::assign_role))
        .route("/api/users/unassignRole", post(routes::unassign_role))
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
            "/api/data/{table}/permissions/{access}",
            put(routes::set_table_permission),
        )
        .route(
            "/api/data/{table}/permissions/{access}/{id}",
            put(routes::set_permission),
        )
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
        .route("/api/services/{service}", service_methods())
        .route("/api/services/{service}/", service_methods())
        .route("/api/services/{service}/{*path}", service_methods())
}

/// Every verb that a method of a service may have. A HEAD must have no effect, and nobody knows what
/// a method does.
fn service_methods() -> Methods {
    get(routes::invoke_service)
        .head(routes::method_not_allowed)
        .post(routes::invoke_service)
        .put(routes::invoke_service)
        .patch(routes::invoke_service)
        .delete(routes::invoke_service)
}

/// The router, and the paths in it: metrics have a place for each.
#[derive(Default)]
struct Table {
    router: Router<Site>,
    paths: Vec<&'static str>,
}

impl Table {
    fn route(mut self, path: &'static str, methods: Methods) -> Self {
        self.paths.push(path);
        self.router = self.router.route(path, methods.into_router());
        self
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Arc};

    use axum::body::Body;
    use http::{Method, Request, header};
    use tower::ServiceExt;
    use vestibule::prelude::*;
    use vestibule_storage_sqlite::{Sqlite, SqliteOptions};

    use super::*;
    use crate::openapi;

    /// Where the methods of the app's own services are, whatever paths those have.
    const SERVICES: &str = "/api/services/{service}/{*path}";

    /// Has a method for each verb.
    #[derive(Default)]
    struct Verbs;

    #[service("verbs", collect = false)]
    impl Verbs {
        #[get("/it", access = anyone)]
        async fn get(&self, _ctx: &Context) -> Result<()> {
            Ok(())
        }

        #[post("/it", access = anyone)]
        async fn post(&self, _ctx: &Context) -> Result<()> {
            Ok(())
        }

        #[put("/it", access = anyone)]
        async fn put(&self, _ctx: &Context) -> Result<()> {
            Ok(())
        }

        #[patch("/it", access = anyone)]
        async fn patch(&self, _ctx: &Context) -> Result<()> {
            Ok(())
        }

        #[delete("/it", access = anyone)]
        async fn delete(&self, _ctx: &Context) -> Result<()> {
            Ok(())
        }
    }

    /// What the table answers to, by path and method: it is asked with a method that no route has, and
    /// says which ones the path takes.
    async fn routes(engine: &Engine) -> BTreeSet<(&'static str, Method)> {
        let Table { router, paths } = table();
        let router = router.with_state(Site::new(engine.clone(), &HttpOptions::default(), &paths));
        let mut routes = BTreeSet::new();
        for path in paths {
            let request = Request::builder()
                .method("UNHEARD-OF")
                .uri(path.replace(['{', '}', '*'], ""));
            let request = request.body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            let methods = response.headers()[header::ALLOW].to_str().unwrap();
            let methods = methods.split(',').filter(|method| *method != "HEAD");
            routes.extend(methods.map(|method| (path, method.parse().unwrap())));
        }
        routes
    }

    #[tokio::test]
    async fn every_call_is_described_and_every_description_has_a_route() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Sqlite::open(SqliteOptions::in_folder(folder.path())).unwrap();
        let builder = Engine::builder(Arc::new(storage)).data_folder(folder.path());
        let (engine, _) = builder.handler::<Verbs>().start().await.unwrap();
        let mut routes = routes(&engine).await;
        routes.retain(|(path, _)| !openapi::PAGES.contains(path));
        let described = openapi::described(&engine);
        let described: BTreeSet<_> = described
            .iter()
            .map(
                |(path, method)| match path.strip_prefix("/api/services/verbs/") {
                    Some(_) => (SERVICES, method.clone()),
                    None => (path.as_str(), method.clone()),
                },
            )
            .collect();
        assert_eq!(routes, described);
    }
}
