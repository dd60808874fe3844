//! The bodies of requests and answers as Vestibule speaks them over HTTP
