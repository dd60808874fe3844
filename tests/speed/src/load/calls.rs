//! What connections ask, made before the clock runs.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// How many digits a number has in a request.
pub(crate) const DIGITS: usize = 10;

/// The requests of one case, and how their answers begin.
pub(crate) struct Calls {
    requests: Requests,
    expected: &'static [u8],
}

enum Requests {
    /// These, one after another in `all`; each ends where `ends` says.
    Prepared {
        all: Vec<u8>,
        ends: Vec<usize>,
        order: Order,
    },
    /// One whose number is written into these places before it is sent.
    Numbered {
        text: Vec<u8>,
        places: Vec<usize>,
        next: AtomicU64,
        of: u64,
    },
}

/// Which of the prepared requests comes next.
enum Order {
    /// Any.
    Random,
    /// Each in its turn, whoever asks.
    InTurn(AtomicU64),
}

impl Calls {
    /// Any of these requests, each as likely as the other.
    pub(crate) fn any_of(
        requests: impl IntoIterator<Item = String>,
        expected: &'static str,
    ) -> Self {
        Self::prepared(requests, Order::Random, expected)
    }

    /// Each of these requests in its turn, then from the first again.
    pub(crate) fn in_turn(
        requests: impl IntoIterator<Item = String>,
        expected: &'static str,
    ) -> Self {
        Self::prepared(requests, Order::InTurn(AtomicU64::new(0)), expected)
    }

    fn prepared(
        requests: impl IntoIterator<Item = String>,
        order: Order,
        expected: &'static str,
    ) -> Self {
        let (mut all, mut ends) = (Vec::new(), Vec::new());
        for request in requests {
            all.extend_from_slice(request.as_bytes());
            ends.push(all.len());
        }
        Self {
            requests: Requests::Prepared { all, ends, order },
            expected: expected.as_bytes(),
        }
    }

    /// A request with a number of [`DIGITS`] digits wherever it has as many `#`; the numbers go from 0
    /// up to `of`, and then from 0 again.
    pub(crate) fn numbered(request: &str, of: u64, expected: &'static str) -> Self {
        let marks = "#".repeat(DIGITS);
        let places = request.match_indices(&marks).map(|(place, _)| place);
        Self {
            requests: Requests::Numbered {
                places: places.collect(),
                text: request.as_bytes().to_vec(),
                next: AtomicU64::new(0),
                of,
            },
            expected: expected.as_bytes(),
        }
    }

    /// How the body of a right answer begins.
    pub(crate) fn expected(&self) -> &'static [u8] {
        self.expected
    }
}

/// A connection's own view of the calls; to take the next one costs no memory.
pub(crate) struct Sender {
    calls: Arc<Calls>,
    text: Vec<u8>,
    random: u64,
}

impl Sender {
    /// For the connection of this number.
    pub(crate) fn new(calls: &Arc<Calls>, connection: usize) -> Self {
        let text = match &calls.requests {
            Requests::Prepared { .. } => Vec::new(),
            Requests::Numbered { text, .. } => text.clone(),
        };
        let odd = (connection as u64 * 2 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self {
            calls: Arc::clone(calls),
            text,
            random: odd,
        }
    }

    /// The next request.
    pub(crate) fn next(&mut self) -> &[u8] {
        match &self.calls.requests {
            Requests::Prepared { all, ends, order } => {
                let count = ends.len() as u64;
                let number = match order {
                    _ if count == 1 => 0,
                    Order::Random => xorshift(&mut self.random) % count,
                    Order::InTurn(next) => next.fetch_add(1, Ordering::Relaxed) % count,
                };
                &all[span(ends, number)]
            }
            Requests::Numbered {
                places, next, of, ..
            } => {
                let number = next.fetch_add(1, Ordering::Relaxed) % of;
                for &place in places {
                    write_digits(&mut self.text[place..place + DIGITS], number);
                }
                &self.text
            }
        }
    }
}

fn span(ends: &[usize], number: u64) -> Range<usize> {
    let number = usize::try_from(number).unwrap_or_default();
    let begin = number.checked_sub(1).map_or(0, |before| ends[before]);
    begin..ends[number]
}

fn write_digits(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}

/// Marsaglia's generator: good enough to spread requests, and free.
fn xorshift(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_into_every_place() {
        let calls = Calls::numbered("a##########b##########", 2, "");
        let mut sender = Sender::new(&Arc::new(calls), 0);
        assert_eq!(b"a0000000000b0000000000", sender.next());
        assert_eq!(b"a0000000001b0000000001", sender.next());
        assert_eq!(b"a0000000000b0000000000", sender.next());
    }

    #[test]
    fn prepared_requests_come_in_turn_and_whole() {
        let requests = ["one", "three"].map(str::to_owned);
        let calls = Arc::new(Calls::in_turn(requests, ""));
        let (mut first, mut second) = (Sender::new(&calls, 0), Sender::new(&calls, 1));
        assert_eq!(b"one", first.next());
        assert_eq!(b"three", second.next());
        assert_eq!(b"one", second.next());
    }
}
