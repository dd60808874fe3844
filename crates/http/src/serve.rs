use std::{future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use vestibule_core::Engine;
use vestibule_model::Clock;

use crate::{HttpOptions, connection::Connections, router};

/// How long the server waits when it can accept nothing at all, as when it is out of files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How a server fared, told when it has stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServeSummary {
    /// Connections that were accepted.
    pub connections: u64,
    /// Connections that were cut off, since their requests were not done in time.
    pub cut_off: u64,
}

/// Serves the engine on this socket until `shutdown` ends; then lets requests in flight finish.
///
/// When it returns, no request is being answered any more. Calls that a request has begun are
/// finished by the engine all the same: call [`Engine::shut_down`] next.
pub async fn serve(
    listener: TcpListener,
    engine: Engine,
    options: HttpOptions,
    shutdown: impl Future<Output = ()> + Send,
) -> ServeSummary {
    let clock = Arc::clone(engine.clock());
    let slots = Arc::new(Semaphore::new(options.connections_at_most));
    let service = router::service(engine, &options);
    let (stopping, cut_off) = (service.stopping(), CancellationToken::new());
    let connections = Arc::new(Connections::new(service, &options));
    let tasks = TaskTracker::new();
    let mut summary = ServeSummary::default();
    let mut shutdown = pin!(shutdown);
    loop {
        let (slot, stream, peer) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = accept(&listener, &slots, &*clock) => accepted,
        };
        summary.connections += 1;
        let (connections, stopping) = (Arc::clone(&connections), stopping.clone());
        let cut_off = cut_off.clone();
        tasks.spawn(async move {
            let _slot = slot;
            let served = connections.serve(stream, peer, stopping);
            cut_off.run_until_cancelled(served).await;
        });
    }
    // Whoever connects from now on is told at once that nobody listens.
    drop(listener);
    stopping.cancel();
    tasks.close();
    let bound = clock.sleep_until(clock.monotonic().plus(options.drain_timeout));
    tokio::select! {
        biased;
        () = tasks.wait() => {}
        () = bound => {
            summary.cut_off = u64::try_from(tasks.len()).unwrap_or(u64::MAX);
            tracing::warn!(
                connections = summary.cut_off,
                "requests were not done in time; their connections are cut off"
            );
            cut_off.cancel();
            tasks.wait().await;
        }
    }
    summary
}

/// Waits for a free slot and a connection. Errors end no server: those of one connection are left
/// to its client, and for the others the server waits.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
    clock: &dyn Clock,
) -> (Option<OwnedSemaphorePermit>, TcpStream, SocketAddr) {
    // `None` is for a semaphore that was closed, which this one never is.
    let slot = Arc::clone(slots).acquire_owned().await.ok();
    let mut is_known = false;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (slot, stream, peer),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                if !is_known {
                    is_known = true;
                    tracing::warn!(%error, "cannot accept connections; trying until it works");
                }
                let at = clock.monotonic().plus(ACCEPT_PAUSE);
                clock.sleep_until(at).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}
