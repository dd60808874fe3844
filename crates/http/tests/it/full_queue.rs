//! More than there is room for: writes in the queue of the storage, bodies in memory.

use futures::future::join_all;
use http::Method;
use vestibule_http::HttpOptions;
use vestibule_storage_sqlite::SqliteOptions;

use crate::app::App;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_write_queue_answers_503_with_retry_after_at_once() {
    let storage = |options| SqliteOptions {
        queue_capacity: 1,
        ..options
    };
    let app = App::with_storage(|builder| builder, &HttpOptions::default(), storage).await;
    let file = SqliteOptions::in_folder(app.folder.path()).database_file();
    // Somebody else holds the database, as a backup tool would: nothing can be written meanwhile.
    let tool = rusqlite::Connection::open(file).unwrap();
    tool.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (sender, mut refused) = tokio::sync::mpsc::unbounded_channel();
    let visitors = join_all((0..8).map(|_| async {
        let answer = app.post("/users/register/guest").send().await;
        if answer.status == 503 {
            assert_eq!(Some("1"), answer.header("retry-after"));
            sender.send(()).unwrap();
        }
        answer.status
    }));
    let release = async {
        // One write is with the writer and one waits; the other six are answered while they do.
        for _ in 0..6 {
            refused.recv().await.unwrap();
        }
        tool.execute_batch("COMMIT").unwrap();
    };
    let (statuses, ()) = tokio::join!(visitors, release);
    let let_in = statuses.iter().filter(|status| **status == 200).count();
    assert!((1..=2).contains(&let_in), "{statuses:?}");
    assert_eq!(200, app.post("/users/register/guest").send().await.status);
}

#[tokio::test]
async fn bodies_that_nobody_will_look_at_take_no_room_and_others_must_find_some() {
    let options = HttpOptions {
        bodies_at_most: 10,
        ..HttpOptions::default()
    };
    let app = App::with_options(|builder| builder, &options).await;
    let large = "x".repeat(100_000);
    let stranger = app
        .raw(Method::POST, "/wrong/key/users/login")
        .body(large.clone());
    stranger.send().await.refused(400, 2002);
    let nobody = app
        .raw(Method::PATCH, "/admin/api/settings")
        .body(large.clone());
    nobody.send().await.refused(401, 2000);

    let client = app.post("/users/login").body(large).send().await;
    client.refused(503, 0);
    assert_eq!(Some("1"), client.header("retry-after"));
    app.post("/users/login")
        .body("{}")
        .send()
        .await
        .refused(400, 3038);
}
