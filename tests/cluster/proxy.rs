//! A network between one server and its database, which can be slowed and cut.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    runtime::Runtime,
    sync::{mpsc, watch},
};

/// What a server's listening connection calls itself, in the first bytes of it.
const LISTENER: &[u8] = b"vestibule-listener";

/// What becomes of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    Fine,
    /// They take so long, in either direction.
    Slow(Duration),
    /// They get lost. A connection that has lost some never says anything again.
    Silent,
}

/// What becomes of bytes, and how often all connections have been reset.
#[derive(Clone, Copy, Debug)]
struct Conditions {
    listener: Weather,
    others: Weather,
    resets: u32,
}

/// A way to a database by a port of its own.
pub(crate) struct Proxy {
    port: u16,
    conditions: watch::Sender<Conditions>,
    _runtime: Runtime,
}

impl Proxy {
    pub(crate) fn to(database: &str) -> Self {
        let database: SocketAddr = database.parse().unwrap();
        let fine = Conditions {
            listener: Weather::Fine,
            others: Weather::Fine,
            resets: 0,
        };
        let (conditions, seen) = watch::channel(fine);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(async move {
            while let Ok((server, _)) = listener.accept().await {
                tokio::spawn(carry(server, database, seen.clone()));
            }
        });
        Self {
            port,
            conditions,
            _runtime: runtime,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The weather for all connections, those that are there included.
    pub(crate) fn set(&self, weather: Weather) {
        self.conditions.send_modify(|conditions| {
            conditions.listener = weather;
            conditions.others = weather;
        });
    }

    /// The weather for the connection that listens for news, and whatever replaces it.
    pub(crate) fn set_for_listener(&self, weather: Weather) {
        self.conditions
            .send_modify(|conditions| conditions.listener = weather);
    }

    /// Ends all connections, at once and without a word.
    pub(crate) fn reset(&self) {
        self.conditions
            .send_modify(|conditions| conditions.resets += 1);
    }
}

/// Carries one connection until it ends or is reset.
async fn carry(
    server: TcpStream,
    database: SocketAddr,
    mut conditions: watch::Receiver<Conditions>,
) {
    let resets = conditions.borrow_and_update().resets;
    let Ok(database) = TcpStream::connect(database).await else {
        return;
    };
    let _ = (server.set_nodelay(true), database.set_nodelay(true));
    let (from_server, to_server) = server.into_split();
    let (from_database, to_database) = database.into_split();
    let line = Arc::new(Line {
        conditions: conditions.clone(),
        listens: AtomicBool::new(false),
        is_dead: AtomicBool::new(false),
    });
    let reset = conditions.wait_for(|now| now.resets > resets);
    tokio::select! {
        () = pump(from_server, to_database, Arc::clone(&line)) => {}
        () = pump(from_database, to_server, line) => {}
        _ = reset => {}
    }
}

/// What both directions of a connection share.
struct Line {
    conditions: watch::Receiver<Conditions>,
    listens: AtomicBool,
    /// Whether bytes got lost.
    is_dead: AtomicBool,
}

impl Line {
    fn weather(&self) -> Weather {
        let now = *self.conditions.borrow();
        let weather = if self.listens.load(Ordering::Relaxed) {
            now.listener
        } else {
            now.others
        };
        if weather == Weather::Silent {
            self.is_dead.store(true, Ordering::Relaxed);
        }
        if self.is_dead.load(Ordering::Relaxed) {
            return Weather::Silent;
        }
        weather
    }
}

/// Carries bytes in one direction.
async fn pump(from: OwnedReadHalf, to: OwnedWriteHalf, line: Arc<Line>) {
    let (sender, receiver) = mpsc::channel(1024);
    let delivering = tokio::spawn(deliver(to, receiver));
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let read = read(&from, &mut bytes).await.unwrap_or(0);
        if bytes[..read]
            .windows(LISTENER.len())
            .any(|name| name == LISTENER)
        {
            line.listens.store(true, Ordering::Relaxed);
        }
        let wait = match line.weather() {
            // The other side hears of the end no more than of anything else.
            Weather::Silent if read == 0 => std::future::pending().await,
            Weather::Silent => continue,
            Weather::Fine => Duration::ZERO,
            Weather::Slow(wait) => wait,
        };
        if read == 0 {
            break;
        }
        let parcel = (Instant::now() + wait, bytes[..read].to_vec());
        if sender.send(parcel).await.is_err() {
            return;
        }
    }
    drop(sender);
    let _ = delivering.await;
}

/// Hands on what has been on its way for long enough.
async fn deliver(to: OwnedWriteHalf, mut parcels: mpsc::Receiver<(Instant, Vec<u8>)>) {
    while let Some((when, bytes)) = parcels.recv().await {
        tokio::time::sleep_until(when.into()).await;
        if write(&to, &bytes).await.is_err() {
            return;
        }
    }
}

async fn read(from: &OwnedReadHalf, bytes: &mut [u8]) -> io::Result<usize> {
    loop {
        from.readable().await?;
        match from.try_read(bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            read => return read,
        }
    }
}

async fn write(to: &OwnedWriteHalf, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        to.writable().await?;
        match to.try_write(bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            written => bytes = &bytes[written?..],
        }
    }
    Ok(())
}
