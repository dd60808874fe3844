//! A kit whose app is one of several servers.

use std::sync::Arc;

use vestibule_model::ManualClock;
use vestibule_storage::Neighbours as _;

use crate::{
    TestKit,
    neighbours::{Neighbour, Neighbourhood},
};

impl TestKit {
    /// Another server on the same database, by the same clock and with the same handlers. Clients of one
    /// may go on with their tokens at the other: see
    /// [`with_token`](crate::TestClient::with_token).
    ///
    /// ```
    /// use vestibule::prelude::*;
    /// use vestibule_testkit::TestKit;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let here = TestKit::bare().with_neighbours().start().await;
    /// let there = here.neighbour().await;
    /// let guest = here.guest().await;
    /// let same = there.anonymous().with_token(&guest.token().reveal());
    /// assert!(same.is_alive().await);
    /// # }
    /// ```
    ///
    /// The trap: what one server changes, the others hear a moment later, which no call here waits for.
    ///
    /// # Panics
    /// Fails the test unless the kit was started
    /// [`with_neighbours`](crate::TestKitBuilder::with_neighbours).
    pub async fn neighbour(&self) -> TestKit {
        self.neighbour_by(self.clock.clone()).await
    }

    /// The same, by a clock of its own.
    ///
    /// # Panics
    /// As [`neighbour`](TestKit::neighbour).
    pub async fn neighbour_by(&self, clock: ManualClock) -> TestKit {
        let neighbourhood = self.neighbourhood();
        let folder = self
            .folder
            .as_ref()
            .expect("the reason: only a restart takes it away");
        let mut recipe = self.recipe.clone();
        // Each server makes other ids.
        for _ in 0..neighbourhood.open() {
            recipe.reseed();
        }
        let (folder, storage) = (Arc::clone(folder), Arc::clone(&self.storage));
        let neighbourhood = Some(neighbourhood.clone());
        recipe.start_on(folder, clock, storage, neighbourhood).await
    }

    /// Loses all news of what other servers change. The server notices after a second of its clock.
    ///
    /// # Panics
    /// As [`neighbour`](TestKit::neighbour).
    pub fn lose_news(&self) {
        self.home().1.lose_news();
    }

    /// Hears of what other servers change again; what was missed stays missed.
    ///
    /// # Panics
    /// As [`neighbour`](TestKit::neighbour).
    pub fn hear_again(&self) {
        self.home().1.hear_again();
    }

    /// Whether this server hears of the others, and has followed what it missed.
    ///
    /// # Panics
    /// As [`neighbour`](TestKit::neighbour).
    pub fn hears(&self) -> bool {
        self.home().1.hears()
    }

    /// The database with all its servers, for further ones that are put together by hand.
    ///
    /// # Panics
    /// As [`neighbour`](TestKit::neighbour).
    pub fn neighbourhood(&self) -> &Neighbourhood {
        &self.home().0
    }

    fn home(&self) -> &(Neighbourhood, Arc<Neighbour>) {
        let home = self.home.as_ref();
        home.unwrap_or_else(|| panic!("start the first kit with `.with_neighbours()`"))
    }
}
