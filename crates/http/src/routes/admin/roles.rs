use axum::response::Response;
use vestibule_model::Role;
use vestibule_wire::admin::RoleBody;

use crate::answer;

/// `GET /admin/api/roles`: all roles. So far there are none but the system's.
pub(crate) async fn roles() -> Response {
    answer::json(&Role::ALL.map(RoleBody::of))
}
