use std::fs;

use http::Method;
use tempfile::TempDir;
use vestibule_http::HttpOptions;

use crate::app::App;

/// An app with a page, and with what an editor left beside it.
async fn app_with_pages() -> (App, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "<h1>welcome</h1>").unwrap();
    fs::write(folder.path().join(".env"), "a secret").unwrap();
    fs::create_dir(folder.path().join("scripts")).unwrap();
    fs::write(folder.path().join("scripts/shop.js"), "let shop;").unwrap();
    fs::create_dir(folder.path().join("scripts/.git")).unwrap();
    fs::write(folder.path().join("scripts/.git/config"), "a secret").unwrap();
    let options = HttpOptions {
        pages: Some(folder.path().to_owned()),
        ..HttpOptions::default()
    };
    (App::with_options(|builder| builder, &options).await, folder)
}

#[tokio::test]
async fn files_of_the_folder_are_served_with_their_type() {
    let (app, _folder) = app_with_pages().await;
    let page = app.raw(Method::GET, "/pages/").send().await;
    assert_eq!((200, "<h1>welcome</h1>"), (page.status, page.text.as_str()));
    assert_eq!(Some("text/html"), page.header("content-type"));
    assert_eq!(Some("no-cache"), page.header("cache-control"));
    let script = app.raw(Method::GET, "/pages/scripts/shop.js").send().await;
    assert_eq!((200, "let shop;"), (script.status, script.text.as_str()));
    assert_eq!(Some("text/javascript"), script.header("content-type"));
}

#[tokio::test]
async fn the_front_door_leads_to_the_pages() {
    let (app, _folder) = app_with_pages().await;
    for (path, location) in [
        ("/", "/pages/"),
        ("/pages", "/pages/"),
        ("/pages/scripts", "/pages/scripts/"),
        ("/pages//scripts", "/pages//scripts/"),
    ] {
        let front = app.raw(Method::GET, path).send().await;
        let led = (front.status, front.header("location"));
        assert_eq!((307, Some(location)), led, "{path}");
    }
}

#[tokio::test]
async fn a_part_of_a_file_can_be_asked_for() {
    let (app, _folder) = app_with_pages().await;
    let part = |range| {
        let page = app.raw(Method::GET, "/pages/");
        page.header("range", range).send()
    };
    let beginning = part("bytes=0-3").await;
    assert_eq!((206, "<h1>"), (beginning.status, beginning.text.as_str()));
    let beyond = part("bytes=1000-").await;
    let length = beyond.header("content-range");
    assert_eq!((416, Some("bytes */16")), (beyond.status, length));
}

#[tokio::test]
async fn what_is_hidden_or_outside_is_not_there() {
    let (app, _folder) = app_with_pages().await;
    let long = format!("/pages/{}", "x".repeat(300));
    let longer = format!("/pages/{}", "x/".repeat(3000));
    for path in [
        &*long,
        &longer,
        "/pages/scripts/.git/config",
        "/pages/scripts%2f.git%2fconfig",
        "/pages/scripts%2F.git/config",
        "/pages/.env",
        "/pages/%2eenv",
        "/pages/%2Eenv",
        "/pages/../Cargo.toml",
        "/pages/%2e%2e/%2e%2e/etc/passwd",
        "/pages/..%2f..%2fetc/passwd",
        "/pages/scripts/..%2f.env",
        "/pages/missing.html",
        "/pages//etc/passwd",
        "/pages/%00",
    ] {
        let answer = app.raw(Method::GET, path).send().await;
        answer.refused(404, 2001);
    }
}

#[tokio::test]
async fn without_the_option_there_are_no_pages() {
    let app = App::start().await;
    app.raw(Method::GET, "/").send().await.refused(404, 2001);
    let page = app.raw(Method::GET, "/pages/index.html").send().await;
    page.refused(400, 2002);
}
