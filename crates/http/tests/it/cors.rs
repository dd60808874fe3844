use http::Method;

use crate::app::{APP_ID, App};

#[tokio::test]
async fn a_preflight_needs_neither_key_nor_token() {
    let app = App::start().await;
    let path = format!("/{APP_ID}/wrong/users/login");
    for path in ["/api/users/login", path.as_str(), "/api/no/such/route"] {
        let answer = app
            .raw(Method::OPTIONS, path)
            .header("origin", "https://shop.example")
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "content-type,x-of-our-own",
            )
            .send()
            .await;
        assert_eq!((204, ""), (answer.status, answer.text.as_str()), "{path}");
        let expected = [
            ("access-control-allow-origin", "*"),
            (
                "access-control-allow-methods",
                "GET, POST, PUT, DELETE, PATCH, OPTIONS",
            ),
            ("access-control-allow-headers", "content-type,x-of-our-own"),
            ("access-control-max-age", "86400"),
        ];
        for (name, value) in expected {
            assert_eq!(Some(value), answer.header(name), "{path}");
        }
    }
}

#[tokio::test]
async fn scripts_of_any_origin_may_read_answers_and_refusals() {
    let app = App::start().await;
    for (path, status) in [
        ("/api/info", 200),
        ("/api/nowhere", 404),
        ("/x/y/info", 400),
    ] {
        let ask = app
            .raw(Method::GET, path)
            .header("origin", "https://shop.example");
        let answer = ask.send().await;
        assert_eq!(status, answer.status);
        assert_eq!(Some("*"), answer.header("access-control-allow-origin"));
        let exposed = answer.header("access-control-expose-headers");
        assert_eq!(Some("x-request-id, retry-after"), exposed);
    }
}

#[tokio::test]
async fn scripts_may_not_read_what_belongs_to_the_server_itself() {
    let app = App::start().await;
    for path in ["/metrics", "/admin/api/app", "/healthz"] {
        let ask = app
            .raw(Method::GET, path)
            .header("origin", "https://evil.example");
        let answer = ask.send().await;
        assert_eq!(None, answer.header("access-control-allow-origin"), "{path}");
        let preflight = app.raw(Method::OPTIONS, path).send().await;
        assert_eq!(None, preflight.header("access-control-allow-origin"));
    }
}
