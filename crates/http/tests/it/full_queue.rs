//! More writes than the storage takes.

use futures::future::join_all;
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
