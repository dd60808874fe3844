//! Mails by SMTP, to a server of a few lines.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

use std::sync::Arc;

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use vestibule_core::{Mail, MailError, Mailer};
use vestibule_mail::{Sender, Smtp, SmtpAddress, SmtpLogin};
use vestibule_model::{ManualClock, Timestamp};

/// A server that takes one mail, and answers with what it heard. It refuses what begins with `refuses`.
async fn server(refuses: &'static str) -> (SmtpAddress, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let address = SmtpAddress::parse(&format!("smtp-plain://127.0.0.1:{port}")).unwrap();
    let heard = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        converse(stream, refuses).await
    });
    (address, heard)
}

async fn converse(mut stream: TcpStream, refuses: &str) -> Vec<String> {
    let (read, mut write) = stream.split();
    let mut lines = BufReader::new(read).lines();
    let mut heard = Vec::new();
    let mut in_mail = false;
    write.write_all(b"220 here\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        heard.push(line.clone());
        let answer = match line.as_str() {
            "." => {
                in_mail = false;
                if refuses == "." {
                    "550 spam: https://app.example.com/account/the-link"
                } else {
                    "250 taken"
                }
            }
            _ if in_mail => continue,
            line if !refuses.is_empty() && line.starts_with(refuses) => "550 go away",
            "DATA" => {
                in_mail = true;
                "354 go on"
            }
            line if line.starts_with("EHLO") => "250-here\r\n250 AUTH PLAIN LOGIN",
            line if line.starts_with("AUTH") => "235 welcome",
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        let answer = format!("{answer}\r\n");
        if write.write_all(answer.as_bytes()).await.is_err() {
            break;
        }
    }
    heard
}

async fn send(address: &SmtpAddress, login: Option<SmtpLogin>) -> Result<(), MailError> {
    let from = Sender::parse("Shop <no-reply@example.com>").unwrap();
    let clock = ManualClock::at(Timestamp::from_millis(1_767_225_600_000));
    let mailer = Smtp::new(address, login, from, Arc::new(clock))?;
    let mail = Mail {
        to: "ann@example.com".to_owned(),
        subject: "Set a new password".to_owned(),
        text: "Open this page:\n.\nhttps://app.example.com/account/the-link\n".to_owned(),
    };
    mailer.send(mail).await
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let (address, heard) = server("").await;
    send(&address, None).await.unwrap();
    let heard = heard.await.unwrap();
    for line in [
        "EHLO example.com",
        "MAIL FROM:<no-reply@example.com>",
        "RCPT TO:<ann@example.com>",
        "To: ann@example.com",
        // A line that is a dot would end the mail, so another dot is put before it.
        "..",
        "https://app.example.com/account/the-link",
    ] {
        assert!(
            heard.iter().any(|heard| heard == line),
            "{line:?}: {heard:?}"
        );
    }
}

#[tokio::test]
async fn a_login_goes_before_the_mail() {
    let (address, heard) = server("").await;
    let login = SmtpLogin {
        user: "shop".to_owned(),
        password: "secret".to_owned(),
    };
    send(&address, Some(login)).await.unwrap();
    let heard = heard.await.unwrap();
    // base64 of "\0shop\0secret"
    assert!(
        heard.contains(&"AUTH PLAIN AHNob3AAc2VjcmV0".to_owned()),
        "{heard:?}"
    );
}

#[tokio::test]
async fn a_refusal_is_told_without_the_password_and_the_text() {
    for step in ["AUTH", "MAIL", "RCPT", "DATA", "."] {
        let (address, _heard) = server(step).await;
        let login = SmtpLogin {
            user: "shop".to_owned(),
            password: "a-secret".to_owned(),
        };
        let error = send(&address, Some(login)).await.unwrap_err().to_string();
        assert!(
            error.contains("550") || error.contains("go away"),
            "{step}: {error}"
        );
        assert!(
            !error.contains("secret") && !error.contains("the-link"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let address = SmtpAddress::parse(&format!("smtp-plain://127.0.0.1:{port}")).unwrap();
    assert!(send(&address, None).await.is_err());
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_mail_where_tls_is_wanted() {
    let (plain, heard) = server("").await;
    let port = plain.to_string().rsplit(':').next().unwrap().to_owned();
    let address = SmtpAddress::parse(&format!("smtp://127.0.0.1:{port}")).unwrap();
    assert!(send(&address, None).await.is_err());
    let heard = heard.await.unwrap();
    assert!(
        !heard.iter().any(|line| line.starts_with("MAIL")),
        "{heard:?}"
    );
}
