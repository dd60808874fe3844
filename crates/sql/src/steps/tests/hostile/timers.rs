use vestibule_model::{TimerLease, Timestamp};
use vestibule_storage::{Change, Precondition};

use super::{HOSTILE, hostile_id};

/// Changes of timers.
pub(in super::super) fn hostile_changes_of_timers() -> Vec<Change> {
    let at = Timestamp::default();
    let hostile = || HOSTILE.to_owned();
    let mut changes = vec![
        Change::Require(Precondition::TimerIsDue {
            path: hostile(),
            due: at,
        }),
        Change::Require(Precondition::TimerIsIdle {
            path: hostile(),
            now: at,
        }),
        Change::BeginTimer {
            path: hostile(),
            lease: TimerLease {
                holder: hostile_id(),
                since: at,
                until: at,
            },
        },
    ];
    for due in [Some(at), None] {
        changes.extend([
            Change::ScheduleTimer {
                path: hostile(),
                schedule: hostile(),
                due,
            },
            Change::EnableTimer {
                path: hostile(),
                enabled: true,
                due,
            },
            Change::AdvanceTimer {
                path: hostile(),
                next: due,
                skipped: u64::MAX,
            },
        ]);
    }
    changes.extend([Some(hostile()), None].map(|error| Change::EndTimer {
        path: hostile(),
        holder: hostile_id(),
        at,
        error,
    }));
    changes
}
