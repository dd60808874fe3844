//! A client on the loopback that measures how long it waits, for the benchmarks of this crate.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Makes the text of a request out of its number.
pub(crate) type Request = Arc<dyn Fn(usize) -> String + Send + Sync>;

/// A connection that waits for each answer before it asks again.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    /// Sends a request and returns the body of its answer, which must be a success.
    pub(crate) async fn call(&mut self, request: &str) -> &[u8] {
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.buffer.clear();
        loop {
            if let Some((head, length)) = head(&self.buffer)
                && self.buffer.len() >= head + length
            {
                return &self.buffer[head..head + length];
            }
            let read = self.stream.read_buf(&mut self.buffer).await.unwrap();
            assert_ne!(0, read, "the server hung up");
        }
    }
}

/// How long the head is and how long the body will be, once the head is there.
fn head(answer: &[u8]) -> Option<(usize, usize)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&answer[..end]).unwrap();
    let head = head.to_ascii_lowercase();
    assert!(
        head.starts_with("http/1.1 200"),
        "{}",
        String::from_utf8_lossy(answer)
    );
    let length = head.split("content-length: ").nth(1).unwrap();
    Some((end, length.lines().next().unwrap().parse().unwrap()))
}

/// How long calls took, each and together.
pub(crate) struct Times {
    each: Histogram<u64>,
    together: Duration,
}

impl Times {
    /// The names of what is in a [`Times::row`].
    pub(crate) fn header() -> String {
        format!(
            "{:>9}{:>12}{:>9}{:>9}{:>9}{:>9}",
            "calls", "per second", "p50", "p99", "p99.9", "longest"
        )
    }

    /// Nothing yet; takes times up to a minute, to three digits.
    pub(crate) fn none() -> Self {
        Self {
            each: Histogram::new_with_max(60_000_000, 3).unwrap(),
            together: Duration::ZERO,
        }
    }

    /// Adds a call.
    pub(crate) fn record(&mut self, sent: Instant) {
        let micros = u64::try_from(sent.elapsed().as_micros()).unwrap();
        self.each.saturating_record(micros);
    }

    /// Says that the calls so far began together then, and have ended.
    pub(crate) fn end(&mut self, began: Instant) {
        self.together = began.elapsed();
    }

    /// Adds calls that were made after those that are here.
    pub(crate) fn add(&mut self, later: &Self) {
        self.each.add(&later.each).unwrap();
        self.together += later.together;
    }

    pub(crate) fn count(&self) -> u64 {
        self.each.len()
    }

    /// For people; times in microseconds.
    pub(crate) fn row(&self) -> String {
        let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|part| self.each.value_at_quantile(part));
        format!(
            "{:>9}{:>12.0}{p50:>9}{p99:>9}{p999:>9}{:>9}",
            self.count(),
            rate(self.count(), self.together),
            self.each.max()
        )
    }
}

/// Sends the requests of these numbers over `at_once` connections.
pub(crate) async fn measure(
    address: SocketAddr,
    at_once: usize,
    numbers: std::ops::Range<usize>,
    request: &Request,
) -> Times {
    let mut connections = Vec::new();
    for _ in 0..at_once {
        connections.push(Connection::open(address).await);
    }
    let began = Instant::now();
    let clients: Vec<_> = connections
        .into_iter()
        .enumerate()
        .map(|(client, mut connection)| {
            let (request, numbers) = (Arc::clone(request), numbers.clone());
            tokio::spawn(async move {
                let mut times = Times::none();
                for number in numbers.skip(client).step_by(at_once) {
                    let request = request(number);
                    let sent = Instant::now();
                    connection.call(&request).await;
                    times.record(sent);
                }
                times
            })
        })
        .collect();
    let mut times = Times::none();
    for client in clients {
        times.add(&client.await.unwrap());
    }
    times.end(began);
    times
}

/// How many a second that is.
#[expect(clippy::cast_precision_loss, reason = "a rate, for people")]
pub(crate) fn rate(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}
