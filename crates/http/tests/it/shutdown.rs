//! How the server stops.

use std::{future, sync::Arc, time::Duration};

use tokio::{io::AsyncWriteExt, net::TcpStream, sync::Notify};
use vestibule::prelude::*;
use vestibule_http::HttpOptions;

use crate::server::{GUEST, Server, answer, rest};

#[derive(Default)]
struct Gate {
    entered: Notify,
    open: Notify,
}

/// Waits at the gate.
#[before(timeout = "10m", collect = false)]
async fn wait(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    let gates = ctx.state::<Arc<Gate>>();
    gates.entered.notify_one();
    gates.open.notified().await;
    Ok(Flow::Continue)
}

/// Hands out the gate of the engine.
#[before(collect = false)]
async fn open(_event: &mut Logout, ctx: &Context) -> Result<Flow<Logout>> {
    ctx.state::<Arc<Gate>>().open.notify_one();
    Ok(Flow::Continue)
}

#[tokio::test]
async fn a_server_that_stops_finishes_what_it_has_begun() {
    let mut server = Server::with(
        |builder| builder.handler::<wait>().handler::<open>(),
        HttpOptions::default(),
    )
    .await;
    let mut idle = server.connect().await;
    let mut stream = server.connect().await;
    stream.write_all(GUEST).await.unwrap();
    while server.app.engine.statistics().calls_running == 0 {
        tokio::task::yield_now().await;
    }
    server.stop();
    assert_eq!(
        "",
        rest(&mut idle).await,
        "an idle connection is closed at once"
    );
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!server.task.is_finished());
    server.app.get("/users/logout").send().await.empty();
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200 OK"));
    let summary = server.task.await.unwrap();
    assert_eq!(0, summary.cut_off);
}

#[tokio::test]
async fn a_body_that_does_not_come_keeps_no_server_from_stopping() {
    let mut server = Server::start(HttpOptions::default()).await;
    let mut stream = server.connect().await;
    let half = b"POST /api/users/register HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{";
    stream.write_all(half).await.unwrap();
    // An answered request on another connection: the server has seen what came before it.
    let mut other = server.connect().await;
    other.write_all(GUEST).await.unwrap();
    answer(&mut other).await;
    let begun = server.app.engine.clock().monotonic();
    server.stop();
    while !server.task.is_finished() {
        server.app.clock.advance(Duration::from_millis(100));
        tokio::task::yield_now().await;
    }
    let took = server.app.engine.clock().monotonic().since(begun);
    assert!(took < HttpOptions::default().request_timeout, "{took:?}");
}

/// Never ends by itself.
#[before(timeout = "10m", collect = false)]
async fn hang(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    future::pending().await
}

#[tokio::test]
async fn a_server_that_stops_cuts_off_what_does_not_finish_in_time() {
    let options = HttpOptions {
        drain_timeout: Duration::from_secs(5),
        ..HttpOptions::default()
    };
    let mut server = Server::with(|builder| builder.handler::<hang>(), options).await;
    let mut stream = server.connect().await;
    stream.write_all(GUEST).await.unwrap();
    while server.app.engine.statistics().calls_running == 0 {
        tokio::task::yield_now().await;
    }
    server.stop();
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    while !server.task.is_finished() {
        server.app.clock.advance(Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
    let summary = server.task.await.unwrap();
    assert_eq!(1, summary.cut_off);
    assert_eq!("", rest(&mut stream).await);
}
