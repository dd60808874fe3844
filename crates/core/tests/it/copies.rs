//! How often the pipeline copies events and what comes of them: both may be large.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use serde::{Deserialize, Serialize};
use vestibule::prelude::*;
use vestibule_testkit::{TestKit, TestKitBuilder};

/// Counts its own copies.
#[derive(Debug, Default)]
struct Counted(Arc<AtomicU32>);

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(&self.0))
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(name = "weigh", output = Weighed, access = anyone)]
struct Weigh {
    #[serde(skip)]
    _counted: Counted,
    /// What counts the copies of the output.
    #[serde(skip)]
    of_output: Arc<AtomicU32>,
}

#[derive(Clone, Debug, Serialize)]
struct Weighed {
    #[serde(skip)]
    _counted: Counted,
}

#[answer(collect = false)]
async fn weigh(event: Weigh, _ctx: &Context) -> Result<Weighed> {
    let _counted = Counted(event.of_output);
    Ok(Weighed { _counted })
}

#[observe(collect = false)]
async fn see_everything(_seen: &SeenAny, _witness: &Witness) -> Result<()> {
    Ok(())
}

#[observe(collect = false)]
async fn see_weighings(_seen: &Seen<Weigh>, _witness: &Witness) -> Result<()> {
    Ok(())
}

/// The copies that are made of the event and of its output in one call.
async fn copies(kit: TestKitBuilder) -> (u32, u32) {
    let kit = kit.start().await;
    let [of_event, of_output] = [(); 2].map(|()| Arc::new(AtomicU32::new(0)));
    let event = Weigh {
        _counted: Counted(Arc::clone(&of_event)),
        of_output: Arc::clone(&of_output),
    };
    kit.anonymous().submit(event).await.unwrap();
    let count = |copies: Arc<AtomicU32>| copies.load(Ordering::Relaxed);
    (count(of_event), count(of_output))
}

#[tokio::test]
async fn only_an_observer_of_the_event_itself_gets_a_copy_of_it_and_its_output() {
    let (of_event, of_output) = copies(TestKit::with::<weigh>()).await;
    assert_eq!(0, of_output);

    // One copy of the event is kept, lest a call that is dropped half-way has nothing to show.
    let seen_by_all = copies(TestKit::with::<weigh>().and::<see_everything>()).await;
    assert_eq!((of_event + 1, 0), seen_by_all);

    let seen = copies(TestKit::with::<weigh>().and::<see_weighings>()).await;
    assert_eq!((of_event + 2, 1), seen);
}
