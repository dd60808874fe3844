use std::{
    collections::BTreeMap,
    fmt,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
};

use vestibule::prelude::*;
use vestibule_core::{Handler, JsonText, Reply, ResponseParts};

use crate::{TestKit, TestKitBuilder, orders::Lines};

/// What [`TestKitBuilder::check_orders`] found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OrderReport {
    /// The event.
    pub event: &'static str,
    /// How many orders were tried.
    pub orders: usize,
    /// Whether these are all orders that there are; a sample otherwise.
    pub is_complete: bool,
    /// The handlers whose order matters, each pair once.
    pub pairs: Vec<OrderPair>,
}

/// Two handlers whose order matters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrderPair {
    /// The one that runs first as things stand.
    pub first: &'static str,
    /// The other one.
    pub second: &'static str,
    /// Whether somebody wrote down which is first, with two numbers. If not, nothing but their names
    /// says so, and a handler that is renamed changes what the app does.
    pub is_written: bool,
    /// What came of it as things stand: the answer, and what observers saw.
    pub as_it_stands: String,
    /// What came of it the other way round, with all others where they were.
    pub swapped: String,
}

/// What observers saw.
#[derive(Debug, Default)]
struct Written(Mutex<Vec<String>>);

#[observe(collect = false)]
async fn write_down(seen: &SeenAny, witness: &Witness) -> Result<()> {
    let (event, ending) = (seen.event, seen.ending);
    let line = format!("{event} {ending:?}: {} -> {}", seen.input, seen.output);
    let written = witness.state::<Written>();
    let mut lines = written.0.lock().unwrap_or_else(PoisonError::into_inner);
    lines.push(line);
    Ok(())
}

impl TestKitBuilder {
    /// Runs an event in every order that its before and after handlers may run in, each in an app of its
    /// own, and says which handlers it matters for.
    ///
    /// `run` prepares the app and sends the event; it is called once for each order. An order may be
    /// another than the present one unless a handler says `before = ".."` or `after = ".."`: numbers
    /// (`order = -10`) are changed too. With more than 720 orders, 720 are tried that the
    /// [`seed`](TestKitBuilder::seed) chooses, and the report says so.
    ///
    /// Two orders differ if the answer does (outcome, status, headers, cookies), or what observers saw of
    /// this call and of those within it and after it. Ids are not compared: they come from the seed, in
    /// the order in which they are asked for.
    ///
    /// ```
    /// use vestibule::prelude::*;
    /// use vestibule_testkit::TestKit;
    ///
    /// #[before(collect = false)]
    /// async fn speak_french(event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    ///     event.properties.insert("blUserLocale".to_owned(), Value::from("fr"));
    ///     Ok(Flow::Continue)
    /// }
    ///
    /// #[before(collect = false)]
    /// async fn speak_german(event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    ///     event.properties.insert("blUserLocale".to_owned(), Value::from("de"));
    ///     Ok(Flow::Continue)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let report = TestKit::with::<speak_french>()
    ///     .and::<speak_german>()
    ///     .check_orders(async |kit| kit.anonymous().reply(LoginAsGuest::default()).await)
    ///     .await;
    /// assert_eq!(2, report.orders);
    /// let pair = &report.pairs[0];
    /// assert!(pair.first.ends_with("speak_french") && !pair.is_written);
    /// assert!(pair.as_it_stands.contains(r#""blUserLocale":"de""#));
    /// assert!(pair.swapped.contains(r#""blUserLocale":"fr""#));
    /// # }
    /// ```
    ///
    /// The trap: only what `run` does is tried. Handlers that meet for one kind of guest only need a `run`
    /// with such a guest.
    ///
    /// # Panics
    /// Fails the test when the app cannot start, and when `run` does.
    pub async fn check_orders<E: Event>(
        mut self,
        run: impl AsyncFn(&TestKit) -> Reply<E>,
    ) -> OrderReport {
        self.register(write_down::REGISTRATION);
        let lines = {
            let kit = self.clone().start().await;
            Lines::of(E::NAME, kit.engine().handlers())
        };
        let (orders, is_complete) = lines.orders(self.chosen_seed());
        let mut results = BTreeMap::new();
        for order in &orders {
            let mut recipe = self.clone();
            recipe.renumber(lines.numbers(order));
            results.insert(order.clone(), result(recipe, &run).await);
        }
        let mut pairs: Vec<OrderPair> = Vec::new();
        for order in &orders {
            for swap in lines.swaps(order) {
                let [first, second] = lines.pair(order, swap);
                let stands_so = lines.stands_so(first, second);
                let (result, other) = (&results[order], results.get(&order.swapped(swap)));
                let Some(other) = other.filter(|other| stands_so && *other != result) else {
                    continue;
                };
                let is_known = |pair: &OrderPair| {
                    (pair.first, pair.second) == (first.meta.path, second.meta.path)
                };
                if !pairs.iter().any(is_known) {
                    pairs.push(OrderPair {
                        first: first.meta.path,
                        second: second.meta.path,
                        is_written: first.switch.order() != second.switch.order(),
                        as_it_stands: result.clone(),
                        swapped: other.clone(),
                    });
                }
            }
        }
        OrderReport {
            event: E::NAME,
            orders: orders.len(),
            is_complete,
            pairs,
        }
    }
}

impl OrderReport {
    /// Fails the test if the order of any two handlers matters.
    ///
    /// # Panics
    /// Fails the test, and says what comes of which order.
    #[track_caller]
    pub fn expect_none(&self) {
        assert!(self.pairs.is_empty(), "{self}");
    }

    /// Fails the test if the order of two handlers matters that nobody wrote down: they have the same
    /// number, and neither wishes to be before or after the other.
    ///
    /// # Panics
    /// Fails the test, and says what comes of which order.
    #[track_caller]
    pub fn expect_written(&self) {
        let unwritten = self.pairs.iter().any(|pair| !pair.is_written);
        assert!(!unwritten, "{self}");
    }
}

impl fmt::Display for OrderReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (event, orders) = (self.event, self.orders);
        let which = if self.is_complete {
            "in all of its orders"
        } else {
            "in a sample of its orders"
        };
        let pairs = self.pairs.len();
        write!(
            f,
            "{event} ran {which} ({orders}): the order matters for {pairs} pairs of handlers"
        )?;
        for pair in &self.pairs {
            let (first, second) = (pair.first, pair.second);
            let why = if pair.is_written {
                "their numbers say which is first"
            } else {
                "only their names say which is first: write `before = \"..\"` or `after = \"..\"`"
            };
            write!(f, "\n\n{first}\nand {second}: {why}")?;
            write!(f, "\n  as it stands:\n{}", indented(&pair.as_it_stands))?;
            write!(f, "\n  the other way round:\n{}", indented(&pair.swapped))?;
        }
        Ok(())
    }
}

fn indented(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(|line| format!("    {line}")).collect();
    lines.join("\n")
}

/// What comes of a call in an app of its own, in words.
async fn result<E: Event>(
    recipe: TestKitBuilder,
    run: &impl AsyncFn(&TestKit) -> Reply<E>,
) -> String {
    let kit = recipe.start().await;
    let Reply { outcome, response } = run(&kit).await;
    kit.settled().await;
    let mut text = match outcome {
        Ok(output) => format!("answered {}", JsonText::of(E::describe_output(&output))),
        Err(error) => format!("failed with {}: {}", error.code().number(), error.message()),
    };
    if response != ResponseParts::default() {
        // Writing to a text cannot fail.
        let _ = write!(text, "\nwith {response:?}");
    }
    let written = kit.state::<Written>();
    let mut lines = written
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    lines.sort();
    for line in lines {
        let _ = write!(text, "\nseen {line}");
    }
    without_ids(&text)
}

/// The text with a word in the place of each objectId.
fn without_ids(text: &str) -> String {
    const LENGTH: usize = 36;
    let is_id = |text: &str| {
        text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    };
    let (mut left, mut kept) = (text, String::with_capacity(text.len()));
    while let Some(first) = left.chars().next() {
        match left.get(..LENGTH) {
            Some(start) if is_id(start) => {
                kept.push_str("ID");
                left = &left[LENGTH..];
            }
            _ => {
                kept.push(first);
                left = &left[first.len_utf8()..];
            }
        }
    }
    kept
}
