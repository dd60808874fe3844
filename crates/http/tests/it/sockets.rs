//! The same door on real sockets, and its limits.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use vestibule_http::HttpOptions;

use crate::server::{INFO, Server, answer, rest};

/// Limits that a test can wait for.
fn short() -> HttpOptions {
    HttpOptions {
        header_timeout: Duration::from_millis(50),
        idle_timeout: Duration::from_millis(50),
        ..HttpOptions::default()
    }
}

#[tokio::test]
async fn a_connection_of_http_1_serves_request_after_request() {
    let server = Server::start(HttpOptions::default()).await;
    let mut stream = server.connect().await;
    for _ in 0..3 {
        stream.write_all(INFO).await.unwrap();
        assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200 OK"));
    }
}

#[tokio::test]
async fn a_connection_may_speak_http_2() {
    let server = Server::start(HttpOptions::default()).await;
    let stream = TokioIo::new(server.connect().await);
    let (mut client, connection) = http2::handshake(TokioExecutor::new(), stream)
        .await
        .unwrap();
    let driver = tokio::spawn(connection);
    let request = Request::get("http://x/api/info").body(Full::<Bytes>::default());
    let response = client.send_request(request.unwrap()).await.unwrap();
    assert_eq!(200, response.status());
    let body = response.collect().await.unwrap().to_bytes();
    assert!(body.starts_with(br#"{"appId""#));
    driver.abort();
}

#[tokio::test]
async fn who_sends_ten_megabytes_hears_413_rather_than_a_reset() {
    let server = Server::start(HttpOptions::default()).await;
    let mut stream = server.connect().await;
    let length = 10 * 1024 * 1024;
    let head =
        format!("POST /api/users/login HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b'x'; length]).await.unwrap();
    let answer = answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains(r#""code":8000"#), "{answer}");
    stream.write_all(INFO).await.unwrap();
    let next = self::answer(&mut stream).await;
    assert!(next.starts_with("HTTP/1.1 200 OK"), "{next}");
}

#[tokio::test]
async fn who_announces_too_much_hears_413_at_once() {
    let server = Server::start(HttpOptions::default()).await;
    let mut stream = server.connect().await;
    let head = b"POST /api/users/login HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let answer = answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn who_sends_too_much_in_chunks_hears_413() {
    let server = Server::start(HttpOptions::default()).await;
    let mut stream = server.connect().await;
    let head = b"POST /api/users/login HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let chunk = format!("40000\r\n{}\r\n", "x".repeat(0x40000));
    for _ in 0..8 {
        stream.write_all(chunk.as_bytes()).await.unwrap();
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let answer = answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_body_that_never_comes_is_given_up_at_the_deadline() {
    let server = Server::start(HttpOptions::default()).await;
    let mut stream = server.connect().await;
    let half = b"POST /api/users/register HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{\"em";
    stream.write_all(half).await.unwrap();
    let patience = async {
        loop {
            tokio::task::yield_now().await;
            server.app.clock.advance(Duration::from_secs(1));
        }
    };
    let answer = tokio::select! {
        answer = answer(&mut stream) => answer,
        () = patience => unreachable!("patience has no end"),
    };
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert_eq!(0, server.app.users().await, "nothing is stored");
}

#[tokio::test]
async fn a_body_that_breaks_off_registers_nobody() {
    let server = Server::start(HttpOptions::default()).await;
    let mut stream = server.connect().await;
    let half = b"POST /api/users/register HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{}";
    stream.write_all(half).await.unwrap();
    stream.shutdown().await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(!answer.contains("200 OK"), "{answer}");
    assert_eq!(0, server.app.users().await, "nothing is stored");
}

#[tokio::test]
async fn metrics_are_open_to_callers_on_this_machine() {
    let server = Server::start(HttpOptions::default()).await;
    let mut stream = server.connect().await;
    let request = b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[tokio::test]
async fn who_does_not_finish_the_head_of_a_request_is_turned_away() {
    let server = Server::start(short()).await;
    for begun in [
        "",
        "P",
        "PRI * HTTP/2.0\r\n",
        "GET /api/info HTTP/1.1\r\nhost: x\r\n",
    ] {
        let mut stream = server.connect().await;
        stream.write_all(begun.as_bytes()).await.unwrap();
        let rest = rest(&mut stream).await;
        assert!(!rest.contains("200 OK"), "{begun:?} got {rest}");
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let server = Server::start(short()).await;
    let mut stream = server.connect().await;
    stream.write_all(INFO).await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200 OK"));
    let stream = TokioIo::new(server.connect().await);
    let (_client, connection) = http2::handshake::<_, _, Full<Bytes>>(TokioExecutor::new(), stream)
        .await
        .unwrap();
    // Ends because the server says so; the client is still there.
    let _ = connection.await;
}

#[tokio::test]
async fn connections_over_the_limit_wait_for_their_turn() {
    let options = HttpOptions {
        connections_at_most: 1,
        ..HttpOptions::default()
    };
    let server = Server::start(options).await;
    let mut first = server.connect().await;
    first.write_all(INFO).await.unwrap();
    answer(&mut first).await;
    let mut second = server.connect().await;
    second.write_all(INFO).await.unwrap();
    let mut byte = [0];
    let early = tokio::select! {
        biased;
        read = second.read(&mut byte) => Some(read),
        () = turns() => None,
    };
    assert!(
        early.is_none(),
        "the second connection was served beside the first"
    );
    drop(first);
    assert!(answer(&mut second).await.starts_with("HTTP/1.1 200 OK"));
}

/// Lets everything that is ready run for a good while.
async fn turns() {
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
}
