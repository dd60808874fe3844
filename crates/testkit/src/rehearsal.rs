//! Calls that are only tried.

use tempfile::TempDir;
use vestibule_core::{ExplainedCall, Json, Result};
use vestibule_model::ManualClock;
use vestibule_storage_sqlite::{Sqlite, SqliteOptions};

use crate::{TestClient, TestKit, client::not_forever};

impl TestClient<'_> {
    /// Runs the permission check and the before handlers of an event on a copy of the data, and says
    /// what each handler changed and decided. Nothing of it is seen in this kit: neither what handlers
    /// wrote, nor their calls, nor a mail.
    ///
    /// `input` has the fields as observers see them; a password may be given in the clear. The first
    /// call of the answer is the event itself, those after it are what handlers did by cloud code.
    ///
    /// ```
    /// use vestibule::prelude::*;
    /// use vestibule_core::Json;
    /// use vestibule_testkit::TestKit;
    ///
    /// #[before(collect = false)]
    /// async fn greet(event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    ///     event.properties.insert("name".to_owned(), "stranger".into());
    ///     Ok(Flow::Continue)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let kit = TestKit::with::<greet>().start().await;
    /// let nothing = Json::from_iter::<[(&str, &str); 0]>([]);
    /// let calls = kit.anonymous().rehearse("loginAsGuest", nothing).await?;
    /// assert_eq!("/properties/name", calls[0].steps[0].changes[0].field);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The trap: what handlers keep in memory with `ctx.state()` is not copied, and begins anew.
    ///
    /// # Errors
    /// 3042 if there is no such event, 8008 with the field's path if the input does not fit. That the
    /// call would be refused is no error: the answer says so.
    ///
    /// # Panics
    /// Fails the test if the client's token is dead, or if the data cannot be copied.
    pub async fn rehearse(&self, event: &str, input: Json) -> Result<Vec<ExplainedCall>> {
        let copy = self.kit().copy().await;
        let request = self.on(&copy).request().await;
        let rehearsed = not_forever(copy.engine.rehearse(request, event, input)).await;
        not_forever(copy.engine.shut_down()).await;
        copy.abandon();
        rehearsed
    }
}

impl TestKit {
    /// The same app on a copy of its data, at the same time of a clock of its own.
    async fn copy(&self) -> Self {
        let folder = TempDir::with_prefix("vestibule-testkit-").expect("a temporary folder");
        // A session that was used in memory only may look too old. If the storage is broken on
        // purpose, that is how it shall be.
        drop(not_forever(self.engine.flush_activity()).await);
        let [from, to] = [self.folder(), folder.path()].map(SqliteOptions::in_folder);
        Sqlite::copy(&from, &to).unwrap_or_else(|error| panic!("{error}"));
        let mut recipe = self.recipe.clone();
        // The ids that this app made are taken.
        recipe.reseed();
        recipe
            .start_in(folder, ManualClock::at(self.engine.now()))
            .await
    }
}
