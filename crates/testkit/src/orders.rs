//! Which orders the handlers of an event may run in.

use std::collections::BTreeSet;

use vestibule_core::{ListedHandler, Meta, Phase};

/// Orders that are tried at most.
pub(crate) const AT_MOST: usize = 720;

/// How often a walk looks for a new order before it is content with what it has.
const STEPS_AT_MOST: usize = 100 * AT_MOST;

/// An order of the before handlers, and one of the after handlers, by their index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Order([Vec<usize>; 2]);

/// The handlers of an event whose order may be another.
#[derive(Debug)]
pub(crate) struct Lines([Vec<ListedHandler>; 2]);

/// Two handlers that may change places with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Swap {
    pub(crate) line: usize,
    pub(crate) place: usize,
}

impl Lines {
    /// The handlers of this event, in the order in which they run.
    pub(crate) fn of(event: &str, listed: Vec<ListedHandler>) -> Self {
        let line = |phase: Phase| {
            let of_phase = |handler: &&ListedHandler| {
                handler.event == event && handler.meta.phase == phase && handler.switch.is_on()
            };
            listed.iter().filter(of_phase).cloned().collect()
        };
        Self([line(Phase::Before), line(Phase::After)])
    }

    /// The order in which they run as things stand.
    pub(crate) fn own(&self) -> Order {
        let own = |line: &Vec<ListedHandler>| (0..line.len()).collect();
        Order(self.0.each_ref().map(own))
    }

    /// The orders to be tried, the own one first; and whether these are all that there are.
    pub(crate) fn orders(&self, seed: u64) -> (Vec<Order>, bool) {
        let [before, after] = self.0.each_ref().map(|line| legal_orders(line));
        if before.len().saturating_mul(after.len()) > AT_MOST {
            return (self.walk(seed), false);
        }
        let pairs = before
            .iter()
            .flat_map(|before| after.iter().map(move |after| [before, after]));
        (
            pairs.map(|pair| Order(pair.map(Clone::clone))).collect(),
            true,
        )
    }

    /// Some of the orders. Each differs from an earlier one by two neighbours that changed places, so
    /// that whatever differs between orders shows between two of these.
    fn walk(&self, seed: u64) -> Vec<Order> {
        let mut walked = vec![self.own()];
        let mut known: BTreeSet<_> = walked.iter().cloned().collect();
        let mut at = self.own();
        let mut random = Steps(seed);
        for _ in 0..STEPS_AT_MOST {
            let swaps = self.swaps(&at);
            at = at.swapped(swaps[random.below(swaps.len())]);
            if known.insert(at.clone()) {
                walked.push(at.clone());
            }
            if walked.len() == AT_MOST {
                break;
            }
        }
        walked
    }

    /// The neighbours that may change places in this order.
    pub(crate) fn swaps(&self, order: &Order) -> Vec<Swap> {
        let mut swaps = Vec::new();
        for line in 0..self.0.len() {
            for place in 1..order.0[line].len() {
                let swap = Swap { line, place };
                let [first, second] = self.pair(order, swap);
                if !wants_before(&first.meta, &second.meta) {
                    swaps.push(swap);
                }
            }
        }
        swaps
    }

    /// Those who would change places, the one that runs first in this order first.
    pub(crate) fn pair(&self, order: &Order, swap: Swap) -> [&ListedHandler; 2] {
        let Swap { line, place } = swap;
        [place - 1, place].map(|place| &self.0[line][order.0[line][place]])
    }

    /// Whether the first one runs before the second as things stand.
    pub(crate) fn stands_so(&self, first: &ListedHandler, second: &ListedHandler) -> bool {
        let place = |handler: &ListedHandler| {
            let is_it = |other: &ListedHandler| other.meta.path == handler.meta.path;
            self.0.iter().find_map(|line| line.iter().position(is_it))
        };
        place(first) < place(second)
    }

    /// The number of each handler with which they run in this order.
    pub(crate) fn numbers(&self, order: &Order) -> Vec<(String, i32)> {
        let mut numbers = Vec::new();
        for (line, order) in self.0.iter().zip(&order.0) {
            for (number, index) in (0..).zip(order) {
                numbers.push((line[*index].meta.path.to_owned(), number));
            }
        }
        numbers
    }
}

impl Order {
    pub(crate) fn swapped(&self, swap: Swap) -> Self {
        let mut swapped = self.clone();
        swapped.0[swap.line].swap(swap.place - 1, swap.place);
        swapped
    }
}

/// Whether somebody wrote that the first one runs before the second.
fn wants_before(first: &Meta, second: &Meta) -> bool {
    first.runs_before.contains(&second.path) || second.runs_after.contains(&first.path)
}

/// The orders that the wishes of handlers allow, one more than may be tried at most; the one in which
/// they stand first.
fn legal_orders(line: &[ListedHandler]) -> Vec<Vec<usize>> {
    let mut orders = Vec::new();
    let left: Vec<_> = (0..line.len()).collect();
    extend(line, &mut Vec::new(), &left, &mut orders);
    orders
}

fn extend(
    line: &[ListedHandler],
    placed: &mut Vec<usize>,
    left: &[usize],
    orders: &mut Vec<Vec<usize>>,
) {
    if orders.len() > AT_MOST {
        return;
    }
    if left.is_empty() {
        orders.push(placed.clone());
        return;
    }
    for next in left {
        let waits = |other: &usize| wants_before(&line[*other].meta, &line[*next].meta);
        if left.iter().any(waits) {
            continue;
        }
        let others: Vec<_> = left.iter().copied().filter(|other| other != next).collect();
        placed.push(*next);
        extend(line, placed, &others, orders);
        placed.pop();
    }
}

/// Numbers that look random and come from a seed alone (SplitMix64).
struct Steps(u64);

impl Steps {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % limit as u64).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use vestibule_core::{HandlerStats, OnFailure, Switch};

    use super::*;

    fn handler(path: &'static str, runs_after: &'static [&'static str]) -> ListedHandler {
        ListedHandler {
            event: "login",
            meta: Meta {
                path,
                phase: Phase::Before,
                table: None,
                order: 0,
                runs_before: &[],
                runs_after,
                timeout: Duration::from_secs(5),
                on_failure: OnFailure::Closed,
                disable_after: None,
                file: "a.rs",
                line: 1,
            },
            access: None,
            stats: Arc::new(HandlerStats::default()),
            switch: Arc::new(Switch::new(0)),
        }
    }

    fn lines(handlers: Vec<ListedHandler>) -> Lines {
        Lines::of("login", handlers)
    }

    #[test]
    fn all_orders_are_tried_that_wishes_allow_the_own_one_first() {
        let lines = lines(vec![
            handler("a", &[]),
            handler("b", &["a"]),
            handler("c", &[]),
        ]);
        let (orders, all) = lines.orders(1);
        assert!(all);
        let tried: Vec<_> = orders.iter().map(|order| &order.0[0][..]).collect();
        assert_eq!(vec![[0, 1, 2], [0, 2, 1], [2, 0, 1]], tried);
        assert_eq!(lines.own(), orders[0]);
    }

    #[test]
    fn of_too_many_orders_a_walk_of_720_is_tried_that_the_seed_chooses() {
        let paths = ["a", "b", "c", "d", "e", "f", "g"];
        let mut handlers: Vec<_> = paths.into_iter().map(|path| handler(path, &[])).collect();
        handlers.push(handler("h", &["a"]));
        let lines = lines(handlers);
        let (orders, all) = lines.orders(1);
        assert_eq!((AT_MOST, false), (orders.len(), all));
        assert_eq!(AT_MOST, orders.iter().collect::<BTreeSet<_>>().len());
        for (number, order) in orders.iter().enumerate() {
            let place = |index| order.0[0].iter().position(|other| *other == index);
            assert!(place(0) < place(7), "a wish was broken");
            let swaps = lines.swaps(order).into_iter();
            let mut neighbours = swaps.map(|swap| order.swapped(swap));
            let is_met = number == 0 || neighbours.any(|other| orders[..number].contains(&other));
            assert!(is_met, "an order has no neighbour");
        }
        assert_eq!(orders, lines.orders(1).0);
        assert_ne!(orders, lines.orders(2).0);
    }
}
