//! What one call did, step by step.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Map, Value as Json};
use vestibule_model::Monotonic;

use crate::{
    Result,
    context::Context,
    event::{Event, Flow, Outcome, describe_error},
    guard::Failure,
    json_text::JsonText,
    observer::Ending,
    registration::{Meta, OnFailure, Phase},
};

/// Calls that one explanation tells of, at most: a call may lead to very many.
const CALLS_AT_MOST: usize = 200;

/// Changed fields that one step tells of, at most.
const CHANGES_AT_MOST: usize = 100;

/// What a call did and which calls it led to, for whoever looks into it.
///
/// It goes with a [`ClientRequest`](crate::ClientRequest) and is read when that has been answered.
/// Clones share what was written. Secrets are masked, as they are for observers.
#[derive(Clone, Default)]
pub struct Explanation(Arc<Mutex<Vec<ExplainedCall>>>);

/// One call: the one that was asked for, or one that it led to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExplainedCall {
    /// The name of the event.
    pub event: &'static str,
    /// What it is about: a table, a method, a timer.
    pub about: Option<String>,
    /// How many calls led to it.
    pub depth: usize,
    /// The event as it came.
    pub input: Json,
    /// What was done, in its order.
    pub steps: Vec<ExplainedStep>,
    /// How it ended; none while it runs.
    pub ending: Option<Ending>,
    /// What the caller gets: the output, or `{"code", "message"}`.
    pub output: Json,
    /// How long it took.
    pub took: Duration,
}

/// What a handler did, or the operation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExplainedStep {
    /// The handler and its phase; none for the operation.
    pub handler: Option<(&'static str, Phase)>,
    /// How long it took.
    pub took: Duration,
    /// What it decided.
    pub decision: Decision,
    /// What it changed: of the event, or of the outcome.
    pub changes: Vec<FieldChange>,
}

/// What a handler decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// To go on.
    Continued,
    /// To answer in the operation's place; or to make a success of a failure.
    Answered,
    /// To refuse; or to make a failure of a success.
    Refused,
    /// Nothing: it failed, and the call with it.
    Failed,
    /// Nothing: it failed, and the call goes on without it.
    FailedOpen,
}

impl Decision {
    /// The decision as it is written in an explanation: `continued`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Continued => "continued",
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::FailedOpen => "failed, and the call goes on",
        }
    }
}

impl Decision {
    pub(crate) fn of_before<E: Event>(
        answer: &std::result::Result<Result<Flow<E>>, Failure>,
        meta: &Meta,
    ) -> Self {
        match answer {
            Ok(Ok(Flow::Continue)) => Self::Continued,
            Ok(Ok(Flow::Respond(_))) => Self::Answered,
            Ok(Err(error)) if !error.is_internal() => Self::Refused,
            Ok(Err(_)) | Err(_) => Self::of_a_failure(meta),
        }
    }

    pub(crate) fn of_after<E: Event>(
        given: &Outcome<E>,
        answer: &std::result::Result<Outcome<E>, Failure>,
        meta: &Meta,
    ) -> Self {
        match (given, answer) {
            (_, Err(_)) => Self::of_a_failure(meta),
            (Ok(_), Ok(Err(error))) if error.is_internal() => Self::of_a_failure(meta),
            (Ok(_), Ok(Err(_))) => Self::Refused,
            (Err(_), Ok(Ok(_))) => Self::Answered,
            (Ok(_), Ok(Ok(_))) | (Err(_), Ok(Err(_))) => Self::Continued,
        }
    }

    fn of_a_failure(meta: &Meta) -> Self {
        match meta.on_failure {
            OnFailure::Open => Self::FailedOpen,
            OnFailure::Closed => Self::Failed,
        }
    }
}

/// A field that was changed.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// Which one, as a JSON pointer (RFC 6901): `/properties/name`.
    pub field: String,
    /// What it was, if it was there.
    pub before: Option<Json>,
    /// What it is now, if it is still there.
    pub after: Option<Json>,
}

impl Explanation {
    /// The calls so far, in the order in which they began.
    pub fn calls(&self) -> Vec<ExplainedCall> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<ExplainedCall>> {
        // Each change leaves a sound list, so a poisoned lock holds one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explanation").finish_non_exhaustive()
    }
}

/// Where one call writes down what it does.
#[derive(Clone)]
pub(crate) struct Note {
    explanation: Explanation,
    index: usize,
    began: Monotonic,
}

impl Note {
    /// Begins to write about a call; there may be no room for it.
    pub(crate) fn begin<E: Event>(
        explanation: &Explanation,
        event: &E,
        depth: usize,
        now: Monotonic,
    ) -> Option<Self> {
        let mut calls = explanation.lock();
        let index = calls.len();
        if index >= CALLS_AT_MOST {
            return None;
        }
        calls.push(ExplainedCall {
            event: E::NAME,
            about: event.instance().map(str::to_owned),
            depth,
            input: describe_event(event),
            steps: Vec::new(),
            ending: None,
            output: Json::Null,
            took: Duration::ZERO,
        });
        Some(Self {
            explanation: explanation.clone(),
            index,
            began: now,
        })
    }

    /// Writes down how the call ended.
    pub(crate) fn end<E: Event>(&self, outcome: &Outcome<E>, ending: Ending, now: Monotonic) {
        if let Some(call) = self.explanation.lock().get_mut(self.index) {
            call.output = describe_outcome::<E>(outcome);
            call.ending = Some(ending);
            call.took = now.since(self.began);
        }
    }
}

/// A step that is being done. It costs one branch where nobody wants an explanation.
pub(crate) struct StepNote(Option<Box<Begun>>);

struct Begun {
    handler: Option<(&'static str, Phase)>,
    began: Monotonic,
    before: Json,
    decision: Decision,
}

impl StepNote {
    /// Begins to write about a handler, or about the operation, with what it may change.
    #[inline]
    pub(crate) fn begin(ctx: &Context, meta: Option<&Meta>, before: impl FnOnce() -> Json) -> Self {
        if ctx.note().is_none() {
            return Self(None);
        }
        Self(Some(Box::new(Begun {
            handler: meta.map(|meta| (meta.path, meta.phase)),
            began: ctx.monotonic(),
            before: before(),
            decision: Decision::Continued,
        })))
    }

    /// Says what was decided; to go on, if nobody does.
    #[inline]
    pub(crate) fn decided(&mut self, decision: impl FnOnce() -> Decision) {
        if let Some(begun) = &mut self.0 {
            begun.decision = decision();
        }
    }

    /// Writes down what was decided and changed.
    #[inline]
    pub(crate) fn end(self, ctx: &Context, after: impl FnOnce() -> Json) {
        if let (Some(begun), Some(note)) = (self.0, ctx.note()) {
            // What a handler did that fails open is undone.
            let is_undone = begun.decision == Decision::FailedOpen;
            begun.end(note, ctx.monotonic(), (!is_undone).then(after));
        }
    }
}

impl Begun {
    fn end(self, note: &Note, now: Monotonic, after: Option<Json>) {
        let mut changes = Vec::new();
        if let Some(after) = after {
            compare("", &self.before, &after, &mut changes);
        }
        if let Some(call) = note.explanation.lock().get_mut(note.index) {
            call.steps.push(ExplainedStep {
                handler: self.handler,
                took: now.since(self.began),
                decision: self.decision,
                changes,
            });
        }
    }
}

/// The event of a call as JSON, secrets masked.
pub(crate) fn describe_event<E: Event>(event: &E) -> Json {
    JsonText::of(event.describe()).to_json()
}

/// The outcome of a call as JSON, secrets masked.
pub(crate) fn describe_outcome<E: Event>(outcome: &Outcome<E>) -> Json {
    match outcome {
        Ok(output) => JsonText::of(E::describe_output(output)).to_json(),
        Err(error) => describe_error(error),
    }
}

/// Finds the fields that differ, the innermost ones.
fn compare(at: &str, before: &Json, after: &Json, changes: &mut Vec<FieldChange>) {
    if before == after || changes.len() >= CHANGES_AT_MOST {
        return;
    }
    let (Json::Object(old), Json::Object(new)) = (before, after) else {
        changes.push(FieldChange {
            field: at.to_owned(),
            before: Some(before.clone()),
            after: Some(after.clone()),
        });
        return;
    };
    compare_objects(at, old, new, changes);
}

fn compare_objects(
    at: &str,
    old: &Map<String, Json>,
    new: &Map<String, Json>,
    changes: &mut Vec<FieldChange>,
) {
    let added = new.keys().filter(|name| !old.contains_key(*name));
    for name in old.keys().chain(added) {
        let field = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        match (old.get(name), new.get(name)) {
            (Some(before), Some(after)) => compare(&field, before, after, changes),
            (before, after) => changes.push(FieldChange {
                field,
                before: before.cloned(),
                after: after.cloned(),
            }),
        }
    }
    changes.truncate(CHANGES_AT_MOST);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn changes_are_told_field_by_field() {
        let mut changes = Vec::new();
        let before = json!({ "a": 1, "b": { "c/d": [1], "e": 2 }, "gone": null });
        let after = json!({ "a": 1, "b": { "c/d": [1, 2], "e": 2 }, "new": true });
        compare("", &before, &after, &mut changes);
        let told: Vec<_> = changes
            .iter()
            .map(|change| (change.field.as_str(), &change.before, &change.after))
            .collect();
        assert_eq!(
            vec![
                ("/b/c~1d", &Some(json!([1])), &Some(json!([1, 2]))),
                ("/gone", &Some(Json::Null), &None),
                ("/new", &None, &Some(json!(true))),
            ],
            told
        );
    }
}
