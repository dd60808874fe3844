//! What came of a rehearsal, for people and for programs.

use std::{fmt::Write as _, path::PathBuf, time::Duration};

use serde_json::{Map, Value as Json, json};
use vestibule_core::{Decision, Ending, ExplainedCall, ExplainedStep, FieldChange};
use vestibule_model::{KeyKind, ObjectId};

pub(super) struct Report {
    /// Whose data was copied; none if there was no database yet.
    pub(super) data: Option<PathBuf>,
    pub(super) user: Option<ObjectId>,
    pub(super) key: KeyKind,
    /// The event itself, and the calls that handlers made.
    pub(super) calls: Vec<ExplainedCall>,
    /// What would run after the operation.
    pub(super) after: Vec<&'static str>,
    /// Why handlers failed, by path.
    pub(super) failures: Vec<(&'static str, String)>,
}

impl Report {
    pub(super) fn text(&self) -> String {
        let Some((call, led_to)) = self.calls.split_first() else {
            return "nothing was tried\n".to_owned();
        };
        let mut text = format!(
            "{} by {}, with the {} key, {}\n\n",
            name(call),
            match &self.user {
                None => "nobody".to_owned(),
                Some(user) => user.to_string(),
            },
            self.key.as_str(),
            match &self.data {
                Some(data) => format!("on a copy of {}", data.display()),
                None => "on an empty database, since there is none yet".to_owned(),
            }
        );
        self.steps(&mut text, call, "");
        if call.steps.is_empty() {
            text.push_str("no before handler ran\n");
        }
        if !led_to.is_empty() {
            text.push_str("\nhandlers did by cloud code, on the copy:\n");
        }
        for call in led_to {
            let indent = "  ".repeat(call.depth);
            let ending = call.ending.map_or("did not end", |ending| ending.as_str());
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{indent}{}: {ending}", name(call));
            self.steps(&mut text, call, &format!("{indent}  "));
        }
        let _ = writeln!(text, "\nnext: {}", self.next(call));
        text
    }

    fn steps(&self, text: &mut String, call: &ExplainedCall, indent: &str) {
        for (number, step) in (1..).zip(&call.steps) {
            let Some((path, phase)) = step.handler else {
                continue;
            };
            let (phase, decision) = (phase.as_str(), step.decision.as_str());
            let _ = write!(text, "{indent}{number}  {path} ({phase}): {decision}");
            match self.failure(step) {
                Some(why) => writeln!(text, ": {why}"),
                None => writeln!(text),
            }
            .unwrap_or_default();
            for change in &step.changes {
                let _ = writeln!(text, "{indent}     {}", changed(change));
            }
            if step.changes.is_empty() && step.decision == Decision::Continued {
                let _ = writeln!(text, "{indent}     changed nothing");
            }
        }
    }

    /// Why a handler failed, if it did.
    fn failure(&self, step: &ExplainedStep) -> Option<&str> {
        let failed = matches!(step.decision, Decision::Failed | Decision::FailedOpen);
        let (path, _) = step.handler.filter(|_| failed)?;
        let mut failures = self.failures.iter();
        let (_, why) = failures.find(|(other, _)| *other == path)?;
        Some(why)
    }

    /// What would happen after the before handlers.
    fn next(&self, call: &ExplainedCall) -> String {
        let Some(ending) = call.ending else {
            let after = match self.after.as_slice() {
                [] => "no after handler is for it".to_owned(),
                [one] => format!("then the after handler {one}"),
                several => format!("then the after handlers {}", several.join(", ")),
            };
            return format!("the operation {} runs; {after}", name(call));
        };
        let hears = match (&call.output["code"], call.output["message"].as_str()) {
            (Json::Number(code), Some(message)) => format!("error {code} ({message})"),
            _ => call.output.to_string(),
        };
        match ending {
            Ending::Responded { handler } => {
                format!("{handler} has answered; nothing else runs, and the caller gets {hears}")
            }
            Ending::Denied => format!("the caller may not do this, and gets {hears}"),
            Ending::Refused { handler } => {
                format!("{handler} has ended the call; the caller gets {hears}")
            }
            _ => format!(
                "the call has ended ({}); the caller gets {hears}",
                ending.as_str()
            ),
        }
    }

    pub(super) fn json(&self) -> Json {
        let next = self.calls.first().map(|call| self.next(call));
        json!({
            "user": self.user.as_ref().map(ObjectId::as_str),
            "key": self.key.as_str(),
            "calls": self.calls.iter().map(|call| self.call(call)).collect::<Json>(),
            "afterHandlers": self.after,
            "next": next,
        })
    }

    /// The same fields as an explained answer of the API has.
    fn call(&self, call: &ExplainedCall) -> Json {
        json!({
            "event": call.event,
            "about": call.about,
            "depth": call.depth,
            "input": call.input,
            "steps": call.steps.iter().map(|step| self.step(step)).collect::<Json>(),
            "ending": call.ending.map(|ending| ending.as_str()),
            "output": call.output,
            "took": millis(call.took),
        })
    }

    fn step(&self, step: &ExplainedStep) -> Json {
        let mut json = json!({
            "handler": step.handler.map(|(path, _)| path),
            "phase": step.handler.map_or("operation", |(_, phase)| phase.as_str()),
            "decision": step.decision.as_str(),
            "took": millis(step.took),
            "changes": step.changes.iter().map(change).collect::<Json>(),
        });
        if let Some(why) = self.failure(step) {
            json["error"] = why.into();
        }
        json
    }
}

fn name(call: &ExplainedCall) -> String {
    match &call.about {
        None => call.event.to_owned(),
        Some(about) => format!("{} of {about}", call.event),
    }
}

fn changed(change: &FieldChange) -> String {
    let field = &change.field;
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("{field}: {before} -> {after}"),
        (None, Some(after)) => format!("{field}: added, {after}"),
        (Some(before), None) => format!("{field}: removed, it was {before}"),
        (None, None) => field.clone(),
    }
}

fn change(change: &FieldChange) -> Json {
    let mut json = Map::new();
    json.insert("field".to_owned(), change.field.as_str().into());
    for (name, value) in [("before", &change.before), ("after", &change.after)] {
        if let Some(value) = value {
            json.insert(name.to_owned(), value.clone());
        }
    }
    Json::Object(json)
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
