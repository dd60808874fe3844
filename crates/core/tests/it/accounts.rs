//! What several tests do to an account on the way.

use vestibule::prelude::*;
use vestibule_core::ChangeUserStatus;
use vestibule_testkit::TestKit;

/// Switches the account off, as trusted server code would.
pub(crate) async fn disable(kit: &TestKit, id: &ObjectId) {
    let event = ChangeUserStatus::new(id.clone(), UserStatus::Disabled);
    kit.code_runner()
        .submit_as_code_runner(event)
        .await
        .unwrap();
}
