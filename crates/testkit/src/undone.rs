//! What a test leaves undone.

use crate::TestKit;

/// What the app of this kit has begun and not finished, a line for each.
pub(crate) fn undone(kit: &TestKit) -> Vec<String> {
    let unfinished = kit.engine.unfinished();
    let mut undone = Vec::new();
    for (event, count) in &unfinished.later {
        undone.push(format!(
            "{event}, {count} times: an effect, or an event that nobody waits for, has not run to its \
             end; await `kit.settled()`"
        ));
    }
    for timer in &unfinished.timers {
        undone.push(format!(
            "the timer {timer} is running; let it end with `kit.advance(..)`"
        ));
    }
    if unfinished.mails > 0 {
        let count = unfinished.mails;
        undone.push(format!("{count} mails are under way; await `kit.mails()`"));
    }
    // A timer and the effects of a call count as one call each; they are named above.
    if unfinished.calls > 0 && unfinished.later.is_empty() && unfinished.timers.is_empty() {
        let (count, given_up) = (unfinished.calls, kit.unreliable.calls.given_up());
        let which = match given_up.as_slice() {
            [] => String::new(),
            events => format!("; clients gave up waiting for {}", events.join(", ")),
        };
        undone.push(format!(
            "{count} calls are still running{which}: await them"
        ));
    }
    let left = kit.unreliable.calls.left_sessions();
    undone.extend(left);
    if unfinished.leftovers > 0 {
        let count = unfinished.leftovers;
        undone.push(format!(
            "the traces of {count} failed calls, which the storage would not remove; let it answer \
             again with `kit.mend_storage()`, and time pass with `kit.advance(..)`"
        ));
    }
    undone
}
