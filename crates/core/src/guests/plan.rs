//! Who would go now and who would stay, and why, without touching anything.

use std::sync::Arc;

use futures::future::try_join_all;
use vestibule_model::{Clock, GuestSettings, ObjectId, OwnedRows, Settings, Timestamp};
use vestibule_storage::{GonePlace, GoneQuery, GuestCounts, Storage};

use super::{
    AtWork,
    looking::{Look, Looker},
    place::{Place, PlanPlace},
};
use crate::{
    Result,
    engine::Engine,
    operations::{PurgeGuest, PurgeReason},
    registry::Registry,
    sessions::{ActivityClock, SessionMemory},
    settings_store::SettingsStore,
};

/// Guests on one page at most.
const PAGE_AT_MOST: u64 = 1000;

/// Candidates that are looked at at once.
const AT_ONCE: u64 = 50;

/// Reads after which a page ends, however few are on it: there may be a million guests whom handlers
/// keep among the candidates.
const READS_PER_PAGE: u32 = 100;

/// A page of who would go now and who would stay, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GuestsPlan {
    /// Whether guests are removed at all, how often, and what becomes of their rows.
    pub settings: GuestSettings,
    /// Handlers of `PurgeGuest` that have a say before a guest goes. They were not asked: they may
    /// keep some who would go by this plan.
    pub handlers: usize,
    /// How many guests there are. Those who live are counted and not listed.
    pub counts: GuestCounts,
    /// When they were counted.
    pub counted_at: Timestamp,
    /// Guests without a live session by their rows, in the order in which they would be looked at;
    /// then those who are kept.
    pub guests: Vec<PlannedGuest>,
    /// Where the next page begins; nothing after the last one. A page may be empty though more come
    /// after it.
    pub next: Option<PlanPlace>,
}

/// What would become of one guest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedGuest {
    /// Who.
    pub id: ObjectId,
    /// When it came in.
    pub created: Timestamp,
    /// What would become of it.
    pub prospect: Prospect,
}

/// What would become of a guest, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prospect {
    /// It would go.
    Goes {
        /// Why.
        reason: PurgeReason,
        /// Since when it is gone, as far as that is known.
        since: Option<Timestamp>,
    },
    /// It stays: a session lives.
    LiveSession,
    /// It stays: one of its calls is running, or it is being converted.
    Call,
    /// It stays: it owns rows, and `guests.ownedRows` is `keep-guest`.
    OwnsRows,
    /// It stays: a handler keeps it.
    Kept {
        /// Until when.
        until: Timestamp,
    },
    /// It would go, but `guests.cleanup` is off, or `guests.sweepSeconds` is 0.
    CleanupIsOff {
        /// Why it would go.
        reason: PurgeReason,
        /// Since when it is gone, as far as that is known.
        since: Option<Timestamp>,
    },
}

impl Engine {
    /// Who would go now and who would stay, and why. Asks memory and database, and no handler.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    pub async fn guests_plan(&self, after: Option<PlanPlace>, limit: u64) -> Result<GuestsPlan> {
        let inner = &self.inner;
        let counts = self.count_guests().await?.counted;
        let planner = Planner {
            looker: Looker::of(inner),
            settings: inner.settings.current().guests.clone(),
        };
        let mut plan = planner.page(after, limit).await?;
        plan.handlers = handlers(&inner.registry);
        if let Some((counts, at)) = counts {
            (plan.counts, plan.counted_at) = (counts, at);
        }
        Ok(plan)
    }
}

impl GuestsPlan {
    /// The plan of a database that no engine of this process runs on. What a server that runs on it
    /// knows better than its rows, of the last seconds, is not known here. Guests are counted with the
    /// last page only, since that reads all of them.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    pub async fn of_storage(
        storage: &dyn Storage,
        clock: Arc<dyn Clock>,
        registry: &Registry,
        after: Option<PlanPlace>,
        limit: u64,
    ) -> Result<Self> {
        let settings: Arc<Settings> = SettingsStore::load(storage).await?.current();
        let (activity, _) = ActivityClock::begin(&clock, storage, &settings.sessions).await?;
        let has_neighbours = storage.has_neighbours();
        let sessions = SessionMemory::new(Arc::clone(&clock), activity, has_neighbours);
        let planner = Planner {
            looker: Looker {
                storage,
                sessions: &sessions,
                at_work: &AtWork::default(),
                clock: &*clock,
                settings: settings.sessions.clone(),
            },
            settings: settings.guests.clone(),
        };
        let mut plan = planner.page(after, limit).await?;
        plan.handlers = handlers(registry);
        if plan.next.is_none() {
            let expiry = sessions.expiry(&settings.sessions);
            plan.counted_at = clock.now();
            plan.counts = storage.guest_counts(&expiry, plan.counted_at).await?;
        }
        Ok(plan)
    }
}

fn handlers(registry: &Registry) -> usize {
    registry
        .chain::<PurgeGuest>()
        .map_or(0, |chain| chain.before.running().len())
}

/// Makes pages of a plan.
struct Planner<'a> {
    looker: Looker<'a>,
    settings: GuestSettings,
}

impl Planner<'_> {
    async fn page(&self, after: Option<PlanPlace>, limit: u64) -> Result<GuestsPlan> {
        let limit = limit.clamp(1, PAGE_AT_MOST);
        let mut guests = Vec::new();
        let mut place = after.map(|PlanPlace(place)| place);
        let mut reads = 0;
        let next = loop {
            let left = limit - (guests.len() as u64).min(limit);
            if left == 0 || reads == READS_PER_PAGE {
                break place;
            }
            reads += 1;
            place = match place {
                Some(Place::Kept(after)) => {
                    let (kept, next) = self.kept(after.as_ref(), left).await?;
                    guests.extend(kept);
                    next.map(|next| Place::Kept(Some(next)))
                }
                Some(Place::Gone(after)) => Some(self.gone(Some(after), left, &mut guests).await?),
                None => Some(self.gone(None, left, &mut guests).await?),
            };
            if place.is_none() {
                break None;
            }
        };
        Ok(GuestsPlan {
            settings: self.settings.clone(),
            handlers: 0,
            counts: GuestCounts::default(),
            counted_at: Timestamp::default(),
            guests,
            next: next.map(PlanPlace),
        })
    }

    /// Adds candidates of the cleanup.
    async fn gone(
        &self,
        after: Option<GonePlace>,
        limit: u64,
        guests: &mut Vec<PlannedGuest>,
    ) -> Result<Place> {
        let looker = &self.looker;
        let query = GoneQuery {
            expiry: looker.sessions.expiry(&looker.settings),
            now: looker.clock.now(),
            after,
            limit: limit.min(AT_ONCE),
        };
        let found = looker.storage.gone_guests(&query).await?;
        let owners = if self.settings.owned_rows == OwnedRows::KeepGuest {
            looker.storage.owns_anything(&found.guests).await?
        } else {
            Vec::new()
        };
        let is_on = self.settings.cleanup && self.settings.sweep_seconds > 0;
        let looks = try_join_all(found.guests.iter().map(|id| looker.look(id))).await?;
        let users = try_join_all(found.guests.iter().map(|id| looker.storage.user(id))).await?;
        for ((id, look), user) in found.guests.into_iter().zip(looks).zip(users) {
            let Some(user) = user else { continue };
            let prospect = match look {
                Look::Lives => Prospect::LiveSession,
                Look::AtWork => Prospect::Call,
                Look::Gone(_) if owners.contains(&id) => Prospect::OwnsRows,
                Look::Gone(gone) if is_on => Prospect::Goes {
                    reason: gone.reason,
                    since: gone.since,
                },
                Look::Gone(gone) => Prospect::CleanupIsOff {
                    reason: gone.reason,
                    since: gone.since,
                },
            };
            guests.push(PlannedGuest {
                id,
                created: user.created,
                prospect,
            });
        }
        Ok(found.next.map_or(Place::Kept(None), Place::Gone))
    }

    /// Guests that handlers keep.
    async fn kept(
        &self,
        after: Option<&ObjectId>,
        limit: u64,
    ) -> Result<(Vec<PlannedGuest>, Option<ObjectId>)> {
        let Looker { storage, clock, .. } = self.looker;
        let kept = storage.kept_guests(after, limit).await?;
        let is_full = kept.len() as u64 >= limit;
        let last = kept.last().map(|(id, _)| id.clone());
        let users = try_join_all(kept.iter().map(|(id, _)| storage.user(id))).await?;
        let now = clock.now();
        let guests = kept
            .into_iter()
            .zip(users)
            .filter_map(|((id, until), user)| {
                // Whose time is over stands among those who go.
                let user = user.filter(|_| until > now)?;
                Some(PlannedGuest {
                    id,
                    created: user.created,
                    prospect: Prospect::Kept { until },
                })
            });
        Ok((guests.collect(), last.filter(|_| is_full)))
    }
}

impl Prospect {
    /// The prospect as it is called in the admin API.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Goes { reason, .. } => reason.as_str(),
            Self::LiveSession => "liveSession",
            Self::Call => "call",
            Self::OwnsRows => "ownedRows",
            Self::Kept { .. } => "handler",
            Self::CleanupIsOff { .. } => "cleanupIsOff",
        }
    }

    /// Why the guest is gone, if nothing but the settings keeps it.
    pub const fn reason(&self) -> Option<PurgeReason> {
        match self {
            Self::Goes { reason, .. } | Self::CleanupIsOff { reason, .. } => Some(*reason),
            _ => None,
        }
    }

    /// Since when the guest is gone, as far as that is known.
    pub const fn since(&self) -> Option<Timestamp> {
        match self {
            Self::Goes { since, .. } | Self::CleanupIsOff { since, .. } => *since,
            _ => None,
        }
    }

    /// Until when a handler keeps the guest.
    pub const fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Kept { until } => Some(*until),
            _ => None,
        }
    }

    /// Whether the guest would go.
    pub const fn goes(&self) -> bool {
        matches!(self, Self::Goes { .. })
    }
}
