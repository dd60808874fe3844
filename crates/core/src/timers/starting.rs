//! What the start of an engine does about its timers.

use std::collections::BTreeMap;

use vestibule_model::{TimerState, Timestamp};
use vestibule_storage::{Change, Storage};

use super::Timers;
use crate::Result;

/// Writes down when each timer is due that was not known yet, or had another schedule. The ticks of all
/// others stay as they are, however often servers are started.
pub(crate) async fn schedule_all(
    storage: &dyn Storage,
    timers: &Timers,
    now: Timestamp,
) -> Result<()> {
    if timers.is_empty() {
        return Ok(());
    }
    let known = storage.timers().await?;
    let known: BTreeMap<&str, &TimerState> = known
        .iter()
        .map(|state| (state.path.as_str(), state))
        .collect();
    let mut changes = Vec::new();
    for (path, timer) in timers {
        let schedule = &timer.ticks.words;
        if known
            .get(path)
            .is_some_and(|state| state.schedule == *schedule)
        {
            continue;
        }
        let due = timer.ticks.first(now);
        match due {
            Some(_) => tracing::info!(timer.name = path, schedule, "a timer was scheduled"),
            None => tracing::warn!(
                timer.name = path,
                schedule,
                "a timer will not run by itself: all its ticks were over before it was first linked"
            ),
        }
        changes.push(Change::ScheduleTimer {
            path: (*path).to_owned(),
            schedule: schedule.clone(),
            due,
        });
    }
    if !changes.is_empty() {
        storage.apply(changes).await?;
    }
    Ok(())
}
