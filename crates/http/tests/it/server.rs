//! A server on a real socket, and a client that speaks to it byte by byte.

use std::net::SocketAddr;

use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use vestibule_core::EngineBuilder;
use vestibule_http::{HttpOptions, ServeSummary, serve};

use crate::app::App;

pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    pub(crate) task: JoinHandle<ServeSummary>,
}

impl Server {
    pub(crate) async fn start(options: HttpOptions) -> Self {
        Self::with(|builder| builder, options).await
    }

    pub(crate) async fn with(
        build: impl FnOnce(EngineBuilder) -> EngineBuilder,
        options: HttpOptions,
    ) -> Self {
        let app = App::with(build).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async {
            let _ = stopped.await;
        };
        let task = tokio::spawn(serve(listener, app.engine.clone(), options, shutdown));
        Self {
            app,
            address,
            stop: Some(stop),
            task,
        }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    pub(crate) fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }
}

pub(crate) const INFO: &[u8] = b"GET /api/info HTTP/1.1\r\nhost: x\r\n\r\n";
pub(crate) const GUEST: &[u8] =
    b"POST /api/users/register/guest HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";

/// Reads one answer whose body is JSON, as far as a test wants to know it.
pub(crate) async fn answer(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.ends_with('}') {
        let read = stream.read(&mut buffer).await.unwrap();
        assert_ne!(0, read, "the connection ended after {text:?}");
        text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
    text
}

/// Waits until the other side closes; whatever it says before is returned.
pub(crate) async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is an end too.
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8(bytes).unwrap()
}
