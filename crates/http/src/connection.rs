use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{body::Body, extract::ConnectInfo, response::Response};
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower::Service;

use crate::{HttpOptions, url_forms::UrlForms};

/// Largest head of a request, in bytes.
const HEAD_AT_MOST: usize = 64 * 1024;

/// Requests of one HTTP/2 connection that are answered at once.
const STREAMS_AT_MOST: u32 = 128;

/// How connections are served: HTTP/1 or HTTP/2, whichever the client begins with.
pub(crate) struct Connections {
    service: UrlForms,
    builder: auto::Builder<TokioExecutor>,
    header_timeout: Duration,
    idle_timeout: Duration,
}

impl Connections {
    pub(crate) fn new(service: UrlForms, options: &HttpOptions) -> Self {
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(options.header_timeout)
            .max_buf_size(HEAD_AT_MOST);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS_AT_MOST)
            .max_header_list_size(HEAD_AT_MOST as u32)
            // A client that is gone without a word is noticed.
            .keep_alive_interval(options.idle_timeout);
        Self {
            service,
            builder,
            header_timeout: options.header_timeout,
            idle_timeout: options.idle_timeout,
        }
    }

    /// Answers the requests of one connection until it ends, falls silent, or is told to stop.
    pub(crate) async fn serve(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        stopping: CancellationToken,
    ) {
        // Answers are small and written whole: waiting for more to send would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection ended before it began");
            return;
        }
        let activity = Arc::new(Activity::default());
        let (forms, counted) = (self.service.clone(), Arc::clone(&activity));
        let service =
            service_fn(move |request| call(forms.clone(), request, peer, Arc::clone(&counted)));
        let connection = self.builder.serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let mut silence = pin!(activity.silence(self.header_timeout, self.idle_timeout));
        let mut told_to_stop = pin!(stopping.cancelled());
        let mut is_ending = false;
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(error, "a connection ended early");
                    }
                    return;
                }
                () = &mut told_to_stop, if !is_ending => {}
                () = &mut silence => {
                    if is_ending {
                        return;
                    }
                    // One that does not even react to its end is dropped at the next silence.
                    silence.set(activity.silence(self.header_timeout, self.header_timeout));
                }
            }
            is_ending = true;
            connection.as_mut().graceful_shutdown();
        }
    }
}

async fn call(
    mut service: UrlForms,
    request: Request<Incoming>,
    peer: SocketAddr,
    activity: Arc<Activity>,
) -> Result<Response, Infallible> {
    let _running = activity.begin();
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    service.call(request).await
}

/// What a connection is doing.
#[derive(Default)]
struct Activity {
    begun: AtomicU64,
    ended: AtomicU64,
}

impl Activity {
    fn begin(self: Arc<Self>) -> Running {
        self.begun.fetch_add(1, Ordering::AcqRel);
        Running(self)
    }

    /// Ends when no request has come for `first`, or later on none for `then` and none is running.
    ///
    /// This is also what ends a connection whose client never says which protocol it speaks.
    #[expect(clippy::disallowed_methods, reason = "a wait for a socket")]
    async fn silence(&self, first: Duration, then: Duration) {
        let (mut seen, mut wait) = (self.begun.load(Ordering::Acquire), first);
        loop {
            tokio::time::sleep(wait).await;
            let begun = self.begun.load(Ordering::Acquire);
            let is_idle = begun == self.ended.load(Ordering::Acquire);
            if is_idle && begun == seen {
                return;
            }
            (seen, wait) = (begun, then);
        }
    }
}

/// A request that is being answered, however it ends.
struct Running(Arc<Activity>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::AcqRel);
    }
}
