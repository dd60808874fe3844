//! A whole app behind the router, and what a test says to it.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{HeaderMap, Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tower::ServiceExt;
use vestibule_core::{AppConfig, Engine, EngineBuilder};
use vestibule_http::{HttpOptions, router};
use vestibule_model::{KeyKind, ManualClock, Profile, SeededRandomness, Timestamp};
use vestibule_storage_sqlite::{Durability, Sqlite, SqliteOptions};

pub(crate) const APP_ID: &str = "APP-1";
pub(crate) const BL_KEY: &str = "the-code-runner-key";
pub(crate) const JS_KEY: &str = "the-js-key";
pub(crate) const ADMIN_TOKEN: &str = "the-admin-token";
pub(crate) const EMAIL: &str = "ann@example.com";
pub(crate) const PASSWORD: &str = "a good password";

pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) router: Router,
    pub(crate) clock: ManualClock,
    /// Where the database is, for as long as the app runs.
    pub(crate) folder: TempDir,
}

impl App {
    pub(crate) async fn start() -> Self {
        Self::with(|builder| builder).await
    }

    pub(crate) async fn with(build: impl FnOnce(EngineBuilder) -> EngineBuilder) -> Self {
        Self::with_options(build, &HttpOptions::default()).await
    }

    pub(crate) async fn with_options(
        build: impl FnOnce(EngineBuilder) -> EngineBuilder,
        options: &HttpOptions,
    ) -> Self {
        Self::with_storage(build, options, |storage| storage).await
    }

    pub(crate) async fn with_storage(
        build: impl FnOnce(EngineBuilder) -> EngineBuilder,
        options: &HttpOptions,
        storage: impl FnOnce(SqliteOptions) -> SqliteOptions,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = Sqlite::open(storage(SqliteOptions {
            durability: Durability::Off,
            ..SqliteOptions::in_folder(folder.path())
        }));
        let clock = ManualClock::at(Timestamp::from_millis(1_700_000_000_000));
        let builder = Engine::builder(Arc::new(storage.unwrap()))
            .clock(Arc::new(clock.clone()))
            .randomness(Arc::new(SeededRandomness::new(1)))
            .data_folder(folder.path())
            .app(AppConfig {
                id: Some(APP_ID.to_owned()),
                keys: vec![
                    (KeyKind::Js, JS_KEY.to_owned()),
                    (KeyKind::Bl, BL_KEY.to_owned()),
                ],
                admin_token: Some(ADMIN_TOKEN.to_owned()),
                profile: Profile::Backendless,
            });
        let (engine, _) = build(builder).start().await.unwrap();
        Self {
            router: router(engine.clone(), options),
            engine,
            clock,
            folder,
        }
    }

    /// A request with the JS key in the URL.
    pub(crate) fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Ask<'_> {
        self.ask(Method::POST, path)
    }

    pub(crate) fn put(&self, path: &str) -> Ask<'_> {
        self.ask(Method::PUT, path)
    }

    pub(crate) fn delete(&self, path: &str) -> Ask<'_> {
        self.ask(Method::DELETE, path)
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        let mut ask = self.raw(method, path);
        ask.key = Some(JS_KEY);
        ask
    }

    /// A request with exactly this path.
    pub(crate) fn raw(&self, method: Method, path: &str) -> Ask<'_> {
        Ask {
            app: self,
            method,
            path: path.to_owned(),
            key: None,
            headers: HeaderMap::new(),
            body: Body::empty(),
            peer: None,
        }
    }

    /// A request of the operator.
    pub(crate) fn admin(&self, method: Method, path: &str) -> Ask<'_> {
        self.raw(method, &format!("/admin/api{path}"))
            .header("authorization", &format!("Bearer {ADMIN_TOKEN}"))
    }

    pub(crate) async fn guest(&self) -> (String, String) {
        id_and_token(&self.post("/users/register/guest").send().await.ok())
    }

    pub(crate) async fn register(&self, email: &str) -> Json {
        let user = json!({ "email": email, "password": PASSWORD });
        self.post("/users/register").json(&user).send().await.ok()
    }

    /// Logs in a user who is registered; the id and the token.
    pub(crate) async fn login(&self, email: &str) -> (String, String) {
        let body = json!({ "login": email, "password": PASSWORD });
        id_and_token(&self.post("/users/login").json(&body).send().await.ok())
    }

    /// Registers Ann and logs her in; the id and the token.
    pub(crate) async fn ann(&self) -> (String, String) {
        self.register(EMAIL).await;
        self.login(EMAIL).await
    }

    pub(crate) async fn disable(&self, id: &str) {
        let status = json!({ "userStatus": "DISABLED" });
        let path = format!("/users/{id}/status");
        self.put(&path)
            .key(BL_KEY)
            .json(&status)
            .send()
            .await
            .empty();
    }

    pub(crate) async fn set(&self, settings: Json) {
        let patch = self.admin(Method::PATCH, "/settings").json(&settings);
        patch.send().await.ok();
    }

    /// Makes a record, and its table if there is none; answers it.
    pub(crate) async fn record(&self, table: &str, record: Json) -> Json {
        let path = format!("/data/{table}");
        self.post(&path).json(&record).send().await.ok()
    }

    /// Finds records.
    pub(crate) async fn found(&self, table: &str, query: Json) -> Json {
        let path = format!("/data/{table}/find");
        self.post(&path).json(&query).send().await.ok()
    }

    /// How many records there are that a clause is true for; all without one.
    pub(crate) async fn count(&self, table: &str, clause: &str) -> u64 {
        let path = format!("/data/{table}/count");
        let query = json!({ "where": clause });
        let count = self.post(&path).json(&query).send().await.ok();
        count.as_u64().unwrap()
    }

    /// How many users there are, guests included.
    pub(crate) async fn users(&self) -> usize {
        let found = self.get("/data/Users?pageSize=100").send().await.ok();
        found.as_array().unwrap().len()
    }
}

fn id_and_token(login: &Json) -> (String, String) {
    let text = |name: &str| login[name].as_str().unwrap().to_owned();
    (text("objectId"), text("user-token"))
}

/// One request, as far as it has been said.
pub(crate) struct Ask<'a> {
    app: &'a App,
    method: Method,
    path: String,
    key: Option<&'static str>,
    headers: HeaderMap,
    body: Body,
    peer: Option<IpAddr>,
}

impl Ask<'_> {
    pub(crate) fn key(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.header("user-token", token)
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.append(name, value.parse().unwrap());
        self
    }

    pub(crate) fn json(self, body: &Json) -> Self {
        self.body(body.to_string())
    }

    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn peer(mut self, peer: &str) -> Self {
        self.peer = Some(peer.parse().unwrap());
        self
    }

    pub(crate) async fn send(self) -> Answer {
        let uri = match self.key {
            Some(key) => format!("/{APP_ID}/{key}{}", self.path),
            None => self.path,
        };
        let mut request = Request::new(self.body);
        *request.method_mut() = self.method;
        *request.uri_mut() = uri.parse().unwrap();
        *request.headers_mut() = self.headers;
        if let Some(peer) = self.peer {
            let peer = ConnectInfo(SocketAddr::new(peer, 4711));
            request.extensions_mut().insert(peer);
        }
        let response = self.app.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body of a success.
    #[track_caller]
    pub(crate) fn ok(&self) -> Json {
        assert_eq!(200, self.status, "{}", self.text);
        assert_eq!(Some("application/json"), self.header("content-type"));
        serde_json::from_str(&self.text).unwrap()
    }

    /// A success that has nothing to say.
    #[track_caller]
    pub(crate) fn empty(&self) {
        assert_eq!((200, ""), (self.status, self.text.as_str()));
    }

    /// The message of a refusal: the envelope and nothing else.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: i32) -> String {
        let body: Json = serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{error} in {:?}", self.text));
        let message = body["message"].as_str().unwrap_or_default().to_owned();
        let envelope = json!({ "code": code, "message": message, "errorData": {} });
        assert_eq!((status, &envelope), (self.status, &body));
        assert!(!message.is_empty());
        assert_eq!(Some("application/json"), self.header("content-type"));
        message
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// The id of a record.
pub(crate) fn id(record: &Json) -> &str {
    record["objectId"].as_str().unwrap()
}

/// A path with a query, its values encoded as clients do it.
pub(crate) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("{path}?{query}")
}

/// The values under one key, row by row.
pub(crate) fn column(rows: &Json, key: &str) -> Vec<Json> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row[key].clone()).collect()
}

/// The keys of a JSON object, in alphabetical order.
pub(crate) fn keys(json: &Json) -> Vec<&str> {
    let mut keys: Vec<_> = json
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

/// The keys of a user without custom columns, in alphabetical order.
pub(crate) const USER_KEYS: [&str; 13] = [
    "___class",
    "accountType",
    "blUserLocale",
    "created",
    "email",
    "lastLogin",
    "name",
    "oAuthIdentities",
    "objectId",
    "ownerId",
    "socialAccount",
    "updated",
    "userStatus",
];
