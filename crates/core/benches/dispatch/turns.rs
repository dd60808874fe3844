//! Cases take turns, and each is known by the median of its turns.

use std::time::Instant;

use tokio::runtime::Runtime;

use crate::{
    bare::{self, Layer, Needs},
    calls::Server,
    listeners::Listening,
};

/// Something to be timed.
pub(crate) struct Case<'a> {
    pub(crate) name: &'static str,
    pub(crate) listening: Listening,
    /// Handlers of a call, or boxed futures in their place.
    pub(crate) futures: u32,
    pub(crate) is_bare: bool,
    /// Does it so often.
    run: Box<dyn Fn(usize) + 'a>,
}

impl<'a> Case<'a> {
    pub(crate) fn bare(name: &'static str, layer: Layer, runtime: &'a Runtime) -> Self {
        let needs = Needs::default();
        Self {
            name,
            listening: Listening::Nobody,
            futures: bare::FUTURES,
            is_bare: true,
            run: Box::new(move |times| {
                runtime.block_on(async {
                    for _ in 0..times {
                        bare::ten(layer, &needs).await;
                    }
                });
            }),
        }
    }

    pub(crate) fn call(
        name: &'static str,
        server: &'a Server,
        listening: Listening,
        runtime: &'a Runtime,
    ) -> Self {
        Self {
            name,
            listening,
            futures: u32::try_from(server.handlers.len()).unwrap_or(u32::MAX),
            is_bare: false,
            run: Box::new(move |times| {
                runtime.block_on(async {
                    for _ in 0..times {
                        server.call().await;
                    }
                });
            }),
        }
    }
}

/// Nanoseconds of each case, in each of its turns.
pub(crate) struct Times(Vec<Vec<f64>>);

impl Times {
    pub(crate) fn median(&self, case: usize) -> f64 {
        let mut turns = self.0[case].clone();
        turns.sort_by(f64::total_cmp);
        turns[turns.len() / 2]
    }
}

/// Lets every case have its turn in every round.
pub(crate) fn take(cases: &mut [Case<'_>], rounds: usize, calls_each: usize) -> Times {
    let mut times = vec![Vec::with_capacity(rounds); cases.len()];
    for _ in 0..rounds {
        for (case, times) in cases.iter().zip(&mut times) {
            let took = case.listening.around(|| {
                // Places of the log find out who listens when they are come by.
                (case.run)(1);
                let began = Instant::now();
                (case.run)(calls_each);
                began.elapsed()
            });
            #[expect(clippy::cast_precision_loss, reason = "some hundred calls")]
            times.push(took.as_secs_f64() * 1e9 / calls_each as f64);
        }
    }
    Times(times)
}

/// The place of a case, and that of the call without handlers that it is compared with.
pub(crate) fn pair(cases: &[Case<'_>], name: &str, listening: Listening) -> (usize, Option<usize>) {
    let find = |wanted: &dyn Fn(&Case<'_>) -> bool| {
        cases
            .iter()
            .position(|case| case.listening == listening && wanted(case))
    };
    let case = find(&|case| case.name == name).expect("a case of that name");
    let base = find(&|case| case.futures == 0 && !case.is_bare);
    (case, base.filter(|_| !cases[case].is_bare))
}
