use serde::Serialize;
use vestibule_model::Role;

/// One role, for the operator.
#[derive(Debug, Serialize)]
pub struct RoleBody {
    name: &'static str,
    system: bool,
}

impl RoleBody {
    /// Describes a system role.
    pub fn of(role: Role) -> Self {
        Self {
            name: role.as_str(),
            system: true,
        }
    }
}
