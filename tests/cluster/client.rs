//! A client as a sane one is: it keeps its connections, tries again when a server cannot answer, and
//! knows what it was told and what it was not.

use std::{
    hash::{BuildHasher, RandomState},
    io::{self, BufRead, BufReader, ErrorKind, Read, Write},
    net::TcpStream,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value as Json;

use crate::{call::Call, cluster::Map};

/// How long one call may take; one that takes longer hangs.
const LONGEST_CALL: Duration = Duration::from_secs(30);

/// How long a client tries before it believes that there is no server.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a server said.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Json,
}

/// What became of a call that was made until it was answered.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) answer: Answer,
    /// Who answered, and when it was asked.
    pub(crate) server: usize,
    pub(crate) began: Instant,
    /// Whether an earlier attempt may have done it too, or may still do it.
    pub(crate) is_doubtful: bool,
}

/// There is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The server does not know of the call.
    Before,
    /// It may have done what it was asked, or still do it.
    Meanwhile,
}

/// A client of all servers. One call at a time.
pub(crate) struct Client {
    map: Arc<Map>,
    connections: Vec<Option<Connection>>,
    random: u64,
}

/// A connection, and the address that it goes to.
struct Connection {
    address: String,
    stream: BufReader<TcpStream>,
}

impl Answer {
    pub(crate) fn is_ok(&self) -> bool {
        matches!(self.status, 200 | 201)
    }

    /// The code of a refusal.
    pub(crate) fn code(&self) -> i64 {
        self.body["code"].as_i64().unwrap_or_default()
    }
}

impl Done {
    /// The body of an answer that must be a success.
    #[track_caller]
    pub(crate) fn ok(self) -> Json {
        assert!(self.answer.is_ok(), "{self:?}");
        self.answer.body
    }
}

impl Client {
    pub(crate) fn of(map: &Arc<Map>) -> Self {
        Self {
            map: Arc::clone(map),
            connections: (0..map.size()).map(|_| None).collect(),
            random: RandomState::new().hash_one(0),
        }
    }

    pub(crate) fn map(&self) -> &Map {
        &self.map
    }

    /// A number below `limit`, by chance.
    pub(crate) fn chance(&mut self, limit: u64) -> u64 {
        // The generator `splitmix64`.
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }

    /// A server, by chance.
    pub(crate) fn any_server(&mut self) -> usize {
        let servers = self.map.size() as u64;
        usize::try_from(self.chance(servers)).unwrap()
    }

    /// Makes a call until some server answers it, whatever it answers.
    pub(crate) fn persist(&mut self, call: &Call) -> Done {
        let first = self.any_server();
        self.persist_from(first, call)
    }

    /// The same; this server is asked first.
    pub(crate) fn persist_from(&mut self, first: usize, call: &Call) -> Done {
        let since = Instant::now();
        let mut is_doubtful = false;
        for attempt in 0.. {
            let server = (first + attempt) % self.map.size();
            let began = Instant::now();
            match self.once(server, call) {
                Ok(answer) => {
                    return Done {
                        answer,
                        server,
                        began,
                        is_doubtful,
                    };
                }
                Err(lost) => is_doubtful |= lost == Lost::Meanwhile,
            }
            assert!(since.elapsed() < PATIENCE, "no server answers {call:?}");
            let pause = 20 + self.chance(60);
            thread::sleep(Duration::from_millis(pause));
        }
        unreachable!("the patience has an end");
    }

    /// The answer of a call that must be a success.
    #[track_caller]
    pub(crate) fn ask(&mut self, call: &Call) -> Json {
        self.persist(call).ok()
    }

    /// What every server says, for whoever wonders about one of them.
    pub(crate) fn everywhere(&mut self, call: &Call) -> Vec<Result<Answer, Lost>> {
        let servers = 0..self.map.size();
        servers.map(|server| self.once(server, call)).collect()
    }

    /// Makes a call once, on one server.
    pub(crate) fn once(&mut self, server: usize, call: &Call) -> Result<Answer, Lost> {
        let began = Instant::now();
        let answer = self.try_once(server, call);
        let took = began.elapsed();
        assert!(took < LONGEST_CALL, "{call:?} took {took:?}: {answer:?}");
        let answer = answer?;
        if answer.status == 503 {
            return Err(Lost::Meanwhile);
        }
        assert!(
            answer.status < 500,
            "{call:?} on server {server}: {answer:?}"
        );
        Ok(answer)
    }

    fn try_once(&mut self, server: usize, call: &Call) -> Result<Answer, Lost> {
        let address = self.map.address(server).ok_or(Lost::Before)?;
        let kept = self.connections[server].take();
        let mut connection = match kept.filter(|kept| kept.address == address) {
            Some(connection) => connection,
            None => Connection::to(address).map_err(|_| Lost::Before)?,
        };
        let bytes = call.bytes(&self.map);
        let answer = connection.send(&bytes);
        let answer = answer.map_err(|error| {
            let hangs = [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind());
            assert!(!hangs, "server {server} hangs: {call:?}");
            Lost::Meanwhile
        })?;
        self.connections[server] = Some(connection);
        Ok(answer)
    }
}

impl Connection {
    fn to(address: String) -> io::Result<Self> {
        let stream = TcpStream::connect(&address)?;
        stream.set_read_timeout(Some(LONGEST_CALL))?;
        stream.set_nodelay(true)?;
        let stream = BufReader::new(stream);
        Ok(Self { address, stream })
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<Answer> {
        self.stream.get_mut().write_all(bytes)?;
        let status = self.line()?;
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| io::Error::other("not an answer"))?;
        let mut length = 0;
        loop {
            let line = self.line()?.to_lowercase();
            match line.split_once(':') {
                None => break,
                Some(("content-length", value)) => {
                    length = value.trim().parse().map_err(io::Error::other)?;
                }
                Some(_) => {}
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        let body = serde_json::from_slice(&body).unwrap_or_default();
        Ok(Answer { status, body })
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}
