//! A connection over HTTP/1.1 that is kept alive, without a library in between.

use std::{io, net::SocketAddr, ops::Range};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Longest answer, head and body.
const LONGEST_ANSWER: usize = 64 * 1024;

/// A connection that waits for each answer before it asks again.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What came back.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: vec![0; LONGEST_ANSWER],
        })
    }

    /// Sends a request and waits for the whole answer.
    ///
    /// # Errors
    /// When the server hangs up, or says what no answer with a `content-length` is.
    pub(crate) async fn call(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        let (mut filled, mut body) = (0, None);
        loop {
            let read = self.stream.read(&mut self.buffer[filled..]).await?;
            if read == 0 {
                return Err(io::Error::other("the server hung up, or answers too much"));
            }
            filled += read;
            if body.is_none() {
                body = body_of(&self.buffer[..filled])?;
            }
            if let Some(body) = &body
                && filled >= body.end
            {
                let status = number(&self.buffer[9..12])?;
                return Ok(Answer {
                    status: u16::try_from(status).map_err(io::Error::other)?,
                    body: &self.buffer[body.clone()],
                });
            }
        }
    }
}

/// Where the body is, or will be, once the head is there.
fn body_of(answer: &[u8]) -> io::Result<Option<Range<usize>>> {
    const NAME: &[u8] = b"content-length:";
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let mut lines = answer[..end].split(|byte| *byte == b'\n');
    let length = lines.find_map(|line| {
        let name = line.get(..NAME.len())?;
        name.eq_ignore_ascii_case(NAME).then(|| &line[NAME.len()..])
    });
    let length = length.ok_or_else(|| io::Error::other("an answer without a content-length"))?;
    let begin = end + 4;
    Ok(Some(begin..begin + number(length.trim_ascii())?))
}

fn number(digits: &[u8]) -> io::Result<usize> {
    let text = str::from_utf8(digits).map_err(io::Error::other)?;
    text.parse().map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_found_whatever_the_case_of_the_header() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nx: y\r\n\r\ntr";
        assert_eq!(Some(44..48), body_of(answer).unwrap());
        assert_eq!(None, body_of(&answer[..42]).unwrap());
    }

    #[test]
    fn an_answer_without_a_length_is_an_error() {
        body_of(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").unwrap_err();
    }
}
