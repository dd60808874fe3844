//! What it costs to dispatch a call: with 0, 1 and 10 empty handlers before it, next to the boxed
//! future that a handler cannot do without.
//!
//! `cargo bench -p vestibule-core` prints the times. The call is a `Logout` without a session,
//! whose operation does nothing, so that all there is to see is the pipeline.

use criterion::{Criterion, criterion_group, criterion_main};
use futures::future::BoxFuture;
use vestibule::prelude::*;
use vestibule_testkit::{TestKit, TestKitBuilder};

macro_rules! empty_handlers {
    ($($name:ident)+) => {
        $(
            #[before(collect = false)]
            async fn $name(_event: &mut Logout, _ctx: &Context) -> Result<Flow<Logout>> {
                Ok(Flow::Continue)
            }
        )+

        fn ten() -> TestKitBuilder {
            TestKit::bare()$(.and::<$name>())+
        }
    };
}

empty_handlers! { zero one two three four five six seven eight nine }

fn dispatch(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime of one thread");
    let mut group = criterion.benchmark_group("dispatch");
    for (name, recipe) in [
        ("no handler", TestKit::bare()),
        ("1 handler", TestKit::with::<one>()),
        ("10 handlers", ten()),
    ] {
        let kit = runtime.block_on(recipe.start());
        let request = runtime.block_on(kit.anonymous().request());
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let call = kit.engine().submit(request.clone(), Logout::default());
                runtime.block_on(call).outcome
            });
        });
    }
    // Entering the runtime costs more than a handler; the difference of the two is ten futures.
    for (name, count) in [("no bare boxed future", 0), ("10 bare boxed futures", 10)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                runtime.block_on(async {
                    for _ in 0..count {
                        let future: BoxFuture<'_, Result<Flow<Logout>>> =
                            Box::pin(async { Ok(Flow::Continue) });
                        let _ = std::hint::black_box(future).await;
                    }
                });
            });
        });
    }
    group.finish();
}

criterion_group!(benches, dispatch);
criterion_main!(benches);
