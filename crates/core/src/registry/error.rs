/// Why the handlers do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Two handlers have one name, so that configuration and metrics could not tell them apart.
    #[error(
        "two handlers are called {path}: one at {first}, one at {second}; {}",
        if first == second { "it is named twice" } else { "rename one of them" }
    )]
    Duplicate {
        /// The name.
        path: &'static str,
        /// Where the first one stands.
        first: String,
        /// Where the second one stands.
        second: String,
    },
    /// The configuration names a handler that is not linked.
    #[error(
        "the configuration ({setting}) names the handler {path}, which is not linked into this \
         server; {advice}. linked are: {linked}"
    )]
    Unknown {
        /// The part of the configuration.
        setting: &'static str,
        /// The name.
        path: String,
        /// What to do about it.
        advice: String,
        /// The names that would do.
        linked: String,
    },
    /// A handler asks for rows of `Users` under the name of an event that they never are.
    #[error(
        "the handler {path} at {place} waits for {event} of the table Users, which never comes: \
         users have events of their own; make it a handler of {instead}"
    )]
    UsersHaveEventsOfTheirOwn {
        /// The handler's name.
        path: &'static str,
        /// Where it stands.
        place: String,
        /// The event that it asks for.
        event: &'static str,
        /// What to ask for instead.
        instead: &'static str,
    },
    /// Two handlers answer one event, so that nobody could say who does.
    #[error(
        "the event {event} is answered twice: at {first} and at {second}; take one of them away"
    )]
    AnsweredTwice {
        /// The event.
        event: &'static str,
        /// Where the first one stands.
        first: String,
        /// Where the second one stands.
        second: String,
    },
    /// A custom event has the name of one that every app has.
    #[error(
        "the event {event}, answered at {place}, has the name of an event that every app has; give it another one"
    )]
    ReservedEventName {
        /// The event.
        event: &'static str,
        /// Where it is answered.
        place: String,
    },
    /// Two API services have one name, so that no call could say which is meant.
    #[error(
        "the service '{service}' is there twice: at {first} and at {second}; give one of them another name"
    )]
    ServiceTwice {
        /// The service.
        service: &'static str,
        /// Where the first one stands.
        first: String,
        /// Where the second one stands.
        second: String,
    },
    /// Two methods of a service have one verb and paths that no call could tell apart.
    #[error(
        "the service '{service}' has {method} twice: at {first} and at {second}; give one of them \
         another verb or another path"
    )]
    MethodTwice {
        /// The service.
        service: &'static str,
        /// The verb and the path of the first one.
        method: String,
        /// Where the first one stands.
        first: String,
        /// Where the second one stands.
        second: String,
    },
    /// There is more than one thing that does not fit.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; moreover, "))]
    Several(Vec<RegistryError>),
    /// A timer has a schedule that no timer can have.
    #[error("the timer {path} at {place} cannot run: {why}")]
    ImpossibleTimer {
        /// Its name.
        path: &'static str,
        /// Where it stands.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// The configuration both expects and disables a handler.
    #[error(
        "the configuration both expects and disables the handler {path}; take one of them away"
    )]
    ExpectedAndDisabled {
        /// The name.
        path: String,
    },
    /// A handler wants to run before or after one that is not linked.
    #[error(
        "the handler {path} at {place} wants to run {option} {neighbour}, which is not linked into \
         this server; {advice}"
    )]
    UnknownNeighbour {
        /// The handler's name.
        path: &'static str,
        /// Where it stands.
        place: String,
        /// The option that says so.
        option: &'static str,
        /// The name of the other handler.
        neighbour: &'static str,
        /// What to do about it.
        advice: String,
    },
    /// A handler wants to run before or after one that it never meets.
    #[error(
        "the handler {path} at {place} wants to run {option} {neighbour} at {neighbours_place}, and no \
         event has both in one phase; take the option away"
    )]
    NeverMeet {
        /// The handler's name.
        path: &'static str,
        /// Where it stands.
        place: String,
        /// The option that says so.
        option: &'static str,
        /// The name of the other handler.
        neighbour: &'static str,
        /// Where the other one stands.
        neighbours_place: String,
    },
    /// A handler is for records of a table that there is not.
    #[error(
        "the handler {path} at {place} is for the table '{table}', which neither the database nor a \
         declaration has; {advice}"
    )]
    UnknownTable {
        /// The handler's name.
        path: &'static str,
        /// Where it stands.
        place: String,
        /// The table.
        table: &'static str,
        /// What to do about it.
        advice: String,
    },
    /// Handlers wait for each other.
    #[error(
        "handlers of {event} wait for each other, each wants to run before the next one: {}; take one \
         of the wishes away",
        around(handlers)
    )]
    Circle {
        /// The event.
        event: &'static str,
        /// The handlers and their places: each runs before the next one, and the last before the first.
        handlers: Vec<String>,
    },
}

/// The circle, back to where it began.
fn around(handlers: &[String]) -> String {
    let circle = handlers.iter().chain(handlers.first());
    circle.map(String::as_str).collect::<Vec<_>>().join(" > ")
}

impl RegistryError {
    /// One error of these, if there are any.
    pub(super) fn all_of(mut errors: Vec<Self>) -> Option<Self> {
        match errors.len() {
            0 | 1 => errors.pop(),
            _ => Some(Self::Several(errors)),
        }
    }
}
