//! What is counted.

use std::{hint::black_box, net::SocketAddr, sync::Arc};

use axum::{Router, body::Body, extract::ConnectInfo, routing::get};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;
use vestibule_core::{AppConfig, ClientRequest, Engine, LoginAsGuest};
use vestibule_http::{HttpOptions, router};
use vestibule_model::KeyKind;
use vestibule_storage::Storage;
use vestibule_storage_sqlite::{Sqlite, SqliteOptions};

use crate::at_once::AtOnce;

const APP_ID: &str = "BE1C4A2D-6F3A-9E57-FF0A-3C1D58E0B700";
const JS_KEY: &str = "2A9B4C1D-7E53-4F08-A6D2-51C0E97B3F44";
const CLOUD_CODE_KEY: &str = "6C0D8E2F-13B7-4A59-9F1E-8D7C2B5A6043";

/// What browsers send along.
const HEADERS: [(&str, &str); 8] = [
    ("host", "localhost:8080"),
    ("connection", "keep-alive"),
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0",
    ),
    ("accept", "*/*"),
    ("accept-language", "en-US,en;q=0.5"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("content-type", "application/json"),
    ("origin", "https://shop.example.com"),
];

/// One of the things that are counted.
#[derive(Clone, Copy)]
pub(crate) enum Case {
    /// What axum takes for the path and the answer of a token check.
    BareRouter,
    /// `isvalidusertoken` of a session that is in memory.
    TokenCheck,
    /// The same at the domain itself: the URL names neither app nor key.
    TokenCheckOfDomain,
    /// A guest login; its writes are answered at once.
    GuestLogin,
}

pub(crate) const CASES: &[Case] = &[
    Case::BareRouter,
    Case::TokenCheck,
    Case::TokenCheckOfDomain,
    Case::GuestLogin,
];

impl Case {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BareRouter => "a bare router of axum",
            Self::TokenCheck => "a token check from memory",
            Self::TokenCheckOfDomain => "  without ids in the URL",
            Self::GuestLogin => "a guest login without I/O",
        }
    }
}

/// Requests that are to be answered, and by whom.
pub(crate) struct Requests {
    router: Router,
    requests: Vec<Request<Body>>,
}

/// What cases need, started.
pub(crate) struct Ready {
    runtime: Runtime,
    bare: Router,
    router: Router,
    token: String,
    _folder: TempDir,
}

impl Ready {
    pub(crate) fn start() -> Self {
        let runtime = Builder::new_current_thread().enable_time().build();
        let runtime = runtime.expect("a runtime of one thread");
        let folder = tempfile::tempdir().expect("a folder");
        let (router, token) = runtime.block_on(start(&folder));
        let path = "/{app}/{key}/users/isvalidusertoken/{token}";
        let bare = Router::new().route(path, get(async || "true"));
        Self {
            runtime,
            bare: Router::new().fallback_service(bare),
            router,
            token,
            _folder: folder,
        }
    }

    /// So many requests of a case, made before anything is counted.
    pub(crate) fn requests(&self, case: Case, times: usize) -> Requests {
        let by_ids = format!("/{APP_ID}/{JS_KEY}");
        let check = format!("users/isvalidusertoken/{}", self.token);
        let (router, method, path) = match case {
            Case::BareRouter => (&self.bare, Method::GET, format!("{by_ids}/{check}")),
            Case::TokenCheck => (&self.router, Method::GET, format!("{by_ids}/{check}")),
            Case::TokenCheckOfDomain => (&self.router, Method::GET, format!("/api/{check}")),
            Case::GuestLogin => {
                let path = format!("{by_ids}/users/register/guest");
                (&self.router, Method::POST, path)
            }
        };
        let request = || {
            let request = Request::builder().method(method.clone()).uri(&path);
            let request = HEADERS.iter().fold(request, |request, (name, value)| {
                request.header(*name, *value)
            });
            request.body(Body::empty()).expect("a request")
        };
        Requests {
            router: router.clone(),
            requests: (0..times).map(|_| request()).collect(),
        }
    }

    /// Has them answered, one after the other.
    pub(crate) fn answer(&self, requests: Requests) {
        let peer = SocketAddr::from(([203, 0, 113, 7], 4711));
        self.runtime.block_on(async {
            for mut request in requests.requests {
                request.extensions_mut().insert(ConnectInfo(peer));
                let answer = requests.router.clone().oneshot(request).await;
                let answer = answer.expect("a router cannot fail");
                assert_eq!(StatusCode::OK, answer.status());
                let body = answer.into_body().collect().await.expect("a body");
                let body = black_box(body.to_bytes());
                assert!(&*body == b"true" || body.starts_with(b"{"), "{body:?}");
            }
        });
    }
}

/// A server whose storage makes no write, and the token of a guest whom it knows.
async fn start(folder: &TempDir) -> (Router, String) {
    let sqlite = Sqlite::open(SqliteOptions::in_folder(folder.path())).expect("a database");
    let sqlite: Arc<dyn Storage> = Arc::new(sqlite);
    let at_once = Arc::new(AtOnce::before(&sqlite));
    let storage: Arc<dyn Storage> = Arc::clone(&at_once) as _;
    let keys = [(KeyKind::Js, JS_KEY), (KeyKind::Bl, CLOUD_CODE_KEY)];
    let app = AppConfig {
        id: Some(APP_ID.to_owned()),
        keys: keys.map(|(kind, key)| (kind, key.to_owned())).to_vec(),
        ..AppConfig::default()
    };
    let builder = Engine::builder(storage).data_folder(folder.path());
    let builder = builder.app(app).without_cleanup().without_timers();
    let (engine, _) = builder.start().await.expect("the engine starts");
    at_once.write_nothing();
    let request = ClientRequest::new(engine.key_of_domain());
    let login = engine
        .submit(request, LoginAsGuest::default())
        .await
        .outcome;
    let token = login.expect("a guest may come in").token.reveal();
    (router(engine, &HttpOptions::default()), token)
}
