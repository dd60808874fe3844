//! A storage that stands before another one hands reads on to it.

/// Hands all reads of this type on to what its method `below` answers.
macro_rules! hand_on_reads {
    ($storage:ty) => {
        const _: () = {
            use async_trait::async_trait;
            use vestibule_model::{
                HandlerSetting, LinkPurpose, ObjectId, OneTimeLink, Permission, Record, Row,
                Selector, Session, TimerState, Timestamp, User, Value,
            };
            use vestibule_storage::{
                Account, ActivityHistory, App, Apps, CountQuery, Expiry, FindQuery, GonePage,
                GoneQuery, GuestCounts, Guests, HandlerSettings, OneTimeLinks, Permissions,
                Records, RelatedQuery, Sessions, StorageError, StoredSession, Timers, Users,
            };

            use $crate::handing_on::hand_on;

            hand_on!($storage, Apps {
                app() -> Option<App>;
                settings() -> Vec<(String, Value)>;
            });
            hand_on!($storage, Guests {
                gone_guests(query: &GoneQuery) -> GonePage;
                guest_counts(expiry: &Expiry, now: Timestamp) -> GuestCounts;
                owned_rows(owner: &ObjectId) -> Vec<(String, u64)>;
                owns_anything(owners: &[ObjectId]) -> Vec<ObjectId>;
                kept_guests(after: Option<&ObjectId>, limit: u64) -> Vec<(ObjectId, Timestamp)>;
            });
            hand_on!($storage, HandlerSettings {
                handler_settings() -> Vec<HandlerSetting>;
            });
            hand_on!($storage, OneTimeLinks {
                one_time_link(selector: &Selector) -> Option<OneTimeLink>;
                one_time_link_of(user_id: &ObjectId, purpose: LinkPurpose) -> Option<OneTimeLink>;
            });
            hand_on!($storage, Permissions {
                permissions() -> Vec<Permission>;
                roles() -> Vec<String>;
                roles_of(users: &[ObjectId]) -> Vec<(ObjectId, Vec<String>)>;
            });
            hand_on!($storage, Records {
                find(query: &FindQuery) -> Vec<Row>;
                count(query: &CountQuery) -> u64;
                related(query: &RelatedQuery) -> Vec<(ObjectId, Vec<Record>)>;
            });
            hand_on!($storage, Sessions {
                session(selector: &Selector) -> Option<StoredSession>;
                sessions_of(user_id: &ObjectId) -> Vec<Session>;
                activity_history() -> ActivityHistory;
            });
            hand_on!($storage, Timers {
                timers() -> Vec<TimerState>;
            });
            hand_on!($storage, Users {
                user(id: &ObjectId) -> Option<User>;
                account(id: &ObjectId) -> Option<Account>;
                account_by_identity(identity: &str) -> Option<Account>;
            });
        };
    };
}

/// Hands the reads of one trait on.
macro_rules! hand_on {
    (
        $storage:ty,
        $trait:ident { $($name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)* }
    ) => {
        #[async_trait]
        impl $trait for $storage {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$answer, StorageError> {
                self.below().await?.$name($($argument),*).await
            })*
        }
    };
}

pub(crate) use {hand_on, hand_on_reads};
