//! The servers to compare with: hyper and SQLite, and nothing in between. They know no app, no keys, no
//! permissions, no handlers and no settings, and cut every corner but durability.
//!
//! One thread writes, and commits whatever waits at once (`synchronous=FULL`). Reads take place on the
//! thread that has the request, on a connection of its own.

mod answers;
pub(crate) mod calls;
pub(crate) mod passwords;
mod reads;
mod writer;

use std::{
    convert::Infallible,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rusqlite::Connection;
use tokio::{net::TcpListener, runtime};

use self::{passwords::Passwords, writer::Writer};
use crate::{Result, process::Server, rows::Layout};

/// What such a server has.
struct Bare {
    database: PathBuf,
    writer: Writer,
    passwords: Passwords,
}

/// Starts one on a database that is there, as a process of its own.
pub(crate) fn start(database: &Path, layout: Layout) -> Result<Server> {
    let name = match layout {
        Layout::Vestibule => "vestibule",
        Layout::TwoTables => "two-tables",
    };
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["bare", name]).arg(database);
    Server::start(&mut command, &database.with_extension("log"))
}

/// Runs one until it is killed.
pub(crate) fn run(database: &Path, layout: Layout) -> Result<()> {
    let bare = Arc::new(Bare {
        database: database.to_owned(),
        writer: Writer::start(database, layout)?,
        passwords: Passwords::new(),
    });
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(bare))
}

async fn serve(bare: Arc<Bare>) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let bare = Arc::clone(&bare);
        let service = service_fn(move |request| {
            let bare = Arc::clone(&bare);
            async move { Ok::<_, Infallible>(answers::answer(&bare, request).await) }
        });
        tokio::spawn(async move {
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // A client that goes away in the middle is nobody's business here.
            let _ = connection.await;
        });
    }
}

/// A connection as Vestibule's are.
fn open(database: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(database)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}
