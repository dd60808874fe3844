use std::{path::PathBuf, time::Duration};

use ipnet::IpNet;

/// How the server behaves towards connections and requests. The defaults suit the open internet.
///
/// ```
/// use vestibule_http::HttpOptions;
///
/// let options = HttpOptions {
///     trusted_proxies: vec!["10.0.0.0/8".parse()?],
///     ..HttpOptions::default()
/// };
/// assert_eq!(1024 * 1024, options.body_at_most);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// Folder with the app's static pages, served under `/pages/`; none are served without one. The
    /// trap: a symbolic link in it is followed, wherever it leads.
    pub pages: Option<PathBuf>,
    /// The networks of proxies whose `x-forwarded-for` is believed. A single address is a network
    /// of its own: `IpNet::from(address)`.
    pub trusted_proxies: Vec<IpNet>,
    /// Largest body of a request, in bytes.
    pub body_at_most: usize,
    /// Bytes of all bodies that are being received at once; with more, requests get 503.
    pub bodies_at_most: usize,
    /// Time from the head of a request to its answer, by the engine's clock.
    pub request_timeout: Duration,
    /// Time in which a connection must send the head of a request; also how long a connection of
    /// HTTP/1 may lie idle.
    pub header_timeout: Duration,
    /// Time after which a connection of HTTP/2 without a request is closed.
    pub idle_timeout: Duration,
    /// Connections at once; further ones wait in the queue of the operating system.
    pub connections_at_most: usize,
    /// Time that requests in flight get when the server stops, by the engine's clock.
    pub drain_timeout: Duration,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            pages: None,
            trusted_proxies: Vec::new(),
            body_at_most: 1024 * 1024,
            bodies_at_most: 64 * 1024 * 1024,
            request_timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            connections_at_most: 10_000,
            // Longer than a request may take: nobody is cut off who could still be answered.
            drain_timeout: Duration::from_secs(35),
        }
    }
}
