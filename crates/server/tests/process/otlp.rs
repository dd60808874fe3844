//! `--otlp-endpoint`.

use crate::server::Folder;

#[track_caller]
fn refused(endpoint: &str, text: &str) {
    let folder = Folder::new();
    let ended = folder.run(&["--otlp-endpoint", endpoint]);
    assert_eq!(Some(2), ended.status.code(), "{ended:?}");
    assert!(
        ended.stderr.starts_with("error: --otlp-endpoint must be "),
        "{ended:?}"
    );
    assert!(ended.stderr.contains(text), "{ended:?}");
}

#[cfg(not(feature = "otlp"))]
#[test]
fn a_server_that_sends_no_traces_says_how_to_build_one_that_does() {
    refused("http://127.0.0.1:4318", "--features vestibule-server/otlp");
}

#[cfg(feature = "otlp")]
mod with_the_feature {
    use std::{
        io::{BufRead, BufReader, Read, Write},
        net::{TcpListener, TcpStream},
        sync::mpsc::{self, Receiver},
        thread,
    };

    use super::refused;
    use crate::{guest::Guest, server::Folder};

    /// Takes what is sent to it: the head of each request, and its body.
    fn collector() -> (String, Receiver<(String, Vec<u8>)>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, received) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                while let Some(request) = receive(&stream) {
                    if sender.send(request).is_err() {
                        return;
                    }
                }
            }
        });
        (format!("http://{address}"), received)
    }

    fn receive(mut stream: &TcpStream) -> Option<(String, Vec<u8>)> {
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let head = head.to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1)?.lines().next()?;
        let mut body = vec![0; length.parse().ok()?];
        reader.read_exact(&mut body).ok()?;
        let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\n\
                      content-length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).ok()?;
        Some((head, body))
    }

    #[test]
    fn requests_and_handlers_reach_the_collector_before_the_server_ends_and_secrets_do_not() {
        let (endpoint, received) = collector();
        let folder = Folder::new();
        let server = folder.serve(&["--otlp-endpoint", &format!("{endpoint}/")]);
        let root = server.root();
        let guest = Guest::log_in(&mut server.client(), &root).unwrap();
        server.stop();
        let (mut heads, mut bodies) = (String::new(), Vec::new());
        for (head, body) in received.try_iter() {
            heads.push_str(&head);
            bodies.extend(body);
        }
        assert!(heads.starts_with("post /v1/traces "), "{heads}");
        // Texts stand in protobuf as they are.
        let told = String::from_utf8_lossy(&bodies);
        for text in [
            "guest_limits::limit_guests",
            "audit_log::record",
            "handler.phase",
            "POST /api/users/register/guest",
            "service.name",
        ] {
            assert!(told.contains(text), "{text} is not in {told}");
        }
        for secret in [&guest.token, &root] {
            assert!(!told.contains(secret.as_str()), "{told}");
        }
    }

    #[test]
    fn a_collector_that_is_not_there_is_in_nobodys_way() {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
        let endpoint = format!("http://{}", gone.unwrap());
        let folder = Folder::new();
        let server = folder.serve(&["--otlp-endpoint", &endpoint]);
        Guest::log_in(&mut server.client(), &server.root()).unwrap();
        server.stop();
    }

    #[test]
    fn a_collector_has_a_url_without_tls() {
        for endpoint in ["https://127.0.0.1:4318", "127.0.0.1:4318", "http://a?b", ""] {
            refused(endpoint, "http://127.0.0.1:4318");
        }
    }
}
