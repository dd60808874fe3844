//! A load against servers that answer when the test wants it.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use super::*;

const REQUEST: &str = "GET / HTTP/1.1\r\n\r\n";

#[test]
fn a_load_with_a_rate_makes_the_calls_that_are_due_in_the_window() {
    let address = serve(|| ());
    let load = Load {
        connections: 2,
        per_second: Some(1_000),
        warm_up: Duration::from_millis(10),
        window: Duration::from_millis(40),
    };
    let times = run(&[address], &calls(), load, || Ok(())).unwrap();
    assert_eq!((0, None), times.failed());
    assert_eq!(40, times.count());
}

#[test]
fn a_stall_counts_for_every_call_that_was_due_in_it() {
    let (goes_on, stall) = mpsc::channel::<()>();
    // Once the sender is gone, nobody waits any more.
    let address = serve(move || _ = stall.recv());
    let load = Load {
        connections: 1,
        per_second: Some(1_000),
        warm_up: Duration::ZERO,
        window: Duration::from_millis(50),
    };
    let (mut edges, mut goes_on) = (0, Some(goes_on));
    let times = run(&[address], &calls(), load, || {
        edges += 1;
        if edges == 2 {
            goes_on.take();
        }
        Ok(())
    });
    let times = times.unwrap();
    assert_eq!(50, times.count());
    // The first was due 50 ms before any answer, the last 1 ms.
    assert!(times.quantile(1.0) >= 50.0, "{}", times.quantile(1.0));
    assert!(times.quantile(0.5) >= 25.0, "{}", times.quantile(0.5));
}

fn calls() -> Arc<Calls> {
    Arc::new(Calls::any_of([REQUEST.to_owned()], "ok"))
}

/// A server that does this before each answer, until the tests end.
fn serve(before_answer: impl FnMut() + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let before_answer = Arc::new(std::sync::Mutex::new(before_answer));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, before_answer) = (stream.unwrap(), Arc::clone(&before_answer));
            thread::spawn(move || answer(stream, || before_answer.lock().unwrap()()));
        }
    });
    address
}

fn answer(mut stream: TcpStream, mut before_answer: impl FnMut()) {
    let mut request = [0; REQUEST.len()];
    while stream.read_exact(&mut request).is_ok() {
        before_answer();
        let answered = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        answered.unwrap();
    }
}
