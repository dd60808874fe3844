//! What the engine can do: one file an operation, holding its event and its work.

mod add_relation;
mod assign_role;
mod attempt;
mod bulk_create;
mod bulk_remove;
mod bulk_save;
mod bulk_update;
mod bulk_upsert;
mod change_user_status;
mod children;
mod confirm_email;
mod convert_guest;
mod count;
mod count_in_group;
mod create;
mod create_email_confirmation_url;
mod debug;
mod deep_answer;
mod deep_permits;
mod deep_rows;
mod deep_save;
mod deep_tree;
mod delete_relation;
mod description;
mod email_confirmation;
mod find;
mod find_by_id;
mod group;
mod grouping;
mod guest_conflict;
mod guest_filler;
mod json_operations;
mod json_path;
mod load_relations;
mod login;
mod login_as_guest;
mod login_by_object_id;
mod logout;
mod matching_children;
mod merge_changes;
mod merge_outlook;
mod merge_plan;
mod merging;
mod operator_rows;
mod purge_guest;
mod reach;
mod record_properties;
mod register;
mod related_records;
mod relation_changes;
mod relation_text;
mod remove;
mod remove_user;
mod resend_confirmation;
mod restore_password;
mod role_changes;
mod role_filter;
mod saving;
mod set_password_by_link;
mod set_permission;
mod set_relation;
mod slices;
mod unassign_role;
mod update;
mod update_user;
mod upsert;
mod user_properties;
mod user_reach;
mod user_rows;
mod users_as_records;
mod verify_password;
mod weight;

pub use add_relation::AddRelation;
pub use assign_role::AssignRole;
pub use bulk_create::BulkCreate;
pub use bulk_remove::BulkRemove;
pub use bulk_update::BulkUpdate;
pub use bulk_upsert::BulkUpsert;
pub use change_user_status::ChangeUserStatus;
pub use children::Children;
pub use confirm_email::ConfirmEmail;
pub use convert_guest::ConvertGuest;
pub use count::Count;
pub use count_in_group::CountInGroup;
pub use create::Create;
pub use create_email_confirmation_url::{ConfirmationUrl, CreateEmailConfirmationUrl};
pub use deep_save::DeepSave;
pub use delete_relation::DeleteRelation;
pub use find::Find;
pub use find_by_id::FindById;
pub use group::Group;
pub use guest_conflict::GuestConflict;
pub use load_relations::LoadRelations;
pub use login::{LoggedIn, Login};
pub(crate) use login::{refusal, refuse_by_status};
pub use login_as_guest::LoginAsGuest;
pub use login_by_object_id::LoginByObjectId;
pub use logout::Logout;
pub use merge_outlook::{MergeOutlook, OwnedOutlook, ReferenceOutlook, RelationOutlook};
pub use merge_plan::MergePlan;
pub use purge_guest::{PurgeGuest, PurgeReason, Purged};
pub use register::Register;
pub use remove::Remove;
pub use remove_user::RemoveUser;
pub use resend_confirmation::ResendConfirmation;
pub use restore_password::RestorePassword;
pub use role_changes::RoleHolder;
pub(crate) use role_changes::{RoleChange, no_such_role, no_such_user, system_role};
pub use set_password_by_link::SetPasswordByLink;
pub use set_permission::SetPermission;
pub use set_relation::SetRelation;
pub use unassign_role::UnassignRole;
pub use update::Update;
pub use update_user::UpdateUser;
pub use upsert::Upsert;
pub(crate) use user_reach::may_find as may_find_user;
pub use users_as_records::Via;
pub use verify_password::VerifyPassword;

use crate::{event::Event, services::InvokeService, timers::RunTimer};

/// The name of every event, in the order in which they are listed.
pub const EVENT_NAMES: [&str; 40] = [
    LoginAsGuest::NAME,
    Login::NAME,
    LoginByObjectId::NAME,
    Register::NAME,
    ConvertGuest::NAME,
    GuestConflict::NAME,
    PurgeGuest::NAME,
    Logout::NAME,
    UpdateUser::NAME,
    RemoveUser::NAME,
    ChangeUserStatus::NAME,
    AssignRole::NAME,
    UnassignRole::NAME,
    VerifyPassword::NAME,
    RestorePassword::NAME,
    SetPasswordByLink::NAME,
    ConfirmEmail::NAME,
    ResendConfirmation::NAME,
    CreateEmailConfirmationUrl::NAME,
    Create::NAME,
    Update::NAME,
    Upsert::NAME,
    Remove::NAME,
    BulkCreate::NAME,
    BulkUpsert::NAME,
    BulkUpdate::NAME,
    BulkRemove::NAME,
    DeepSave::NAME,
    Find::NAME,
    FindById::NAME,
    Count::NAME,
    Group::NAME,
    CountInGroup::NAME,
    AddRelation::NAME,
    SetRelation::NAME,
    DeleteRelation::NAME,
    LoadRelations::NAME,
    SetPermission::NAME,
    InvokeService::NAME,
    RunTimer::NAME,
];
